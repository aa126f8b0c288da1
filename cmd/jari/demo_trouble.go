package main

import (
	"context"
	"fmt"
	"io"
	"text/tabwriter"

	"jari/booking/desk"
	"jari/cmd/jari/crowd"
)

// inTrouble prints what became of the texts to phones that show nothing: told by a call that we owe, by an agent who has them on the list, or
// once more later.
func (d *demoHouse) inTrouble(ctx context.Context, out io.Writer, c *desk.Campaign, people *crowd.Crowd) error {
	all := people.Troubles()
	if len(all) == 0 {
		return nil
	}
	_, _ = fmt.Fprintln(out, "\nphones that got into trouble after their owners had applied, and who tells them now:")
	w := tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)
	_, _ = fmt.Fprintln(w, "phone\tpeople\ttexts that did not arrive\tpeople to call\ton the agents' list\ttexts tried again later")
	for _, t := range all {
		var texts, calls, items, later int
		err := d.api.house.pool.QueryRow(ctx, `
SELECT (SELECT count(*) FROM message WHERE campaign_id = $1 AND registration_id = ANY ($2::uuid[]) AND state IN ('undelivered', 'failed')),
    (SELECT count(DISTINCT registration_id) FROM callback WHERE campaign_id = $1 AND registration_id = ANY ($2::uuid[]) AND closed_at IS NULL),
    (SELECT count(DISTINCT registration_id) FROM escalation WHERE campaign_id = $1 AND registration_id = ANY ($2::uuid[]) AND closed_at IS NULL),
    (SELECT count(*) FROM message WHERE campaign_id = $1 AND registration_id = ANY ($2::uuid[]) AND state = 'pending' AND due_at > now() + interval '1 minute')`,
			c.ID, expectedIDs(c, t.People)).Scan(&texts, &calls, &items, &later)
		if err != nil {
			return fmt.Errorf("count what became of texts to phones in trouble: %w", err)
		}
		_, _ = fmt.Fprintf(w, "%s\t%d\t%d\t%d\t%d\t%d\n", t.Name, len(t.People), texts, calls, items, later)
	}
	_ = w.Flush()
	_, _ = fmt.Fprintf(out, "for example %s\n", examples(all))
	return nil
}

// examples names a phone of each kind, to look at on the wall. They are invented.
func examples(all []crowd.Trouble) (list string) {
	for i, t := range all {
		if i > 0 {
			list += ", "
		}
		list += fmt.Sprintf("%s %s", t.People[0].Phone.E164(), t.Name)
	}
	return list
}
