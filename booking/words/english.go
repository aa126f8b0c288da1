package words

import (
	"fmt"
	"strings"
	"time"
)

// englishTexts are the texts in English. No word that a provider takes as a command (STOP, CANCEL, END, YES, HELP …) is
// given as an answer.
var englishTexts = map[Kind]func(Data) []string{
	Registered: enRegistered,
	Welcome: func(d Data) []string {
		return each(d.Masked+", you are registered."+enPlace(d)+enTicket(d), []string{
			" There is nothing you need to do. We text you when your time is set.", " There is nothing you need to do.",
		})
	},
	Code: func(d Data) []string {
		return []string{fmt.Sprintf("%s, your code is %s. Do not tell it to anybody.", d.Masked, d.Code)}
	},
	Offer:     enOffer,
	Confirmed: enConfirmed,
	Declined: func(d Data) []string {
		return []string{d.Masked + ", you gave the time back and keep your place. There is nothing you need to do. We text you the next time."}
	},
	Cancelled: func(d Data) []string {
		when := ""
		if !d.Starts.IsZero() {
			when = " of " + enWhen(d.Starts) + with(d.Site, ", "+d.Site+",")
		}
		return each(d.Masked+", "+with(enCause(d.ChangeCause), enCause(d.ChangeCause)+": ")+"your appointment"+when+" was called off. You keep your place.", []string{" We text you a new time." + enAsk(d), " We text you a new time.", ""})
	},
	Withdrawn: func(d Data) []string {
		return each(d.Masked+", your application was withdrawn as you asked.", []string{" Apply again at any time." + enAsk(d), " Apply again at any time."})
	},
	NoTime: func(d Data) []string {
		if d.Reason == "" {
			return each(d.Masked+", there is no time for you yet.", enNextSteps(d))
		}
		return joined(d.Masked+", no time for you yet. ", enReason(d), enNextSteps(d))
	},
	Lapsed: func(d Data) []string {
		when := "your time"
		if !d.Starts.IsZero() {
			when = "your time of " + enWhen(d.Starts)
		}
		return each(d.Masked+", nobody answered, so "+when+" is gone. You keep your place.", []string{" There is nothing you need to do. We text you the next time.", " There is nothing you need to do."})
	},
	Missed:  enMissed,
	Changed: func(d Data) []string { return enAnother(d, "your appointment was changed as you wished") },
	Moved: func(d Data) []string {
		return enAnother(d, with(enCause(d.ChangeCause), enCause(d.ChangeCause)+", so ")+"we had to move your appointment")
	},
	Redated: func(d Data) []string { return enAnother(d, "the dates were shifted and your appointment moved") },
	SwapNoted: func(d Data) []string {
		return []string{d.Masked + ", we look for another time for you. Until then you keep the one you have. There is nothing you need to do."}
	},
	SwapDropped: func(d Data) []string {
		return []string{d.Masked + ", we no longer look for another time. You keep the one you have."}
	},
	Corrected: func(d Data) []string {
		return each(d.Masked+", your details were changed. You keep your place. There is nothing you need to do.", []string{with(d.Phone, " Not you? Call "+d.Phone), ""})
	},
	Reminder: func(d Data) []string {
		head := d.Masked + ", a reminder of your appointment: " + enWhen(d.Starts) + ", " + d.Site + "."
		return []string{head + fmt.Sprintf(" If you cannot come, please reply %d.", d.First+1), head + fmt.Sprintf(" Cannot come? Reply %d", d.First+1)}
	},
	News: func(d Data) []string {
		return joined(d.Masked+", you are still waiting."+enPlace(d)+" ", enReason(d), enNextSteps(d))
	},
	Correction: func(d Data) []string { return []string{with(d.Masked, d.Masked+", ") + d.Words} },
	Status:     enStatus,
	Why:        enWhyText,
	HelperSet: func(d Data) []string {
		return each(d.Masked+", "+d.Helper+" gets copies of our texts to you from now on, and may answer them.", []string{with(d.Phone, " Not your wish? Call "+d.Phone), ""})
	},
	HelperGone: func(d Data) []string {
		return []string{d.Masked + ", our texts go to this phone only from now on. There is nothing you need to do."}
	},
	HelperNamed: func(d Data) []string {
		return each(d.Masked+" asked us to send you copies of our texts. You may answer them.", []string{
			fmt.Sprintf(" If you do not want this, reply %d. There is nothing else you need to do.", d.First), fmt.Sprintf(" If you do not want this, reply %d.", d.First),
		})
	},
	HelperOver: func(d Data) []string {
		return []string{"You get no more copies of our texts to " + d.Masked + ". There is nothing you need to do."}
	},
	AskMissing: func(d Data) []string {
		ask, example := enMissing(d)
		return []string{"Please text us " + ask + "." + with(example, " Example: "+example), "Please text us " + ask + "."}
	},
	NotOpenYet: func(d Data) []string {
		return []string{"Applications open on " + enWhen(d.At) + ". Please text us again then. There is nothing you need to do now."}
	},
	Closed: func(d Data) []string {
		return each("Applications closed on "+enWhen(d.At)+".", []string{enAsk(d), ""})
	},
	NotEligible: func(d Data) []string {
		return each("This birth date does not belong to the present groups. Please check the date.", []string{enAsk(d), ""})
	},
	ReceivedForOther: func(Data) []string {
		return []string{"Received. What there is to know goes to the person's own phone. There is nothing else you need to do."}
	},
	TooMany: func(d Data) []string {
		return each("No more people can be registered from this phone.", []string{with(d.Phone, " We register others by call: "+d.Phone), ""})
	},
	NoEntry: func(d Data) []string {
		return each("There is no application from this phone. To apply, text "+enExample(d)+".", []string{enAsk(d), ""})
	},
	Help: func(d Data) []string {
		return each("To apply, text "+enExample(d)+". To ask where you stand, text STATUS.", []string{enAsk(d), ""})
	},
	Noted: func(d Data) []string {
		return []string{d.Masked + ", thank you. Our staff will look at it. Nothing was called off, and there is nothing you need to do."}
	},
	UnknownNumber: func(d Data) []string {
		return each("That number answers no question of ours. Please check the number in our text.", []string{enAsk(d), ""})
	},
	NotNow: func(d Data) []string {
		return each("That answer no longer fits. Nothing was changed. Text STATUS to ask where you stand.", []string{enAsk(d), ""})
	},
	Refused: func(d Data) []string {
		return []string{fmt.Sprintf("Thank you. This phone gets no more texts about it, and our staff will look at it. If you did apply, reply %d.", d.First)}
	},
}

