package journal

import (
	"encoding/base64"
	"slices"
	"testing"

	"jari/booking/desk"
)

// FuzzJournal reads any bytes as a file of the journal: it never panics, never returns a record that was not written at
// that place, and what it says about the end is within the file.
func FuzzJournal(f *testing.F) {
	keys := keysFrom(f, base64.StdEncoding.EncodeToString(make([]byte, 32)))
	id := segmentID{1, 2, 3}
	const texts = 3
	data := appendHeader(nil, id)
	places := map[int64]desk.Inbound{} // where each text was written
	for n := range texts {
		places[int64(len(data))] = text(n)
		data = appendRecord(data, keys, id, int64(len(data)), uint64(n), encode(text(n)))
	}
	f.Add(data)
	f.Add(data[:len(data)-1])
	f.Add(slices.Concat(data, data))
	f.Add(slices.Concat(data, []byte(marker), make([]byte, 40)))
	f.Fuzz(func(t *testing.T, b []byte) {
		found := scan(b, id, keys)
		if found.end < 0 || found.end > int64(max(len(b), headerSize)) {
			t.Errorf("the last record ends at %d of %d bytes", found.end, len(b))
		}
		last := int64(-1)
		for _, r := range found.records {
			if want, ok := places[r.offset]; !ok || r.in != want || found.id != id {
				t.Errorf("a record at %d that was not written", r.offset)
			}
			if r.offset <= last || r.offset+r.size > found.end {
				t.Errorf("records overlap at %d, or lie behind the end", r.offset)
			}
			last = r.offset
		}
	})
}

// FuzzRecord reads any bytes as what is sealed in a record.
func FuzzRecord(f *testing.F) {
	f.Add(encode(text(1)))
	f.Add(encode(desk.Inbound{}))
	f.Add(encode(desk.Inbound{Shared: true, Body: "예약"}))
	f.Fuzz(func(t *testing.T, b []byte) {
		in, err := decode(b)
		if err != nil {
			return
		}
		if again, err := decode(encode(in)); err != nil || again != in {
			t.Errorf("read, written and read again: %v", err)
		}
	})
}

// A text to a number that several campaigns share comes back as one: which campaign is meant is found out when it is replayed.
func TestASharedTextStaysShared(t *testing.T) {
	t.Parallel()
	in := text(1)
	in.Shared = true
	if got, err := decode(encode(in)); err != nil || got != in {
		t.Errorf("%+v %v", got, err)
	}
}
