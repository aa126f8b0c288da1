package desk

import (
	"context"

	"jari/booking"
	"jari/booking/words"
)

// Said is what a text says in words beside an answer number: a set. A plain "네" says nothing in this sense, because it stands as politeness before a no, too.
type Said uint8

// What a text can say.
const (
	SaidYes     Said = 1 << iota // right, confirmed
	SaidNo                       // no
	SaidCome                     // I will come
	SaidStay                     // I cannot come, cancel
	SaidMe                       // it is me
	SaidNotMe                    // I know of no such application
	SaidAlready                  // already booked
	SaidUnclear                  // a question, or one thing and its contrary
)

// agreed is what goes with any number that says yes to something.
const agreed = SaidYes | SaidMe | SaidCome

// Contradicts reports whether the words of a text say something else than its answer number does. Such a text is no answer: consent is never taken from it.
// q is the question with the number; ok is false when there is none.
func (d *Desk) Contradicts(ctx context.Context, c *Campaign, in Inbound, q Question, ok bool, no int, said Said) (bool, error) {
	notMe := no == AnswerNotMe && (!ok || in.Arrival.Sub(q.AskedAt) > Answerable)
	choice := no - q.FirstNo
	switch {
	case said == 0:
		return false, nil
	case notMe:
		return said&^(SaidNo|SaidNotMe) != 0, nil
	case !ok || choice < answerYes || choice >= q.Span: // it is told that there is no such question
		return false, nil
	case q.Kind != QuestionChoice:
		return said&^goesWith(q.Kind, choice) != 0, nil
	}
	ct, err := d.ports.Phones.Proposal(ctx, q.Inbound)
	if err != nil {
		return false, err
	}
	p, err := OpenProposal(c.Keys, q.Inbound, ct)
	if err != nil {
		return false, err
	}
	return choice < len(p.Choices) && said&^goesWithChoice(p.Choices[choice]) != 0, nil
}

// goesWith is what may be said beside the n-th number of a question.
func goesWith(kind string, choice int) Said {
	switch kind {
	case QuestionVerify:
		return []Said{agreed, SaidNo | SaidNotMe}[min(choice, answerNo)]
	case QuestionOffer:
		return []Said{agreed, SaidNo | SaidStay, SaidAlready}[min(choice, answerAlready)]
	case QuestionHelper: // whose only number declines
		return SaidNo | SaidNotMe
	}
	return agreed
}

// goesWithChoice is what may be said beside the number of something that we read back.
func goesWithChoice(chosen Choice) Said {
	switch chosen.Do {
	case DeedNotMe:
		return SaidNo | SaidNotMe
	case deedNothing: // everything stays as it is
		return agreed | SaidNo
	case deedDecline, DeedWithdraw:
		return SaidYes | SaidMe | SaidStay
	case deedGoOn: // of whom it is: what was wanted may be said once more
		if chosen.Want.Do == DeedCancel || chosen.Want.Do == DeedWithdraw {
			return SaidYes | SaidMe | SaidStay
		}
	}
	return agreed
}

// AskOnceMoreByText answers a text whose words and number contradict each other: the question is asked once more, with its numbers. Where it waits for no
// answer any more, whoever cannot come is asked what shall become of the time, and others hear that nothing was changed.
func (d *Desk) AskOnceMoreByText(ctx context.Context, c *Campaign, in Inbound, q Question, said Said, u Underway, lang booking.Lang) ([]Message, error) {
	list, _, err := d.speaksFor(ctx, c, in)
	if err != nil {
		return nil, err
	}
	var replies []Message
	switch q.Kind {
	case QuestionVerify, QuestionOffer, QuestionHelper: // of several people the one who was asked about
		replies = onceMore(c, in, q, list)
	default:
		replies, err = d.askThatAgain(ctx, c, in, q, list, u)
	}
	if err != nil || len(replies) > 0 {
		return replies, err
	}
	if said == SaidStay {
		replies, known, err := d.ManageByText(ctx, c, in, Want{Do: DeedCancel}, in.Arrival, lang)
		if err != nil || known {
			return replies, err
		}
	}
	return []Message{SayByText(in, words.NotNow, lang, nil)}, nil
}

// askThatAgain asks a question of the kinds that no entry's state tells once more, whatever was asked since; where it waits for no answer, what does.
func (d *Desk) askThatAgain(ctx context.Context, c *Campaign, in Inbound, q Question, list []spokenFor, u Underway) ([]Message, error) {
	asked, ok, err := d.ports.Phones.AskedAs(ctx, c.ID, in.PhoneHash, q.ID)
	if err != nil {
		return nil, err
	}
	if ok && !asked.Answered {
		if m, ok, err := d.askedLast(ctx, c, in, asked, list, u); ok || err != nil {
			return []Message{m}, err
		}
	}
	return d.AskAgainByText(ctx, c, in, u)
}

// onceMore is what is to be asked of the entry of a question; nil where nothing is.
func onceMore(c *Campaign, in Inbound, q Question, list []spokenFor) []Message {
	for _, s := range list {
		switch {
		case s.ID != q.Entry:
		case q.Kind == QuestionHelper && s.helper == q.Helper && !q.Answered:
			return []Message{sayToHelper(in, s.ID, s.helper, words.HelperNamed)}
		case s.asked(c) != "":
			return resend(c, in, []spokenFor{s})
		}
	}
	return nil
}
