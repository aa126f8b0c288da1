package drawfile_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"jari/booking"
	"jari/booking/drawfile"
)

// drawn makes a right record of so many entries, of which some were withdrawn, and some late ones.
func drawn(t *rapid.T) drawfile.Record {
	var secret booking.DrawSecret
	copy(secret[:], rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "secret"))
	raw := rapid.SliceOfNDistinct(rapid.SliceOfN(rapid.Byte(), 16, 16), 6, 40, func(b []byte) string { return string(b) }).Draw(t, "ids")
	ids := make([]booking.DrawID, len(raw))
	for i, b := range raw {
		ids[i] = booking.DrawID(b)
	}
	late, gone := ids[:2], ids[2:3]
	digest, commitment := booking.DrawListDigest(slices.Clone(ids[2:])), secret.Commitment()
	r := drawfile.Record{
		Format: drawfile.Format, Campaign: "clinic", Queue: "q", Opens: "2026-01-02T00:00:00Z", Window: "2026-01-03T00:00:00Z",
		CommittedAt: "2026-01-01T00:00:00Z", ListedAt: "2026-01-03T01:00:00.5Z", DrawnAt: "2026-01-03T02:00:00Z",
		Commitment: hex.EncodeToString(commitment[:]), Secret: hex.EncodeToString(secret[:]), ListDigest: hex.EncodeToString(digest[:]),
		PublicValueName: "lottery", PublicValue: "3 7 12", Listed: len(ids) - 2,
	}
	order := slices.Clone(ids[3:])
	byLot(secret.Seed(r.PublicValue), order)
	for i, id := range order {
		r.Entries = append(r.Entries, drawfile.Entry{ID: id.String(), Number: int64(i + 1)})
	}
	for i, id := range late {
		r.Entries = append(r.Entries, drawfile.Entry{ID: id.String(), Number: int64(len(order) + 5*i + 1), Late: "stamp"})
	}
	r.Entries = append(r.Entries, drawfile.Entry{ID: gone[0].String()})
	return r
}

// byLot brings entries into the order of their lots.
func byLot(seed booking.DrawSeed, ids []booking.DrawID) {
	slices.SortFunc(ids, func(a, b booking.DrawID) int { return seed.Lot(a).Compare(seed.Lot(b)) })
}

func TestARightRecordHoldsAlsoAfterAFile(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		r := drawn(t)
		var b bytes.Buffer
		if err := drawfile.Write(&b, r); err != nil {
			t.Fatal(err)
		}
		back, err := drawfile.Read(&b)
		if err != nil {
			t.Fatal(err)
		}
		held, err := drawfile.Verify(back, drawfile.Seen{Commitment: r.Commitment, Digest: r.ListDigest})
		text := strings.Join(held, "\n")
		if err != nil || !strings.Contains(text, fmt.Sprintf("numbers 1 to %d", len(r.Entries)-3)) || !strings.Contains(text, "stamp 2") ||
			!strings.Contains(text, "1 entry of the list has no number") ||
			!strings.Contains(text, fmt.Sprintf("after 4 numbers that are not in the record (%d to %d)", len(r.Entries)-1, len(r.Entries)+2)) {
			t.Fatalf("%v\n%s", err, text)
		}
	})
}

// tamperings are what somebody could change in a record.
var tamperings = map[string]func(r *drawfile.Record, i, j int){
	"two numbers exchanged": func(r *drawfile.Record, i, j int) {
		r.Entries[i].Number, r.Entries[j].Number = r.Entries[j].Number, r.Entries[i].Number
	},
	"two ids exchanged": func(r *drawfile.Record, i, j int) {
		r.Entries[i].ID, r.Entries[j].ID = r.Entries[j].ID, r.Entries[i].ID
	},
	"an entry left out": func(r *drawfile.Record, i, _ int) { r.Entries = slices.Delete(r.Entries, i, i+1) },
	"an entry twice":    func(r *drawfile.Record, i, _ int) { r.Entries = append(r.Entries, r.Entries[i]) },
	"an entry made up": func(r *drawfile.Record, _, _ int) {
		r.Entries = append(r.Entries, drawfile.Entry{ID: strings.Repeat("ab", 16)})
	},
	"an id changed":         func(r *drawfile.Record, i, _ int) { r.Entries[i].ID = strings.Repeat("0c", 16) },
	"an id in capitals":     func(r *drawfile.Record, i, _ int) { r.Entries[i].ID = strings.Repeat("AB", 16) },
	"a number taken away":   func(r *drawfile.Record, _, _ int) { r.Entries[0].Number = 0 },
	"a number raised":       func(r *drawfile.Record, i, _ int) { r.Entries[i].Number += 1000 },
	"one called late":       func(r *drawfile.Record, i, _ int) { r.Entries[i].Late = "stamp" },
	"a late one put first":  func(r *drawfile.Record, _, _ int) { late(r).Number = 1 },
	"a late one listed":     func(r *drawfile.Record, _, _ int) { late(r).Late = "" },
	"late ones on one":      func(r *drawfile.Record, _, _ int) { late(r).Number += 5 },
	"another secret":        func(r *drawfile.Record, _, _ int) { r.Secret = strings.Repeat("5c", 32) },
	"no secret":             func(r *drawfile.Record, _, _ int) { r.Secret = "" },
	"another commitment":    func(r *drawfile.Record, _, _ int) { r.Commitment = strings.Repeat("5c", 32) },
	"another spelling":      func(r *drawfile.Record, _, _ int) { r.PublicValue = "03 7 12" },
	"another digest":        func(r *drawfile.Record, _, _ int) { r.ListDigest = strings.Repeat("5c", 32) },
	"another count":         func(r *drawfile.Record, _, _ int) { r.Listed++ },
	"drawn before the list": func(r *drawfile.Record, _, _ int) { r.DrawnAt = r.ListedAt },
	"committed afterwards":  func(r *drawfile.Record, _, _ int) { r.CommittedAt = r.ListedAt },
	"listed in the window":  func(r *drawfile.Record, _, _ int) { r.ListedAt = "2026-01-02T12:00:00Z" },
	"no instant":            func(r *drawfile.Record, _, _ int) { r.Opens = "soon" },
}