func enRegistered(d Data) []string {
	return []string{fmt.Sprintf("%s, we have your application. If this is you, reply %d. If you know of no application, reply %d.", d.Masked, d.First, d.First+1)}
}

func enConfirmed(d Data) []string {
	return each(d.Masked+", your appointment is confirmed: "+enWhen(d.Starts)+", "+d.Site+".", []string{
		" Just be there at that time." + enAsk(d), " Just be there at that time.", "",
	})
}

func enOffer(d Data) []string {
	what := enWhen(d.Starts) + ", " + d.Site + ". "
	head := d.Masked + ", your time: " + what
	a, b, c := d.First, d.First+1, d.First+2
	answers := fmt.Sprintf("To confirm reply %d, to give it back %d. Already booked? reply %d", a, b, c)
	return []string{
		head + "It is yours even without an answer. " + answers, head + answers,
		fmt.Sprintf("%s: %sConfirm: reply %d. Give back: %d. Already booked? reply %d", d.Masked, what, a, b, c),
	}
}

func enMissed(d Data) []string {
	when, again := "", ""
	if !d.Starts.IsZero() {
		when = " of " + enWhen(d.Starts)
	}
	if d.NewTime {
		again = " We text you a new time."
	}
	return each(d.Masked+", you did not come to your appointment"+when+", it says here."+again, []string{with(d.Phone, " Were you there? Call "+d.Phone), ""})
}

