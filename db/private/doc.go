// Package private starts servers of one's own: a PostgreSQL and a Redis that belong to the process that started them,
// listen on 127.0.0.1 only, on ports that were free, behind a random password, and end with that process, also when it
// is killed. The demo runs on them, and so do the tests. In production the servers are somebody else's and this package
// is not used.
//
// Start with [StartPostgres] and [StartRedis]. Tests call [Shared], which takes the servers that `make test` has
// started once for all packages, or starts a pair when there is none, so that a plain `go test ./db/...` works too.
//
// The programs have to be on the machine: `make setup` installs them. PostgreSQL refuses to run as root, so when this
// process is root, the servers run as the user postgres, or nobody.
package private
