package bench_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"jari/cmd/jari/bench"
	"jari/sms/twilio"
)

// What is written into a prepared request is what Invent says, also where the phones begin again.
func TestARequestIsThePersonsOwn(t *testing.T) {
	t.Parallel()
	a := bench.NewApplication("127.0.0.1:1", "/v1/x", "north")
	seen := map[bench.Someone]bool{}
	for _, n := range []int64{0, 1, 19, 20, 399, 9_999_999, 10_000_000, 10_000_001, 54_321_987} {
		r, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(a.For(n))))
		if err != nil {
			t.Fatal(err)
		}
		var got struct {
			Person struct {
				Name  string `json:"name"`
				Born  string `json:"birth_date"`
				Phone string `json:"phone"`
			} `json:"person"`
		}
		if err := json.NewDecoder(r.Body).Decode(&got); err != nil {
			t.Fatal(err)
		}
		want := bench.Invent(n)
		if bench.Someone(got.Person) != want || r.Header.Get("Authorization") != "Bearer "+bench.Secret(n) {
			t.Errorf("%d: got %+v, want %+v", n, got, want)
		}
		if seen[want] {
			t.Errorf("%d is somebody else already", n)
		}
		seen[want] = true
		if _, err := want.Person(); err != nil {
			t.Errorf("%d: %v", n, err)
		}
	}
}

func TestMedian(t *testing.T) {
	t.Parallel()
	for want, values := range map[float64][]float64{0: nil, 1: {1}, 2: {3, 1, 2}, 2.5: {4, 1, 2, 3}} {
		if got := bench.Median(values); got != want {
			t.Errorf("of %v: got %v, want %v", values, got, want)
		}
	}
}

// A prepared webhook is what the provider would send and sign, also where the phones begin again.
func TestATextIsThePersonsOwn(t *testing.T) {
	t.Parallel()
	const path = "/webhooks/twilio/inbound/seoul"
	account := bench.NewTextAccount("a token", "https://jari.example"+path, "+82200001339", "강남구")
	text := bench.NewText("127.0.0.1:1", path, account)
	ids := map[string]bool{}
	for _, n := range []int64{0, 1, 19, 20, 399, 9_999_999, 10_000_000, 10_000_001, 54_321_987} {
		r, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(text.For(n))))
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Fatal(err)
		}
		if !twilio.NewWebhooks("https://jari.example", "a token").Verify(&http.Request{RequestURI: path, Header: r.Header}, body) {
			t.Errorf("%d: not signed as the provider signs", n)
		}
		form, err := url.ParseQuery(string(body))
		if err != nil {
			t.Fatal(err)
		}
		in, err := twilio.Webhooks{}.ParseInbound(form)
		if err != nil {
			t.Fatal(err)
		}
		who := bench.Invent(n)
		if want := "예약 " + strings.ReplaceAll(who.Born[2:], "-", "") + " " + who.Name + " 강남구"; in.Body != want || in.From.E164() != who.Phone {
			t.Errorf("%d: %q from %s, want %q from %s", n, in.Body, in.From.E164(), want, who.Phone)
		}
		if ids[in.ProviderID] {
			t.Errorf("%d: an id for the second time", n)
		}
		ids[in.ProviderID] = true
	}
}
