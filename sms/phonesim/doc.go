// Package phonesim is a simulated phone network that speaks Twilio's REST interface for messages over real HTTP, or that of docs/gateway.md, so
// that demonstrations, load runs and fault tests need no provider, no money and no real handset.
//
// A program sends texts to it as it would to Twilio; the rules that Twilio publishes are enforced with Twilio's error
// codes. People are simulated by Text, by the wall of phones at / or by POST /sim/texts; their texts are posted, signed,
// to the configured webhook, and so are the receipts of texts that were sent to them. Faults (429, 503, an accepted text
// whose answer never comes, repeated and disordered receipts) happen to order and repeat with the same seed. The log
// holds exactly what the handsets showed, so that a caller can count doubles from the outside.
//
// # A gateway
//
// With Config.Gateway it is an aggregator behind docs/gateway.md and not Twilio: asked at /gateway, both ways signed, each text taken once under its
// key. Handsets, numbers, faults and the wall are the same. What Twilio does by itself it does not: a STOP opts nobody out, the answer to a
// phone's text shows nothing, and a text that was not taken is posted again for an hour.
//
// # Numbers of the account
//
// Each number that texts are sent from has rules of its own (Number): how many texts it may send in a second, and what
// happens to more. By default they wait and leave one after the other, which is what Twilio does: the text is accepted
// and its receipts come late. Over OverRefuse they are refused with 429 and Retry-After, as by a gateway without a queue
// (Twilio answers so only when too many requests come at once). A text that waits longer than the queue holds it fails
// with 30001, one whose validity period ends first with 30036; a text for a full queue is refused with 429 and 21611.
// A carrier may filter all that a number sends (30007).
//
// # Handsets
//
// Each handset has a state (Handset), which counts at the instant at which a text leaves for it: not in service (30005), a
// fixed line (30006 by receipt, or 21614 at once), behind a carrier that filters some of our numbers (30007), switched off
// or full (both 30003, Twilio's word for "unavailable": its dictionary has none for a full memory). Such a text is never
// shown, also not later. A phone that texts STOP, or one of Twilio's other words, to one of our numbers is told so by the
// provider and gets nothing more from that number (21610) until it texts START; the webhook sees these texts too.
// Handsets in Korea show the carrier's line above a text: [Web발신], or [국제발신] from a number abroad. It is no part of
// the body.
//
// # What people text
//
// An inbound webhook that fails is tried HookRetries times again and then stands only in the list, where Twilio's users
// find it: GET Messages.json has the messages of both directions, newest first, with times in whole seconds, by To, From
// and DateSent, in pages, each message ListLag after it was made.
//
// # Control
//
// All of it is JSON, but for the forms of the wall, which answer with a redirect:
//
//	GET  /sim/faults                  the faults in force
//	PUT  /sim/faults                  replaces them; what is left out is 0
//	GET  /sim/numbers                 the account's numbers: rules, what waits, what was accepted and refused, by second
//	PUT  /sim/numbers/{number}        replaces the rules of a number, or adds one
//	GET  /sim/phones                  the handsets that are not as handsets are by default
//	GET  /sim/phones/{number}         one phone: its page, or with Accept: application/json its texts
//	GET  /sim/phones/{number}/state   its state
//	PUT  /sim/phones/{number}/state   replaces its state; what is left out is as by default
//	POST /sim/texts                   {"from":…,"body":…}, and "to" for another number than the one that texted it last
//	POST /sim/texts/{sid}/redeliver   posts a text to the webhook once more
//	GET  /sim/log                     what the handsets showed, one JSON value a line
//	GET  /sim/counts                  totals since the start
//	GET  /sim/violations              texts that no Korean carrier could have shown as written
//	GET  /sim/events                  server-sent events for the wall: something has changed
//
// # Bounds
//
// Everything is in memory of one process and is gone when it ends. At most Config.MaxMessages messages and
// Config.MaxBytes bytes of text are kept, the oldest go first; each queue of waiting work is bounded by MaxMessages too.
// What is not bounded is the set of numbers that texted STOP and of handsets whose state was set, some 100 bytes each.
//
// The /sim paths and the pages have no password and show whole numbers and texts: listen on a loopback or an internal
// address only. Numbers and texts are never logged.
package phonesim
