//go:build browser

package browser

import "time"

// slowScenarios use the app over a good 2G line.
func slowScenarios() []scenario {
	return []scenario{{"2G: the first visit, and an application", overSecondGeneration}}
}

// How many bytes a first visit may take, headers and all: until something can be done (60 KiB), and until the app is kept for use without a line.
const (
	mostUsable = 60 << 10
	mostWhole  = 110 << 10
)

func overSecondGeneration(s *stage) {
	d, p := s.onShared("ko"), s.shared.newPerson(s)
	took := d.firstVisit()
	if took.first > mostUsable || took.bytes > mostWhole {
		s.Errorf("the first visit took %d bytes until the app could be used, and %d in all", took.first, took.bytes)
	}
	if took.usable > 20*time.Second {
		s.Errorf("the app could be used after %s", took.usable)
	}
	t := took.tab
	t.applies(p, "own")
	t.registeredOnce(p, 1)
}

// visit is a first load.
type visit struct {
	tab    *tab
	usable time.Duration // until "apply" can be tapped
	whole  time.Duration // until the worker keeps everything
	first  int64         // bytes to the device until it can be used, headers included
	bytes  int64         // in all
}

func (d *device) firstVisit() visit {
	d.Helper()
	d.line.slow(secondGeneration())
	began := time.Now()
	t := d.open("/app/")
	t.sees(doing("apply"))
	v := visit{tab: t, usable: time.Since(began), first: d.line.bytes.Load()}
	t.shows("the worker to be ready", `navigator.serviceWorker.controller`)
	v.whole, v.bytes = time.Since(began), d.line.bytes.Load()
	return v
}
