package desk

import (
	"context"
	"time"

	"jari/booking"
	"jari/booking/words"
)

// threadMost bounds how many texts are read at once, the newest.
const threadMost = 50

// Whom a text is from or to, besides us.
const (
	WithPerson = "person"
	WithHelper = "helper"
)

// FateUnreadable is the fate of a text of theirs that cannot be opened. It stands in the thread without words, so that nobody takes it for one
// that never came; the others are shown as they are.
const FateUnreadable = "unreadable"

// ThreadText is one text between us and a person, or whoever helps them.
type ThreadText struct {
	At     time.Time
	In     bool   // from them
	With   string // WithPerson or WithHelper
	Number string // ours, by which it went or came; "" while that is not decided, or was not recorded
	Text   string
	// Said tells that the text stands here as it came. What we said is kept nowhere: it is made again from what is on record now, and may
	// differ from what they read.
	Said bool
	Kind string // of ours
	Fate string // of ours: the message's state; of theirs: handled or open, or FateUnreadable
	Code int    // the provider's last one; 0: none
	// Failure says in a word why the last copy did not arrive: provider, route, away, number, expired; "" when none is known not to have.
	Failure string
	Inbound int64 // the row of a text of theirs, for the log; 0 for one of ours

	// Of which the text is made again.
	Lang booking.Lang
	Data words.Data
}

// Unreadable reports whether it is a text of theirs that cannot be opened.
func (t ThreadText) Unreadable() bool { return t.In && t.Fate == FateUnreadable }

// Thread is what was texted about an entry, the newest first.
type Thread struct {
	Ticket string
	Texts  []ThreadText
	More   bool // there are older ones
}

// Thread shows an agent what was texted between us and a person. Whoever looks is written down. It returns CodeNoCampaign,
// CodeInvalid (/ticket) and CodeUnauthorized as ByTicket does.
func (d *Desk) Thread(ctx context.Context, slug, ticket, actor string) (Thread, error) {
	c, id, err := d.ByTicket(ctx, slug, ticket)
	if err != nil {
		return Thread{}, err
	}
	e, err := d.ports.Book.Entry(ctx, c.ID, id)
	if err != nil {
		return Thread{}, err
	}
	out := Thread{Ticket: c.Keys.Ticket(e.Serial)}
	if out.Texts, err = d.ports.Book.Thread(ctx, c, e, threadMost+1, actor, d.ports.Clock.Now()); err != nil {
		return Thread{}, err
	}
	if out.More = len(out.Texts) > threadMost; out.More {
		out.Texts = out.Texts[:threadMost]
	}
	for i := range out.Texts {
		t := &out.Texts[i]
		if t.In || t.Kind == string(words.Code) { // a code is for the person alone
			continue
		}
		if text, err := words.Render(words.Kind(t.Kind), t.Lang, t.Data); err == nil {
			t.Text = text
		}
	}
	return out, nil
}
