package journal

import (
	"bytes"
	"errors"

	"jari/booking/desk"
	"jari/booking/vault"
)

// record is a whole record and where it stands.
type record struct {
	offset int64
	size   int64
	in     desk.Inbound
}

// findings is what a segment's bytes hold.
type findings struct {
	id      segmentID
	records []record
	// locked counts records that are whole but cannot be read: under a master key that is not given, or of a kind that a
	// newer program writes. They are nobody's fault and stay where they are.
	locked int
	// end is where the last whole record ends. What follows is the beginning of a record and no more, as a power cut or a kill
	// leaves it, unless damaged.
	end int64
	// damaged says that something is neither a whole record that was written here nor such a beginning.
	damaged bool
}

// scan reads a segment's bytes. It returns every record that was written at its place in this segment, whatever is wrong
// around it, and none that was not. name is the id in the file's name, which is believed when the header is damaged.
func scan(data []byte, name segmentID, keys *vault.JournalKeys) findings {
	id, v, ok := parseHeader(data)
	f := findings{id: id, end: headerSize}
	pos := int64(headerSize)
	switch {
	case !ok && len(data) <= headerSize: // the very first write was cut off: there is no record
		f.id, f.end = name, 0
		return f
	case !ok:
		f.id, f.damaged, f.end, pos = name, true, 0, 0
	case v != version: // a newer program's file
		f.locked, f.end = 1, int64(len(data))
		return f
	}
	gap := false // between here and the last whole record stands something that is none
	for pos < int64(len(data)) {
		size, whole := f.take(data, pos, keys)
		switch {
		case whole:
			f.damaged = f.damaged || gap
			gap = false
			pos += size
			f.end = pos
		case size > 0: // its frame is right: the next record begins behind it
			gap = true
			pos += size
		default:
			gap = true
			next := bytes.Index(data[pos+1:], []byte(marker))
			if next < 0 {
				pos = int64(len(data))
				break
			}
			pos += 1 + int64(next)
		}
	}
	rest := data[f.end:]
	cut, framed := parseFrame(rest)
	f.damaged = f.damaged || len(rest) >= frameSize && (!framed || len(rest) >= frameSize+cut.length)
	return f
}

// take reads the record at pos. size is 0 when there is no frame.
func (f *findings) take(data []byte, pos int64, keys *vault.JournalKeys) (size int64, whole bool) {
	fr, ok := parseFrame(data[pos:])
	if !ok || pos+frameSize+int64(fr.length) > int64(len(data)) {
		return 0, false
	}
	size = frameSize + int64(fr.length)
	body := data[pos+frameSize : pos+size]
	if crc(body) != fr.sum {
		return size, false
	}
	in, err := open(keys, f.id, pos, fr.number, body)
	switch {
	case err == nil:
		f.records = append(f.records, record{pos, size, in})
		return size, true
	case errors.Is(err, vault.ErrJournalRecord): // a right checksum over something that was not written here
		f.damaged = true
		return size, false
	}
	f.locked++
	return size, true
}

func open(keys *vault.JournalKeys, id segmentID, offset int64, number uint64, body []byte) (desk.Inbound, error) {
	plain, err := keys.Open(body, place(id, offset, number))
	if err != nil {
		return desk.Inbound{}, err
	}
	return decode(plain)
}
