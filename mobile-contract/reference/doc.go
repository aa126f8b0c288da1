// Package reference makes the contract readable: one page of all operations and types, and one for each kind of problem.
//
// The pages are plain HTML and one style sheet, made from openapi.yaml when the server is first asked for them. They run no
// script and ask no other server for anything, so they stand under the strictest Content-Security-Policy, and are read on
// any phone. tree.go reads the contract in its order, view.go and schema.go say what is on the page, page.html how.
package reference
