package db_test

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/google/uuid"

	"jari/booking"
	"jari/booking/desk"
	"jari/booking/words"
	"jari/db"
	"jari/db/dbtest"
)

// line is one text as somebody read it.
type line struct {
	to    booking.Phone
	kind  words.Kind
	first int
	text  string
}

// street is a past with a desk and people at their phones.
type street struct {
	*past
	desk *desk.Desk
	mail []line
	sent int
}

func newStreet(t *testing.T, people int, opts ...dbtest.Options) *street {
	t.Helper()
	p := newPast(t, opts...)
	for n := range people {
		p.apply(t, n, time.Minute-time.Duration(n)*time.Second)
	}
	p.announce(t)
	s := &street{past: p, desk: p.desk(t)}
	s.post(t)
	return s
}

// post sends what is due and returns what was read of it.
func (s *street) post(t *testing.T) []line {
	t.Helper()
	clock := db.NewClock()
	ok(t, clock.Sample(t.Context(), s.Pool))
	outbox := db.NewOutbox(s.Pool, s.set)
	var read []line
	_, err := outbox.ReleaseEach(t.Context(), clock.Now().Add(time.Second), 1000, time.Second, func(ctx context.Context, id int64, n int, _ words.Kind, _ bool) error {
		_, err := outbox.DeliverOne(ctx, id, n, clock, func(_ context.Context, kind words.Kind, lang booking.Lang, d words.Data, m desk.OutgoingText) desk.SendResult {
			text, err := words.Render(kind, lang, d)
			if err != nil {
				t.Error(err)
			}
			read = append(read, line{m.To, kind, d.First, text})
			s.sent++
			return accepted(fmt.Sprint("SM", s.sent))
		})
		return err
	})
	ok(t, err)
	s.mail = append(s.mail, read...)
	return read
}

func kinds(read []line, to booking.Phone) []string {
	var out []string
	for _, l := range read {
		if l.to == to {
			out = append(out, string(l.kind))
		}
	}
	slices.Sort(out)
	return out
}

// first is the first answer number of the latest question of the kind that the phone was asked.
func (s *street) first(t *testing.T, to booking.Phone, kind words.Kind) int {
	t.Helper()
	for _, l := range slices.Backward(s.mail) {
		if l.to == to && l.kind == kind {
			return l.first
		}
	}
	t.Fatalf("%v was never asked %s", to, kind)
	return 0
}

// says lets a phone text an answer number, or ask how things stand, and sends the replies.
func (s *street) says(t *testing.T, from booking.Phone, body string) []line {
	t.Helper()
	s.sent++
	id, _, err := s.desk.KeepText(t.Context(), s.campaign, desk.Inbound{
		Campaign: s.campaign.ID, Provider: "sim", ProviderSID: fmt.Sprint("in", s.sent), From: from, Body: body, Arrival: s.now(t),
	})
	ok(t, err)
	return s.handles(t, id)
}

// handles lets a kept text be handled, and sends the replies.
func (s *street) handles(t *testing.T, id int64) []line {
	t.Helper()
	in, c, err := s.desk.Text(t.Context(), id)
	ok(t, err)
	body := in.Body
	var replies []desk.Message
	if no, numeric := strconv.Atoi(body); numeric == nil {
		replies, err = s.desk.AnswerByText(t.Context(), c, in, no, booking.Korean)
	} else {
		replies, err = s.desk.TellByText(t.Context(), c, in, words.Status, booking.Korean)
	}
	ok(t, err)
	ok(t, s.desk.FinishText(t.Context(), in, nil, replies))
	return s.post(t)
}

func (s *street) from(t *testing.T) desk.Entrance {
	t.Helper()
	return desk.Entrance{Door: desk.DoorApp, Actor: "app", Received: s.now(t)}
}

func (s *street) holds(t *testing.T, n int) desk.Holding {
	t.Helper()
	ref, err := s.campaign.Keys.Reference(s.ids[n], s.campaign.Keys.Device("secret"))
	ok(t, err)
	return desk.Holding{Campaign: s.campaign.Slug, Reference: ref, Secret: "secret", Operation: uuid.New()}
}

// proves lets the n-th person's device prove the phone on file.
func (s *street) proves(t *testing.T, n int) {
	t.Helper()
	ok(t, s.desk.RequestCode(t.Context(), s.from(t), s.holds(t, n)))
	if read := s.post(t); !slices.Contains(kinds(read, phoneOf(n)), "code") {
		t.Fatalf("%+v without a code", read)
	}
	var request int64
	s.Scan(t, `SELECT max(id) FROM code_request`, nil, &request)
	ok(t, s.desk.Verify(t.Context(), s.from(t), s.holds(t, n), s.campaign.Keys.Code(s.ids[n], request)))
}

func (s *street) names(t *testing.T, n int, helper booking.Phone) error {
	t.Helper()
	return s.desk.SetHelper(t.Context(), s.from(t), s.holds(t, n), helper)
}

func phoneOf(n int) booking.Phone { return dbtest.Person(n).Phone }

func same(t *testing.T, what string, got []string, want ...string) {
	t.Helper()
	if slices.Sort(want); !slices.Equal(got, want) {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}
