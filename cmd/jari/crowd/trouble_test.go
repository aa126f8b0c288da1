package crowd

import (
	"testing"

	"jari/booking/campaignfile"
	"jari/sms/phonesim"
)

// Each trouble befalls some phones of a crowd, only of people who apply without a twist, and once.
func TestTroubles(t *testing.T) {
	t.Parallel()
	campaign, err := campaignfile.Load("../../../examples/seoul-2021.yaml")
	if err != nil {
		t.Fatal(err)
	}
	const ours = "+82200001339"
	phones, err := phonesim.New(phonesim.Config{AccountSID: "AC1", AuthToken: "x", From: ours})
	if err != nil {
		t.Fatal(err)
	}
	phones.Start()
	t.Cleanup(phones.Stop)
	c := New(Config{People: 1000, Seed: 1, Campaign: campaign, Phones: phones, At: 1})
	for _, m := range c.people {
		if m.trouble != "" && m.twist != plain {
			t.Errorf("twist %d has trouble too", m.twist)
		}
		c.befall(m)
		c.befall(m)
	}
	want := map[string]func(phonesim.Handset) bool{
		"switched off": func(h phonesim.Handset) bool { return h.Off }, "inbox full": func(h phonesim.Handset) bool { return h.Full },
		"landline":       func(h phonesim.Handset) bool { return h.Landline == phonesim.LandlineReceipt },
		"not in service": func(h phonesim.Handset) bool { return h.Unknown },
		"filtered":       func(h phonesim.Handset) bool { return len(h.FilteredFrom) == 1 },
		"opted out":      func(h phonesim.Handset) bool { return len(h.OptedOutOf) == 1 },
	}
	all := c.Troubles()
	if len(all) != len(want) || len(troubles()) != len(want) {
		t.Errorf("%d kinds of trouble", len(all))
	}
	for _, kind := range all {
		if len(kind.People) < 2 {
			t.Errorf("%s: %d people", kind.Name, len(kind.People))
		}
		for _, p := range kind.People {
			if !want[kind.Name](phones.Handset(p.Phone)) {
				t.Errorf("%s: %+v", kind.Name, phones.Handset(p.Phone))
			}
		}
	}
}
