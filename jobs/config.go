package jobs

import (
	"cmp"
	"time"
)

// Config says how often the tasks run and how long they wait. Zero values mean the defaults.
type Config struct {
	Concurrency int // calls to providers at once by this worker; half as many again for answers and codes. Defaults to 20.
	Window      int // messages under way at once per campaign, over all workers. Defaults to 2,000.
	Batch       int // messages in one task at most. Defaults to 50.
	EnrolPage   int // registrations that one enrolment handles per queue. Defaults to 500.

	Seal      time.Duration // Defaults to 1 s.
	Count     time.Duration // Defaults to 1 s.
	Enrol     time.Duration // Defaults to 1 s.
	Assign    time.Duration // Defaults to 1 s.
	Lapse     time.Duration // Defaults to 1 min.
	Remind    time.Duration // Defaults to 1 min.
	News      time.Duration // Defaults to 1 min.
	Relay     time.Duration // Defaults to 250 ms.
	Reconcile time.Duration // Defaults to 5 s.
	Sweep     time.Duration // Defaults to 5 s.
	Texts     time.Duration // Defaults to 1 s.
	Recover   time.Duration // Defaults to 5 s.

	// QueuedAfter is how long a message may stay queued before its task counts as lost. Defaults to 30 s.
	QueuedAfter time.Duration
	// SendingAfter is how long a message may stay claimed before its worker counts as dead. It must be longer than three calls
	// to the provider can last: a third of it is left for the call and the storing of its outcome. Defaults to 60 s.
	SendingAfter time.Duration
	// ReconcileAfter is how long an outcome stays unknown before the provider is asked. It must be longer than the delay
	// of the provider's list (about 5 s). Defaults to 60 s.
	ReconcileAfter time.Duration
	// AbsentGap lies between the two readings that must both miss a message before it is sent again. Defaults to 30 s.
	AbsentGap time.Duration
	// FinalAfter is how long a final receipt may be missing before the provider is asked. Defaults to 10 min.
	FinalAfter time.Duration
	// RecoverAfter is how long after the end of an outage the provider's log is read: longer than it takes to replay a journal, and for the provider to
	// list a text. Defaults to 10 s.
	RecoverAfter time.Duration
	// RecoverAgain lies between the two readings, or before one that failed is repeated. Defaults to 1 min.
	RecoverAgain time.Duration
	// InboundAfter is how old an unhandled text must be before a worker handles it: longer than it may wait for the door's own hands. Defaults to 10 s.
	InboundAfter time.Duration
	// StuckAfter is how long a message may not move before it counts as stuck in the metrics. Defaults to 10 min.
	StuckAfter time.Duration
	// ShutdownTimeout is how long Stop lets running tasks finish. Defaults to 20 s.
	ShutdownTimeout time.Duration
}

func (c Config) withDefaults() Config {
	c.Concurrency = cmp.Or(c.Concurrency, 20)
	c.Window = cmp.Or(c.Window, 2000)
	c.Batch = cmp.Or(c.Batch, 50)
	c.EnrolPage = cmp.Or(c.EnrolPage, 500)
	c.Seal = cmp.Or(c.Seal, time.Second)
	c.Count = cmp.Or(c.Count, time.Second)
	c.Enrol = cmp.Or(c.Enrol, time.Second)
	c.Assign = cmp.Or(c.Assign, time.Second)
	c.Lapse = cmp.Or(c.Lapse, time.Minute)
	c.Remind = cmp.Or(c.Remind, time.Minute)
	c.News = cmp.Or(c.News, time.Minute)
	c.Relay = cmp.Or(c.Relay, 250*time.Millisecond)
	c.Reconcile = cmp.Or(c.Reconcile, 5*time.Second)
	c.Sweep = cmp.Or(c.Sweep, 5*time.Second)
	c.Texts = cmp.Or(c.Texts, time.Second)
	c.Recover = cmp.Or(c.Recover, 5*time.Second)
	c.RecoverAfter = cmp.Or(c.RecoverAfter, 10*time.Second)
	c.RecoverAgain = cmp.Or(c.RecoverAgain, time.Minute)
	c.QueuedAfter = cmp.Or(c.QueuedAfter, 30*time.Second)
	c.SendingAfter = cmp.Or(c.SendingAfter, time.Minute)
	c.ReconcileAfter = cmp.Or(c.ReconcileAfter, time.Minute)
	c.AbsentGap = cmp.Or(c.AbsentGap, 30*time.Second)
	c.FinalAfter = cmp.Or(c.FinalAfter, 10*time.Minute)
	c.InboundAfter = cmp.Or(c.InboundAfter, 10*time.Second)
	c.StuckAfter = cmp.Or(c.StuckAfter, 10*time.Minute)
	c.ShutdownTimeout = cmp.Or(c.ShutdownTimeout, 20*time.Second)
	return c
}
