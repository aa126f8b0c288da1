// Package client is a client of the contract that works without a connection: what a person does is written into an
// outbox on the device's disk first, and sent from there until the server has answered. ../OFFLINE.md says in words what
// this package does; an app team that writes its own client can read both side by side.
//
// The protocol itself is pure: a State, a Pen that writes into it what the person does, and three functions between State
// and server: Next (what to send now, or when), Took (an answer came) and Failed (none came). Time, ids and chance are
// arguments. Around it stand a Store (Memory, Folder), a Transport (HTTP), and a Client that puts them together:
//
//	c, err := client.Open(store, transport)
//	err = c.Write(func(p client.Pen) error { return p.Apply(id) }) // nil: it is on the disk
//	wait, err := c.Sync(ctx)                                         // send and fetch; again after wait
//
// The package knows the contract's types and nothing else of the house.
package client
