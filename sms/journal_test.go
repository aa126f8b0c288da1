package sms_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"jari/booking"
	"jari/booking/desk"
)

// notebook is a journal in memory.
type notebook struct {
	mu    sync.Mutex
	full  bool
	texts []desk.Inbound
}

func (n *notebook) Append(_ context.Context, in desk.Inbound) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.full {
		return errors.New("the journal is full")
	}
	n.texts = append(n.texts, in)
	return nil
}

func (n *notebook) Holds(from booking.Phone) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, in := range n.texts {
		if in.From == from {
			return true
		}
	}
	return false
}

func (n *notebook) replay(t *testing.T, s *street) (fresh int) {
	t.Helper()
	n.mu.Lock()
	texts := n.texts
	n.texts = nil
	n.mu.Unlock()
	for _, in := range texts {
		isNew, err := s.door.Replay(t.Context(), in)
		if err != nil {
			t.Fatal(err)
		}
		if isNew {
			fresh++
		}
	}
	return fresh
}

func TestTheJournalTakesWhatPostgreSQLCannot(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newStreet(t, seoul())
		n := &notebook{}
		s.door.UseJournal(n)
		s.house.set(at("20:00"))
		s.house.keepFails = true
		form := s.form(anna, "예약 680412-1234567 홍길동")
		if w := s.inbound(form, nil); w.Code != http.StatusOK || len(n.texts) != 1 {
			t.Fatalf("%d, %d texts in the journal", w.Code, len(n.texts))
		}
		if in := n.texts[0]; in.Door != desk.DoorSMS || in.Provider != "twilio" || strings.Contains(in.Body, "234567") {
			t.Errorf("written down: door %q, provider %q, %q", in.Door, in.Provider, in.Body)
		}
		// PostgreSQL is back. A second delivery and a later text of the same phone wait behind the first one.
		s.house.keepFails = false
		s.house.set(at("20:02"))
		s.inbound(form, nil)
		s.inbound(s.form(anna, "강남구"), nil)
		if len(n.texts) != 3 || len(s.house.inbound) != 0 {
			t.Fatalf("%d texts in the journal, %d stored", len(n.texts), len(s.house.inbound))
		}
		if fresh := n.replay(t, s); fresh != 2 {
			t.Errorf("%d texts were new, want 2", fresh)
		}
		s.arrival("홍길동", "1968-04-12", anna, at("20:00"))
		for _, in := range s.house.inbound {
			if in.Via != desk.ViaJournal || !in.Handled {
				t.Errorf("text %d: via %q, handled %v", in.ID, in.Via, in.Handled)
			}
		}
		// A full journal refuses.
		s.house.keepFails, n.full = true, true
		if w := s.inbound(s.form(helper, "예약"), nil); w.Code != http.StatusServiceUnavailable {
			t.Errorf("neither stored nor written down: %d", w.Code)
		}
		// It does not keep PostgreSQL from taking what should have waited behind something.
		s.house.keepFails = false
		n.texts = []desk.Inbound{{From: phone(anna)}}
		before := len(s.house.inbound)
		if w := s.inbound(s.form(anna, "조회"), nil); w.Code != http.StatusServiceUnavailable {
			t.Errorf("PostgreSQL failed a moment ago and was asked again: %d", w.Code)
		}
		time.Sleep(time.Second) // of the bubble's clock
		if w := s.inbound(s.form(anna, "조회"), nil); w.Code != http.StatusOK || len(s.house.inbound) != before+1 {
			t.Errorf("the journal is full and PostgreSQL is there: %d", w.Code)
		}
		if log := s.log.String(); strings.Contains(log, "1234") || strings.Contains(log, "홍") || strings.Contains(log, "9999") {
			t.Errorf("personal data in the log: %s", log)
		}
		if _, err := s.door.Replay(t.Context(), desk.Inbound{Door: desk.DoorVoice}); booking.CodeOf(err) != booking.CodeInvalid {
			t.Errorf("a call: %v", err)
		}
	})
}

// While PostgreSQL hangs, the first text costs three seconds, those that follow nothing, and one a second tries again.
func TestADeadDatabaseDoesNotHoldUpEveryText(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newStreet(t, seoul())
		n := &notebook{}
		s.door.UseJournal(n)
		hung := make(chan struct{})
		s.house.keepHangs = hung
		took := func(from string) time.Duration {
			begun := time.Now()
			if w := s.inbound(s.form(from, "예약"), nil); w.Code != http.StatusOK {
				t.Errorf("%d", w.Code)
			}
			return time.Since(begun)
		}
		for i, want := range []time.Duration{3 * time.Second, 0, 0} {
			if got := took("+8210000000" + string(rune('1'+i)) + "0"); got != want {
				t.Errorf("text %d took %s, want %s", i+1, got, want)
			}
		}
		time.Sleep(time.Second) // of the bubble's clock
		if got := took("+821000000040"); got != 3*time.Second {
			t.Errorf("nobody tried again: %s", got)
		}
		close(hung) // what hung is stored after all, and the journal's copies meet it
		synctest.Wait()
		time.Sleep(time.Second)
		if got := took("+821000000050"); got != 0 || len(n.texts) != 4 {
			t.Errorf("PostgreSQL is back: %s, %d texts in the journal", got, len(n.texts))
		}
		if fresh := n.replay(t, s); fresh != 2 || len(s.house.inbound) != 5 {
			t.Errorf("%d texts were new, %d stored; want 2 and 5", fresh, len(s.house.inbound))
		}
	})
}
