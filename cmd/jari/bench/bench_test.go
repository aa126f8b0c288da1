package bench_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"net/http"
	"testing"

	"jari/cmd/jari/bench"
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
