// Package app is the reference app: what the server hands out under /app/. The sources stand in src as TypeScript, and the
// program itself makes of them what a browser needs, so that nobody has a build step and nothing made can be out of date.
package app
