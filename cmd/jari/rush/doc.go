// Package rush replays an opening: many invented people who all apply in the same minute, by app, by text and through
// agents, over bad lines, with impatient thumbs, and some of them cheating. Then it judges the system by what could be
// seen from outside.
//
// It knows the system only from outside: HTTP, and the texts on the phones. [New] reads the campaign and refuses one
// that is live; [Rush.Run] drives the crowd (plan.go says who does what when, driver.go and worker.go do it), reads the
// order in which people stand (order.go), and judges (judge.go). [WriteReport] makes a page of it.
//
// Instants are nanoseconds of this process's monotonic clock since the opening: sent is taken before a request's first
// byte is written, received after an answer's last byte was read.
package rush
