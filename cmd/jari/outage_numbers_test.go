package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"jari/booking"
	"jari/booking/desk"
	"jari/db/dbtest"
	"jari/sms/phonesim"
)

// numbersTown has two campaigns, each with a number of its own, and a number that both share, all at one provider whose posts are tried once.
func numbersTown(t *testing.T) (w *town, clinics, flus, shared string) {
	t.Helper()
	w = newTown(t, sharedTo, dbtest.BeforeOffer)
	_, w.campaigns = dbtest.Campaign(t, w.db, sharedFlu)
	c := &w.config
	clinics, flus, shared = c.TwilioFrom, "+82200001340", "+82200001341"
	at := w.apiURL + inboundAt(kindTwilio)
	w.havePhonesOf(phonesim.Config{
		AccountSID: c.TwilioAccountSID, AuthToken: c.TwilioAuthToken, From: clinics, ListLag: -1, HookRetries: -1, InboundURL: at,
		Numbers: []phonesim.Number{{Number: clinics, InboundURL: at + "/" + w.campaign.Slug}, {Number: flus, InboundURL: at + "/" + flu}, {Number: shared}},
	})
	w.haveTexts(fmt.Sprintf(`
providers:
  - {name: twilio, kind: twilio, account: %s, url: "%s", secret: TWILIO_AUTH_TOKEN}
routes:
  - {name: main, provider: twilio, number: "%s"}
inbound:
  - {provider: twilio, number: "%s", campaign: %s}
  - {provider: twilio, number: "%s", campaign: %s}
  - {provider: twilio, number: "%s"}
`, c.TwilioAccountSID, c.TwilioBaseURL, clinics, clinics, w.campaign.Slug, flus, flu, shared))
	return w, clinics, flus, shared
}

// haveTexts writes a file for JARI_TEXTS and makes it the town's.
func (w *town) haveTexts(content string) {
	w.t.Helper()
	file := filepath.Join(w.t.TempDir(), "texts.yaml")
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		w.t.Fatal(err)
	}
	var problems []error
	w.config.TextsFile = file
	w.config.Texts, problems = readTexts(file, textVariables(file, "TWILIO_AUTH_TOKEN", w.config.TwilioAuthToken, gatewaySecret, krSecret))
	if len(problems) > 0 {
		w.t.Fatal(problems)
	}
}

// While nobody takes texts, people text the numbers of two campaigns and a shared one. The log of each number brings them to where they belong, although
// the last text by a webhook was for one of the campaigns, and everybody by age could be meant for either.
func TestAnOutageAtSeveralNumbers(t *testing.T) {
	t.Parallel()
	w, clinics, flus, shared := numbersTown(t)
	ctx := context.WithoutCancel(t.Context())
	var warned lockedBuffer
	work, err := newWorkProcess(ctx, w.config, slog.New(slog.NewTextHandler(&warned, &slog.HandlerOptions{Level: slog.LevelWarn})))
	if err != nil {
		t.Fatal(err)
	}
	defer stopped(t, work)
	api, err := newAPI(ctx, w.config, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	w.phones.TextTo(dbtest.Person(1).Phone, clinics, "예약 650412 홍길동 북구")
	w.counted("clinic", 1, 0)
	w.told()
	stopped(t, api)

	const each = 5
	for i := range each {
		w.phones.TextTo(dbtest.Person(10+i).Phone, flus, fmt.Sprintf("예약 65051%d 김철수 북구", i))
		w.phones.TextTo(dbtest.Person(20+i).Phone, clinics, fmt.Sprintf("예약 65061%d 이영희 북구", i))
	}
	w.phones.TextTo(dbtest.Person(30).Phone, shared, "예약 500713 박민수 북구") // by age for the clinic only
	w.phones.TextTo(dbtest.Person(31).Phone, shared, "예약 850713 최지우 북구") // and for the flu only
	w.until("the provider to give up, and a time without a sign", time.Minute, func() bool {
		var away bool
		w.db.Scan(t, `SELECT clock_timestamp() - max(seen_at) > interval '4 seconds' FROM text_door`, nil, &away)
		return away && w.phones.Counts().InboundLost == 2*each+2
	})
	if api, err = newAPI(ctx, w.config, slog.New(slog.DiscardHandler)); err != nil {
		t.Fatal(err)
	}
	defer stopped(t, api)
	w.counted(flu, each+1, 0)
	w.counted("clinic", 1+each+1, 0)
	for slug, first := range map[string]int{flu: 10, "clinic": 20} {
		c, err := w.campaigns.BySlug(slug)
		if err != nil {
			t.Fatal(err)
		}
		var phones [][]byte
		for i := range each {
			h := c.Keys.Phone(dbtest.Person(first + i).Phone)
			phones = append(phones, h[:])
		}
		var there, asked int
		w.db.Scan(t, `SELECT (SELECT count(*) FROM phone_entry JOIN inbound USING (campaign_id, phone_hash) WHERE campaign_id = $1 AND phone_hash = ANY($2) AND via = 'log' AND NOT shared),
			(SELECT count(*) FROM message WHERE kind = 'which_campaign')`, []any{c.ID, phones}, &there, &asked)
		if there != each || asked > 0 {
			t.Errorf("%s: %d of %d stand in the campaign whose number they texted; %d were asked which one they meant", slug, there, each, asked)
		}
	}
	if strings.Contains(warned.String(), "does not exist") {
		t.Errorf("warned: %s", warned.String())
	}
	w.told()
	w.audited()
}

// told waits until every text is dealt with, everybody has been told what there is to tell, and it is known that it arrived.
func (w *town) told() {
	w.t.Helper()
	w.until("the fate of all texts", time.Minute, func() bool {
		var open, all, unread int
		w.db.Scan(w.t, `SELECT count(*) FILTER (WHERE state IN ('pending', 'queued', 'sending', 'unknown', 'accepted', 'sent')), count(*),
			(SELECT count(*) FROM inbound WHERE handled_at IS NULL) FROM message WHERE due_at <= clock_timestamp()`, nil, &open, &all, &unread)
		return open == 0 && all > 0 && unread == 0
	})
}

// A number for a campaign that is not there: the worker says so at its start, and what the log has stays there until the campaign is.
func TestANumberForNoCampaign(t *testing.T) {
	t.Parallel()
	w, clinics, flus, _ := numbersTown(t)
	for i := range w.config.Texts.Inbound {
		if in := &w.config.Texts.Inbound[i]; in.Number == flus {
			in.Campaign = "flue"
		}
	}
	var warned lockedBuffer
	work, err := newWorkProcess(context.WithoutCancel(t.Context()), w.config, slog.New(slog.NewTextHandler(&warned, nil)))
	if err != nil {
		t.Fatal(err)
	}
	defer stopped(t, work)
	if said := warned.String(); strings.Count(said, "does not exist") != 1 || !strings.Contains(said, "campaign=flue number="+flus) {
		t.Errorf("warned: %s", said)
	}
	now := time.Now()
	w.phones.TextTo(dbtest.Person(1).Phone, flus, "예약 650412 홍길동 북구")
	w.phones.TextTo(dbtest.Person(2).Phone, clinics, "예약 650412 홍길순 북구")
	o := desk.Outage{Provider: kindTwilio, From: now.Add(-time.Minute), To: time.Now().Add(time.Second)}
	if kept, err := work.recoverTexts(t.Context(), o); kept != 1 || booking.CodeOf(err) != booking.CodeNoCampaign || !strings.Contains(err.Error(), "flue") {
		t.Errorf("%d texts were kept: %v", kept, err)
	}
	w.counted("clinic", 1, 0)
	w.counted(flu, 0, 0)
}
