package db

import (
	"testing"
	"time"

	"jari/booking/campaignfile"
)

// A campaign comes out of the database as it went in, with its times in its zone. Slots are rows and no content.
func TestCampaignSurvivesStorage(t *testing.T) {
	t.Parallel()
	c, err := campaignfile.Load("../booking/campaignfile/testdata/corpus/promises.yaml")
	if err != nil {
		t.Fatal(err)
	}
	seoul, err := time.LoadLocation("Asia/Seoul")
	if err != nil {
		t.Fatal(err)
	}
	c.Zone = seoul // other than the one JSON falls back to
	b, err := campaignToJSON(c)
	if err != nil {
		t.Fatal(err)
	}
	got, err := campaignFromJSON(b)
	if err != nil {
		t.Fatal(err)
	}
	c.Slots = nil
	if campaignfile.Digest(got) != campaignfile.Digest(c) {
		t.Errorf("stored as\n%s\nread as\n%+v", b, got)
	}
	for what, at := range map[string]time.Time{
		"window": got.Cohorts[0].Window, "announced opening": got.Announced[0].Opens, "announced closing": got.Announced[0].Closes, "opening": got.Cohorts[0].Opens,
	} {
		if at.Location() != got.Zone {
			t.Errorf("%s is in %s", what, at.Location())
		}
	}
	c.Cohorts[0].Window = time.Time{}
	if b, err = campaignToJSON(c); err != nil {
		t.Fatal(err)
	}
	if got, err = campaignFromJSON(b); err != nil || !got.Cohorts[0].Window.IsZero() {
		t.Errorf("no window became %v, %v", got.Cohorts[0].Window, err)
	}
}
