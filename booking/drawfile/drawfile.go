// Package drawfile is the public record of a draw: a JSON file from which anybody can do the whole draw again, without a
// database and without a key. Record is the file, Verify does it again. The arithmetic itself is in booking/draw.go, where
// it is written out for a few lines of script.
package drawfile

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// Format names this version of the file.
const Format = "jari draw record v1"

// Record is the file. Hashes, ids and the secret are lower-case hex, instants RFC 3339 in UTC.
type Record struct {
	Format          string  `json:"format"`
	Campaign        string  `json:"campaign"`
	Queue           string  `json:"queue"`
	Opens           string  `json:"opens"`             // all who applied from here
	Window          string  `json:"window"`            // until here (exclusive) are equal
	Commitment      string  `json:"commitment"`        // public before the opening
	CommittedAt     string  `json:"committed_at"`      //
	PublicValueName string  `json:"public_value_name"` // named before the opening
	ListDigest      string  `json:"list_digest"`       // public before the value was drawn
	ListedAt        string  `json:"listed_at"`
	Secret          string  `json:"secret"`       // revealed after the draw
	PublicValue     string  `json:"public_value"` // as booking.PublicValue writes it
	DrawnAt         string  `json:"drawn_at"`
	Listed          int     `json:"listed"`  // entries in the digest; the others are late
	Entries         []Entry `json:"entries"` // by number; those without a number at the end, by id
}

// Entry is one line of the record.
type Entry struct {
	ID     string `json:"id"`
	Number int64  `json:"number,omitempty"` // 0: withdrawn between the closing of the list and its number
	Late   string `json:"late,omitempty"`   // why it came after the list was closed; such an entry is not in the digest
}

// Write writes a record, one entry a line.
func Write(w io.Writer, r Record) error {
	entries := r.Entries
	r.Entries = []Entry{}
	head, err := json.MarshalIndent(r, "", "  ") //nolint:gosec // the record is what reveals the secret
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintf(w, "%s\n", head[:len(head)-len("]\n}")]); err != nil {
		return err
	}
	for i, e := range entries {
		line, err := json.Marshal(e)
		if err != nil {
			return err
		}
		end := ","
		if i == len(entries)-1 {
			end = ""
		}
		if _, err := fmt.Fprintf(w, "    %s%s\n", line, end); err != nil {
			return err
		}
	}
	_, err = fmt.Fprintf(w, "  ]\n}\n")
	return err
}

// ErrFormat is returned for a file that is no record of this version.
var ErrFormat = errors.New("this is not a draw's record (" + Format + ")")

// Read reads a record. It returns ErrFormat.
func Read(r io.Reader) (Record, error) {
	var out Record
	d := json.NewDecoder(r)
	d.DisallowUnknownFields()
	if err := d.Decode(&out); err != nil {
		return Record{}, fmt.Errorf("%w: %w", ErrFormat, err)
	}
	if out.Format != Format {
		return Record{}, ErrFormat
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return Record{}, fmt.Errorf("%w: something stands behind it", ErrFormat)
	}
	return out, nil
}
