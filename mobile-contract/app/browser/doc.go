// Package browser tries the app, and the other pages that people see, in a real Chromium: without a line, with answers that break off, in two
// tabs, by keyboard alone, in both languages, and for barriers. It has tests only, behind the build tag "browser", so that
// go test ./... needs no browser: make test-browser runs them.
//
// There is one test, TestBrowser, because all of it shares one Chromium and one sandbox; scenarios are its parts. A scenario has
// a device (one browser profile, with tabs) at the end of a line of its own (an HTTP proxy that can be cut, slowed and
// held) to a sandbox, and finds people for itself. What moves the sandbox's clock starts a sandbox of its own.
package browser
