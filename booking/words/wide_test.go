package words_test

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"jari/booking"
	"jari/booking/words"
)

// unusual are data at the edges of what texts speak of, by name: what is missing, the shortest, hours that can be mistaken.
func unusual(lang booking.Lang) (names []string, all []words.Data) {
	add := func(name string, d words.Data) { names, all = append(names, name), append(all, d) }
	at := func(d words.Data, month time.Month, day, hour, minute int) words.Data {
		t := time.Date(2027, month, day, hour, minute, 0, 0, seoul)
		d.Starts, d.WasStarts, d.At = t, t.AddDate(0, 0, -1), t
		return d
	}
	short := usual(lang)
	short.Masked, short.Site, short.WasSite, short.Sample, short.Phone, short.Place, short.Sites = "김*", "북부", "남부", "", "119", 1, 1
	if lang == booking.English {
		short.Masked, short.Site, short.WasSite = "J* D*", "North", "South"
	}
	add("shortest", at(short, 1, 1, 9, 0))
	bare := usual(lang)
	bare.Phone, bare.Ticket, bare.Sample, bare.WasSite, bare.Place, bare.LastDay = "", "", "", "", 0, booking.Date{}
	add("bare", at(bare, 5, 5, 12, 0))
	nowhere := usual(lang)
	nowhere.Site, nowhere.Starts, nowhere.State, nowhere.Sites, nowhere.First = "", time.Time{}, "received", 0, 0
	add("no appointment", nowhere)
	long := longest(lang)
	long.Site, long.WasSite = "서울특별시 강남구 보건소 코로나19 예방접종센터 별관 3층 대강당", "부산광역시 해운대구 문화복합센터 지하 1층"
	if lang == booking.English {
		long.Site, long.WasSite = "Metropolitan Vaccination Centre in the Old Market Hall, Second Floor, Entrance B", "Community Centre by the River, Ground Floor"
	}
	add("beyond the longest", at(long, 11, 30, 23, 59))
	foreign := short
	foreign.Masked, foreign.Site, foreign.Sample = "Ł*똠", "別館", "—"
	add("foreign letters", at(foreign, 2, 28, 0, 0))
	add("after midnight", at(short, 10, 10, 0, 30))
	return names, all
}

// A table of what every text was, over data at the edges: whoever changes how texts are made sees here what else changed.
func TestGoldenOfUnusualData(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	for _, lang := range []booking.Lang{booking.Korean, booking.English} {
		names, all := unusual(lang)
		for i, d := range all {
			for _, v := range words.Cases(d) {
				text, err := words.Render(v.Kind, lang, v.Data)
				if err != nil {
					text = err.Error()
				}
				fmt.Fprintf(&b, "%s %s %s\n  %s\n", lang, names[i], v.Name, text)
			}
		}
	}
	golden(t, "testdata/unusual.golden", b.String())
}

// golden compares with a file, and says where they part.
func golden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got == string(want) {
		return
	}
	g, w := strings.Split(got, "\n"), strings.Split(string(want), "\n")
	for i := range min(len(g), len(w)) {
		if g[i] != w[i] {
			t.Errorf("%s, line %d\n%s\n%s\nwas\n%s", file, i+1, g[max(i-1, 0)], g[i], w[i])
		}
	}
	t.Error("the texts changed: run with -update and read the difference")
}
