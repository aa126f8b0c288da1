package campaignfile

import (
	"slices"

	"jari/booking"
)

// noReminder stands alone in the list where nobody is to be reminded.
const noReminder booking.Reminding = "none"

// unasked reads what people hear from us without having asked, and without anything having happened to them.
func (l *loader) unasked(f fields) {
	if n, ok := f.values["reminders"]; ok {
		all, good := distinct(n.items(), oneOf(booking.DayBefore, booking.Morning, noReminder))
		switch {
		case !good:
		case !slices.Contains(all, noReminder):
			l.c.Reminders = all
		case len(all) > 1:
			n.problem("says none beside others: write [none] alone, or take it out")
		default:
			l.c.Reminders = []booking.Reminding{} // not the same as leaving it out
		}
	}
	if n, ok := f.values["news"]; ok {
		weekly, _ := opt(n.fields("weekly"), "weekly", true, cell.yes)
		l.c.NoNews = !weekly
	}
}
