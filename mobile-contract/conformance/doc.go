// Package conformance holds a server against the contract, from outside. It knows the server through openapi.yaml only: it applies for invented
// people, repeats, cuts its own connections, hands in batches in pieces, forges stamps and names other people's references, and says of each
// promise whether it was kept.
//
// A check (checks_*.go) is a name, the contract's sentence, and a function over a trial (trial.go). Whatever any check is answered is also held
// against openapi.yaml (judge.go). What needs texts to be read or the clock to be moved is tried on a sandbox only (sandbox.go), and
// is reported as not tried elsewhere. Run (run.go) makes a Report, which prints itself as a table or as JSON (report.go).
//
// The people are new in each run, with numbers that nobody has (010-0…), so that a server can be tried again. A live campaign is refused
// unless the server is a sandbox.
package conformance
