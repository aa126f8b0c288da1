package db

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"jari/booking"
)

// campaignVersion is one version of a campaign as it was applied.
type campaignVersion struct {
	campaign, version int32
	content           *booking.Campaign
}

// readVersions reads every version of every campaign, in order.
func readVersions(ctx context.Context, tx pgx.Tx) ([]campaignVersion, error) {
	rows, err := tx.Query(ctx, `SELECT campaign_id, version, content FROM campaign_version ORDER BY campaign_id, version`)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (campaignVersion, error) {
		var v campaignVersion
		var content []byte
		err := row.Scan(&v.campaign, &v.version, &content)
		if err == nil {
			v.content, err = campaignFromJSON(content)
		}
		return v, err
	})
}

// latest leaves the last version of each campaign.
func latest(versions []campaignVersion) []campaignVersion {
	var out []campaignVersion
	for i, v := range versions {
		if i+1 == len(versions) || versions[i+1].campaign != v.campaign {
			out = append(out, v)
		}
	}
	return out
}

// ruleArgs adds one row for each cohort of each version, and one for each cohort that seats are kept for.
func ruleArgs(args pgx.NamedArgs, versions []campaignVersion) {
	campaign, version, cohort, queue := []int32{}, []int32{}, []string{}, []string{}
	opens, closes, first, lapses := []time.Time{}, []time.Time{}, []time.Time{}, []bool{}
	keeper, number, people := []int32{}, []int32{}, []string{}
	for _, v := range versions {
		for i, r := range v.content.Reserves {
			for _, k := range r.Cohorts {
				keeper, number, people = append(keeper, v.campaign), append(number, int32(i+1)), append(people, k)
			}
		}
		for _, k := range v.content.Cohorts {
			campaign, version = append(campaign, v.campaign), append(version, v.version)
			cohort, queue = append(cohort, k.Code), append(queue, k.Queue)
			opens, closes = append(opens, k.Opens), append(closes, k.Closes)
			first, lapses = append(first, k.FirstRound), append(lapses, k.Lapse > 0)
		}
	}
	args["rule_campaign"], args["rule_version"], args["rule_cohort"] = campaign, version, cohort
	args["rule_queue"], args["rule_opens"], args["rule_closes"] = queue, opens, closes
	args["rule_first"], args["rule_lapses"] = first, lapses
	args["kept_campaign"], args["kept_number"], args["kept_cohort"] = keeper, number, people
}

// ruleChecks: law 8.
var ruleChecks = []check{
	{8, "was let in by no version of the rules", `
SELECT 'registration ' || r.id, v.cohort IS NULL OR r.arrival < v.opens OR r.arrival >= v.closes OR q.code IS DISTINCT FROM v.queue
FROM registration r LEFT JOIN queue q ON q.id = r.queue_id
LEFT JOIN unnest(@rule_campaign::int[], @rule_version::int[], @rule_cohort::text[], @rule_queue::text[], @rule_opens::timestamptz[], @rule_closes::timestamptz[])
    AS v(campaign, version, cohort, queue, opens, closes)
    ON v.campaign = r.campaign_id AND v.version = r.cohort_version AND v.cohort = r.cohort`},

	// A fact is a minute with refusals. It stays a violation: these people were turned away, whatever was put right since.
	{8, "was refused although the announcement says eligible", `
SELECT 'campaign ' || campaign_id || ', ' || to_char(minute AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI') || ' UTC, somebody (' || count || ' in this minute)', true
FROM alarm WHERE kind = 'wrong_refusal'`},
}
