// Package jobs is what happens after a person has hung up: places are sealed, slots assigned, messages released, sent and
// reconciled. PostgreSQL is the truth and Redis only wakes workers: a task carries ids and nothing else, every side effect
// is guarded by a row that is claimed first, and what a lost task leaves behind is found by the sweep.
//
// Start with worker.go (what runs), then periodic.go (how something runs once per interval without a leader), then the
// tasks, one file each: seal.go, count.go, enrol.go, assign.go, lapse.go, remind.go, news.go, relay.go, send.go, reconcile.go, sweep.go. ports.go says what the
// tasks need; package db has it on PostgreSQL.
package jobs
