package booking

import (
	"errors"
	"fmt"
	"time"
)

// DrawRule says how a queue is drawn.
type DrawRule struct {
	Opens       time.Time // all who apply from here
	Window      time.Time // up to here (exclusive) are equal
	PublicValue string    // the name of the public value
}

// ErrDrawRule is returned for a queue whose cohorts do not say one thing about its draw.
var ErrDrawRule = errors.New("the draw is not well defined")

// QueueDraw finds the draw of a queue; drawn is false when it is served in the order of arrival. All cohorts of a queue must have the
// same order rule, and with a draw the same opening, window and public value, because their people draw from one bowl. It
// returns ErrDrawRule.
func QueueDraw(c *Campaign, queue string) (r DrawRule, drawn bool, err error) {
	var first *Cohort
	for i := range c.Cohorts {
		k := &c.Cohorts[i]
		switch {
		case k.Queue != queue:
		case first == nil:
			first = k
		case (k.Order == ByDraw) != (first.Order == ByDraw):
			return r, false, fmt.Errorf("%w: cohorts %s and %s share the queue %s, and only one of them is drawn", ErrDrawRule, first.Code, k.Code, queue)
		case k.Order == ByDraw && (!k.Opens.Equal(first.Opens) || !k.Window.Equal(first.Window) || k.PublicValue != first.PublicValue):
			return r, false, fmt.Errorf("%w: cohorts %s and %s are drawn in one queue (%s): they need the same opening, window and public value",
				ErrDrawRule, first.Code, k.Code, queue)
		}
	}
	if first == nil || first.Order != ByDraw {
		return r, false, nil
	}
	r = DrawRule{Opens: first.Opens, Window: first.Window, PublicValue: first.PublicValue}
	switch {
	case !r.Window.After(r.Opens):
		return r, false, fmt.Errorf("%w: the window of queue %s ends before it opens", ErrDrawRule, queue)
	case r.PublicValue == "":
		return r, false, fmt.Errorf("%w: queue %s names no public value", ErrDrawRule, queue)
	case first.FirstRound.Before(r.Window):
		return r, false, fmt.Errorf("%w: queue %s has its first round before its window ends", ErrDrawRule, queue)
	}
	return r, true, nil
}
