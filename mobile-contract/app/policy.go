package app

// Policy is the app's Content-Security-Policy: everything is our own, nothing is inline, and only the service worker's address may
// become one from text.
const Policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; manifest-src 'self'; worker-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types jari"

// Prefix is where the app stands on a server.
const Prefix = "/app/"
