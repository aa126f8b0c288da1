package app_test

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestWishForOneTime: the wish for a time that was tapped names its site, its day and its half-hour at the campaign's place, and keeps a household together.
func TestWishForOneTime(t *testing.T) {
	t.Parallel()
	type wish struct{ Zone, Starts, Ends, Household string }
	asked := []wish{
		{"Asia/Seoul", "2021-07-27T05:30:00Z", "2021-07-27T06:00:00Z", ""},
		{"Asia/Seoul", "2021-07-26T23:30:00Z", "2021-07-27T00:00:00Z", "kim-2021"},
		{"Asia/Seoul", "2021-07-27T14:30:00Z", "2021-07-27T15:00:00Z", ""},
		{"America/New_York", "2021-11-07T04:00:00Z", "2021-11-07T04:30:00Z", ""},
	}
	var got []json.RawMessage
	inNode(t, `import { exactly } from './pages/swap.ts'`, `arg.map((a: any) => exactly({ told: { wishes: { sites: ['b'], weekdays: ['sat'], needs: ['step-free'],
		...(a.Household ? { household: { code: a.Household, size: 2 } } : {}) } }, form: {} } as any, { time_zone: a.Zone } as any, 'hall', { starts: a.Starts, ends: a.Ends, free: 1 }))`, asked, &got)
	for i, want := range []string{
		`{"sites":["hall"],"not_before":"2021-07-27","not_after":"2021-07-27","times":[{"from":"14:30","to":"15:00"}]}`,
		`{"sites":["hall"],"not_before":"2021-07-27","not_after":"2021-07-27","times":[{"from":"08:30","to":"09:00"}],"household":{"code":"kim-2021","size":2}}`,
		`{"sites":["hall"],"not_before":"2021-07-27","not_after":"2021-07-27","times":[{"from":"23:30","to":"24:00"}]}`,
		`{"sites":["hall"],"not_before":"2021-11-07","not_after":"2021-11-07","times":[{"from":"00:00","to":"00:30"}]}`,
	} {
		if diff := cmp.Diff(want, string(got[i])); diff != "" {
			t.Errorf("%d: %s", i, diff)
		}
	}
}

// TestTimesForThePerson: shown are those of the person's queue or of all, with a seat for each of the household, ahead, and not the present one.
func TestTimesForThePerson(t *testing.T) {
	t.Parallel()
	times := `[
		{"starts":"2021-07-27T08:00:00+09:00","ends":"2021-07-27T08:30:00+09:00","free":9},
		{"starts":"2021-07-27T09:00:00+09:00","ends":"2021-07-27T09:30:00+09:00","free":1},
		{"starts":"2021-07-27T10:00:00+09:00","ends":"2021-07-27T10:30:00+09:00","free":2,"queues":["old","mine"]},
		{"starts":"2021-07-27T11:00:00+09:00","ends":"2021-07-27T11:30:00+09:00","free":2,"queues":["old"]},
		{"starts":"2021-07-27T03:00:00Z","ends":"2021-07-27T03:30:00Z","free":2}]`
	var got map[string][]int
	inNode(t, `import { forPerson } from './pages/free.ts'`, `(() => {
		const own = { site: 'hall', starts: '2021-07-27T12:00:00+09:00' } as any
		const now = Date.parse('2021-07-27T08:30:00+09:00')
		const hours = (told: any, site: string) => forPerson(arg, { told, form: {} } as any, now, site, own).map((t) => new Date(t.starts).getUTCHours() + 9)
		return { alone: hours({ place: { queue: 'mine' } }, 'hall'), elsewhere: hours({ place: { queue: 'mine' } }, 'annex'),
			two: hours({ place: { queue: 'mine' }, wishes: { household: { size: 2 } } }, 'annex'), none: hours({}, 'hall') }
	})()`, json.RawMessage(times), &got)
	want := map[string][]int{"alone": {9, 10}, "elsewhere": {9, 10, 12}, "two": {10, 12}, "none": {9}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