// enAnother tells of an appointment that took another's place.
func enAnother(d Data, what string) []string {
	was, now := enWhen(d.WasStarts), enWhen(d.Starts)
	const idle = ". No answer is needed."
	return []string{
		d.Masked + ", " + what + ". Before: " + was + with(d.WasSite, ", "+d.WasSite) + ". Now: " + now + ", " + d.Site + idle,
		d.Masked + ", " + what + ". Before: " + was + with(d.WasSite, ", "+d.WasSite) + ". Now: " + now + ", " + d.Site,
		d.Masked + ", " + what + ". Before: " + was + ". Now: " + now + ", " + d.Site + idle,
		d.Masked + ", " + what + ". Before: " + was + ". Now: " + now + ", " + d.Site,
	}
}

func enCause(cause string) string {
	switch cause {
	case CauseSiteClosed:
		return "the site is closed"
	case CauseCapacity:
		return "there is less room"
	}
	return ""
}

func enStatus(d Data) []string {
	name := d.Masked + ", "
	switch d.State {
	case stateReceived:
		if d.First > 0 {
			return enRegistered(d)
		}
		return []string{name + "we have your application. Please answer the text that asks whether it is you."}
	case stateOffered:
		if d.First > 0 {
			return enOffer(d)
		}
		return each(name+"your time: "+enWhen(d.Starts)+", "+d.Site+".", []string{" It is yours even without an answer." + enAsk(d), " It is yours even without an answer.", ""})
	case stateConfirmed:
		return enConfirmed(d)
	case stateAttended:
		return []string{name + "you have been there. There is nothing you need to do."}
	case stateMissed:
		return []string{name + "you were not at your appointment." + with(d.Phone, " Please call "+d.Phone)}
	case stateWithdrawn:
		return []string{name + "your application is withdrawn. You can apply again at any time."}
	default: // waiting
		if d.Reason != "" {
			return joined(name+"you are waiting."+enPlace(d)+" ", enReason(d), enNextSteps(d))
		}
		return each(name+"you are waiting for a time."+enPlace(d)+enTicket(d), []string{
			" There is nothing you need to do. We text you when your time is set.", " There is nothing you need to do.",
		})
	}
}

// enMissing asks for what is missing, with an example of just that.
func enMissing(d Data) (ask, example string) {
	words := map[string]string{
		MissingName: "the name", MissingBirth: "the birth date (YYYY-MM-DD)", MissingCentury: "the year of birth in four digits",
		MissingRegion: "where you live", MissingNumber: "the list number", MissingPhone: "the person's own phone number",
	}
	samples := map[string]string{MissingName: "Jane Doe", MissingBirth: "1968-04-12", MissingCentury: "1968", MissingRegion: d.Sample}
	names, example := missing(d.Missing, words, samples)
	if last := len(names) - 1; last > 0 {
		names = []string{strings.Join(names[:last], ", ") + " and " + names[last]}
	}
	return strings.Join(names, ""), example
}

func enExample(d Data) string { return "BOOK 1968-04-12 Jane Doe" + with(d.Sample, " "+d.Sample) }

func enAsk(d Data) string { return with(d.Phone, " Questions: "+d.Phone) }

func enPlace(d Data) string {
	switch {
	case d.Place == 0 && d.AfterDraw:
		return " Places are drawn by lot."
	case d.Place == 0:
		return ""
	}
	return " Your place is " + Grouped(d.Place) + "."
}

func enTicket(d Data) string { return with(d.Ticket, " Ticket "+d.Ticket+".") }

// enWhen writes a day and time: Tue 27 Jul 2:30pm. "12:00pm" and "12:00am" are read either way: noon is a word, and a day begins at 0:00.
func enWhen(t time.Time) string {
	switch {
	case t.Hour() == 12 && t.Minute() == 0:
		return t.Format("Mon 2 Jan ") + "12 noon"
	case t.Hour() == 0:
		return t.Format("Mon 2 Jan ") + fmt.Sprintf("0:%02dam", t.Minute())
	}
	return t.Format("Mon 2 Jan 3:04pm")
}
