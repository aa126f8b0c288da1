package main

import (
	"log/slog"
	"net"
	"syscall"

	"golang.org/x/net/netutil"
)

// otherFiles is how many open files a process needs beside its public and database connections: Redis, provider, journal.
const otherFiles = 180

// bounded lets at most limit connections be open at once; more wait in the system's queue. The system's own limit of open
// files bounds it too: a process that runs out of them could not even open its journal.
func bounded(l net.Listener, limit, database int, log *slog.Logger) net.Listener {
	var files syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &files); err == nil && files.Cur < uint64(limit+database+otherFiles) {
		room := max(int(files.Cur)-database-otherFiles, int(files.Cur)/2, 1)
		log.Warn("this process may open too few files for JARI_MAX_CONNECTIONS: raise the limit (ulimit -n, LimitNOFILE)",
			"wanted", limit, "bounded_to", room, "files", files.Cur)
		limit = room
	}
	return netutil.LimitListener(l, limit)
}
