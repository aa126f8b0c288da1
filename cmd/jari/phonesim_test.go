package main

import (
	"strings"
	"testing"

	"jari/sms/phonesim"
)

// What the simulated network is told by flags and environment, and what is missing.
func TestPhonesimSaysWhatIsMissing(t *testing.T) {
	t.Parallel()
	set := func(values ...string) func(string) string {
		return func(name string) string {
			for i := 0; i+1 < len(values); i += 2 {
				if values[i] == name {
					return values[i+1]
				}
			}
			return ""
		}
	}
	f := phonesimFlags{gateway: true, receipts: "http://127.0.0.1/r", numbers: []string{"16001339", "16001340=http://127.0.0.1/flu"}}
	_, sim, err := f.read(set(gatewaySecret, krSecret, gatewaySecretBefore, " "+krSecret+"b"))
	if err != nil {
		t.Fatal(err)
	}
	if sim.From != "16001339" || len(sim.Gateway.Secrets) != 2 || sim.Gateway.Secrets[0] != krSecret || sim.Gateway.ReceiptsURL != f.receipts ||
		sim.Numbers[1].InboundURL != "http://127.0.0.1/flu" {
		t.Errorf("%+v", sim)
	}
	if _, err := phonesim.New(sim); err != nil {
		t.Error(err)
	}
	for name, c := range map[string]struct {
		f      phonesimFlags
		getenv func(string) string
		want   string
	}{
		"no secret":                {f, set(), gatewaySecret + " is not set"},
		"no number":                {phonesimFlags{gateway: true}, set(gatewaySecret, krSecret), "--number is missing"},
		"Twilio without variables": {phonesimFlags{}, set(), "TWILIO_FROM"},
		"a number of Twilio's":     {phonesimFlags{numbers: []string{"1"}}, set(), "for --gateway"},
	} {
		if _, _, err := c.f.read(c.getenv); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, sim, _ := f.read(set(gatewaySecret, "short")); sim.Gateway != nil {
		if _, err := phonesim.New(sim); err == nil || strings.Contains(err.Error(), "short") {
			t.Errorf("a short secret: %v", err)
		}
	}
}