func late(r *drawfile.Record) *drawfile.Entry {
	return &r.Entries[slices.IndexFunc(r.Entries, func(e drawfile.Entry) bool { return e.Late != "" })]
}

// Numbers that late entries come after and that nobody has are said, and nothing is said where there are none.
func TestGapsBeforeLateNumbersAreSaid(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		r := drawn(t)
		last := int64(len(r.Entries) - 3)
		for _, c := range []struct {
			first, second int64
			want          string
		}{
			{1, 2, ""}, {2, 3, fmt.Sprintf("after 1 number that is not in the record (%d)", last+1)},
			{2, 4, fmt.Sprintf("after 2 numbers that are not in the record (%d, %d)", last+1, last+3)},
		} {
			r.Entries[last].Number, r.Entries[last+1].Number = last+c.first, last+c.second
			held, err := drawfile.Verify(r, drawfile.Seen{})
			text := strings.Join(held, "\n")
			if err != nil || !strings.Contains(text, c.want) || c.want == "" && strings.Contains(text, "not in the record") {
				t.Fatalf("%v\n%s\nwant %q", err, text, c.want)
			}
		}
	})
}

func TestEveryChangeOfARecordIsFound(t *testing.T) {
	t.Parallel()
	for name, change := range tamperings {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rapid.Check(t, func(t *rapid.T) {
				r := drawn(t)
				listed := len(r.Entries) - 3
				i := rapid.IntRange(0, listed-1).Draw(t, "i")
				change(&r, i, (i+1)%listed)
				if held, err := drawfile.Verify(r, drawfile.Seen{}); !errors.Is(err, drawfile.ErrMismatch) {
					t.Fatalf("%v\n%s", err, strings.Join(held, "\n"))
				}
			})
		})
	}
}

// Another value is a right record of another draw, unless the order is kept.
func TestAnotherValueIsAnotherOrder(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		r := drawn(t)
		secret, err := hex.DecodeString(r.Secret)
		if err != nil {
			t.Fatal(err)
		}
		var ids, again []booking.DrawID
		for _, e := range r.Entries[:len(r.Entries)-3] {
			id, err := booking.ParseDrawID(e.ID)
			if err != nil {
				t.Fatal(err)
			}
			ids = append(ids, id)
		}
		again = slices.Clone(ids)
		byLot(booking.DrawSecret(secret).Seed("4 7 12"), again)
		r.PublicValue = "4 7 12"
		_, err = drawfile.Verify(r, drawfile.Seen{})
		if (err == nil) != slices.Equal(ids, again) {
			t.Fatalf("the order is the same: %t; %v", slices.Equal(ids, again), err)
		}
	})
}

func TestWhatWasSeenCounts(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		r := drawn(t)
		for _, seen := range []drawfile.Seen{{Commitment: r.ListDigest}, {Digest: r.Commitment}} {
			if _, err := drawfile.Verify(r, seen); !errors.Is(err, drawfile.ErrMismatch) {
				t.Fatalf("%+v: %v", seen, err)
			}
		}
	})
}

// Whoever copies a hash with a space or in capitals has seen the same; what is no hash is no mismatch, but a slip.
func TestWhatWasSeenMayBeWrittenInCapitals(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		r := drawn(t)
		if _, err := drawfile.Verify(r, drawfile.Seen{Commitment: " " + strings.ToUpper(r.Commitment) + "\n", Digest: "\t" + r.ListDigest}); err != nil {
			t.Fatal(err)
		}
		for _, wrong := range []string{" ", r.Commitment[1:], r.Commitment + "0", "g" + r.Commitment[1:], r.Commitment[:32] + " " + r.Commitment[32:]} {
			for _, seen := range []drawfile.Seen{{Commitment: wrong}, {Digest: wrong}} {
				if held, err := drawfile.Verify(r, seen); !errors.Is(err, drawfile.ErrSeen) || len(held) > 0 {
					t.Fatalf("%+v: %v", seen, err)
				}
			}
		}
	})
}

// A window that closes with nobody in it is a right draw, also when somebody came late.
func TestADrawOfNobody(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		r, digest := drawn(t), booking.DrawListDigest(nil)
		r.Listed, r.ListDigest = 0, hex.EncodeToString(digest[:])
		r.Entries = slices.DeleteFunc(r.Entries, func(e drawfile.Entry) bool { return e.Late == "" })
		held, err := drawfile.Verify(r, drawfile.Seen{})
		if text := strings.Join(held, "\n"); err != nil || !strings.Contains(text, "there was nothing to draw") || !strings.Contains(text, "stamp 2") {
			t.Fatalf("%v\n%s", err, text)
		}
	})
}

func TestReadRefusesWhatIsNoRecord(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "{}", "[]", `{"format":"jari draw record v2"}`, `{"format":"jari draw record v1","colour":1}`, `{"format":"jari draw record v1"} {}`} {
		if _, err := drawfile.Read(strings.NewReader(text)); !errors.Is(err, drawfile.ErrFormat) {
			t.Errorf("%q: %v", text, err)
		}
	}
}
