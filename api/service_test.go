package api_test

import (
	"net/http"
	"strings"
	"testing"

	"jari/api"
)

func TestTheContractsVersionIsTheSpecs(t *testing.T) {
	t.Parallel()
	if v := loadSpec(t).doc.Info.Version; v != api.ContractVersion {
		t.Errorf("the server says %s, openapi.yaml %s", api.ContractVersion, v)
	}
}

func TestTheLeastVersionOfAClient(t *testing.T) {
	t.Parallel()
	for version, good := range map[string]bool{
		api.ContractVersion: true, "0.9.12": true, "1.0.1": true, "1.1.1": false, "1.2.0": false, "2.0.0": false,
		"1": false, "1.0": false, "1.0.0.0": false, "v1.0.0": false, "1.00.0": false, "1.0.-1": false, "1.0.0-rc1": false, "": false,
	} {
		if err := api.CheckMinimum(version); (err == nil) != good {
			t.Errorf("%q: %v", version, err)
		}
	}
	r := newServer(t, func(c *api.Config) { c.ClientMinimum, c.Sandbox = "0.9.12", true })
	got := r.do(t, http.MethodGet, "/v1/service", "")
	if !strings.Contains(got.body, `"minimum":"0.9.12"`) || !strings.Contains(got.body, `"sandbox":true`) {
		t.Errorf("%d %s", got.status, got.body)
	}
	if old := newServer(t).do(t, http.MethodGet, "/v1/service", ""); old.header.Get("ETag") == got.header.Get("ETag") {
		t.Error("another document has the same ETag")
	}
}
