// Package bench is what `jari bench` is made of: people to apply, a load generator that keeps a beat or goes as fast as
// answers come, what a process costs, and the report. It knows servers from outside only; package main starts them.
//
// The generator shares the processors with what it measures. So requests are made by writing digits into a prepared
// request, a connection is one goroutine, and a latency is one atomic addition.
package bench
