package jobs

import "time"

// Config says how often the tasks run and how long they wait. Zero values mean the defaults.
type Config struct {
	Concurrency int // messages sent at once by this worker. Defaults to 20.
	Window      int // messages under way at once per campaign, over all workers. Defaults to 500.
	EnrolPage   int // registrations that one enrolment handles per queue. Defaults to 500.

	Seal      time.Duration // Defaults to 1 s.
	Count     time.Duration // Defaults to 1 s.
	Enrol     time.Duration // Defaults to 1 s.
	Assign    time.Duration // Defaults to 1 s.
	Lapse     time.Duration // Defaults to 1 min.
	Relay     time.Duration // Defaults to 500 ms.
	Reconcile time.Duration // Defaults to 5 s.
	Sweep     time.Duration // Defaults to 5 s.

	// QueuedAfter is how long a message may stay queued before its task counts as lost. Defaults to 30 s.
	QueuedAfter time.Duration
	// SendingAfter is how long a message may stay claimed before its worker counts as dead. It must be longer than a call
	// to the provider and the storing of its outcome. Defaults to 60 s.
	SendingAfter time.Duration
	// ReconcileAfter is how long an outcome stays unknown before the provider is asked. It must be longer than the delay
	// of the provider's list (about 5 s). Defaults to 60 s.
	ReconcileAfter time.Duration
	// AbsentGap lies between the two readings that must both miss a message before it is sent again. Defaults to 30 s.
	AbsentGap time.Duration
	// FinalAfter is how long a final receipt may be missing before the provider is asked. Defaults to 10 min.
	FinalAfter time.Duration
	// InboundAfter is how old an unhandled text must be before the sweep handles it. Defaults to 10 s.
	InboundAfter time.Duration
	// StuckAfter is how long a message may not move before it counts as stuck in the metrics. Defaults to 10 min.
	StuckAfter time.Duration
	// ShutdownTimeout is how long Stop lets running tasks finish. Defaults to 20 s.
	ShutdownTimeout time.Duration
}

func (c Config) withDefaults() Config {
	number := func(v *int, d int) {
		if *v <= 0 {
			*v = d
		}
	}
	span := func(v *time.Duration, d time.Duration) {
		if *v <= 0 {
			*v = d
		}
	}
	number(&c.Concurrency, 20)
	number(&c.Window, 500)
	number(&c.EnrolPage, 500)
	span(&c.Seal, time.Second)
	span(&c.Count, time.Second)
	span(&c.Enrol, time.Second)
	span(&c.Assign, time.Second)
	span(&c.Lapse, time.Minute)
	span(&c.Relay, 500*time.Millisecond)
	span(&c.Reconcile, 5*time.Second)
	span(&c.Sweep, 5*time.Second)
	span(&c.QueuedAfter, 30*time.Second)
	span(&c.SendingAfter, time.Minute)
	span(&c.ReconcileAfter, time.Minute)
	span(&c.AbsentGap, 30*time.Second)
	span(&c.FinalAfter, 10*time.Minute)
	span(&c.InboundAfter, 10*time.Second)
	span(&c.StuckAfter, 10*time.Minute)
	span(&c.ShutdownTimeout, 20*time.Second)
	return c
}
