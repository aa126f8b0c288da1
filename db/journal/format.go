package journal

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
	"time"

	"jari/booking"
	"jari/booking/desk"
	"jari/booking/vault"
)

// A segment file is a header and then records, one after the other. Numbers are big-endian.
//
//	header  magic (8) · version (2) · zero (2) · segment id (8) · CRC32C of the above (4)
//	record  marker (4) · length of the body (4) · number in the segment (8) · CRC32C of the body (4) · CRC32C of the above (4) · body
//	body    key id (8) · nonce (12) · ciphertext · tag (16)
//
// The checksums tell damage from a missing key; that nobody has made or moved a record is what the tag shows, because the
// segment's id and the record's offset and number are its associated data. The marker finds the next record after damage.
const (
	headerSize = 24
	frameSize  = 24
	version    = 1

	// maxPlain bounds one record. A webhook's body is at most 64 KiB, whatever is in it.
	maxPlain = 96 << 10
	overhead = vault.JournalOverhead
	maxBody  = maxPlain + overhead
)

const (
	magic  = "JARIJRNL"
	marker = "\xF1jr\x0A"
)

type segmentID [8]byte

func crc(b []byte) uint32 { return crc32.Checksum(b, crc32.MakeTable(crc32.Castagnoli)) }

func appendHeader(b []byte, id segmentID) []byte {
	from := len(b)
	b = append(b, magic...)
	b = binary.BigEndian.AppendUint16(b, version)
	b = append(b, 0, 0)
	b = append(b, id[:]...)
	return binary.BigEndian.AppendUint32(b, crc(b[from:]))
}

// parseHeader returns the segment's id and version. ok is false when the header is damaged or cut off.
func parseHeader(b []byte) (id segmentID, v uint16, ok bool) {
	if len(b) < headerSize || string(b[:8]) != magic || crc(b[:20]) != binary.BigEndian.Uint32(b[20:]) {
		return id, 0, false
	}
	return segmentID(b[12:]), binary.BigEndian.Uint16(b[8:]), true
}

// place is what a record is bound to.
func place(id segmentID, offset int64, number uint64) []byte {
	b := append(make([]byte, 0, 24), id[:]...)
	b = binary.BigEndian.AppendUint64(b, uint64(offset))
	return binary.BigEndian.AppendUint64(b, number)
}

// appendRecord adds a sealed record that will stand at the offset.
func appendRecord(b []byte, keys *vault.JournalKeys, id segmentID, offset int64, number uint64, plain []byte) []byte {
	from := len(b)
	b = append(b, make([]byte, frameSize)...)
	b = keys.Seal(b, plain, place(id, offset, number))
	frame, body := b[from:from+frameSize], b[from+frameSize:]
	copy(frame, marker)
	binary.BigEndian.PutUint32(frame[4:], uint32(len(body)))
	binary.BigEndian.PutUint64(frame[8:], number)
	binary.BigEndian.PutUint32(frame[16:], crc(body))
	binary.BigEndian.PutUint32(frame[20:], crc(frame[:20]))
	return b
}

type frame struct {
	length int
	number uint64
	sum    uint32
}

// parseFrame reads what stands before a record's body. ok is false when it is damaged or cut off.
func parseFrame(b []byte) (frame, bool) {
	if len(b) < frameSize || string(b[:4]) != marker || crc(b[:20]) != binary.BigEndian.Uint32(b[20:]) {
		return frame{}, false
	}
	f := frame{int(binary.BigEndian.Uint32(b[4:])), binary.BigEndian.Uint64(b[8:]), binary.BigEndian.Uint32(b[16:])}
	return f, f.length >= overhead && f.length <= maxBody
}

// recordVersion is the first byte of what is sealed; sharedVersion that of a text to a number that several campaigns share, which is otherwise the same.
const (
	recordVersion = 1
	sharedVersion = 2
)

var errRecord = errors.New("a record of a kind that this program does not know")

// encode writes a text in binary, because a body may hold any bytes.
func encode(in desk.Inbound) []byte {
	version := byte(recordVersion)
	if in.Shared {
		version = sharedVersion
	}
	b := append(make([]byte, 0, 64+len(in.Body)), version)
	b = binary.AppendVarint(b, int64(in.Campaign))
	b = binary.AppendVarint(b, in.Arrival.UnixMicro())
	for _, s := range []string{string(in.Door), in.Provider, in.ProviderSID, in.From.E164(), in.Body} {
		b = binary.AppendUvarint(b, uint64(len(s)))
		b = append(b, s...)
	}
	return b
}

func decode(b []byte) (desk.Inbound, error) {
	if len(b) == 0 || b[0] != recordVersion && b[0] != sharedVersion {
		return desk.Inbound{}, errRecord
	}
	shared := b[0] == sharedVersion
	b = b[1:]
	var numbers [2]int64
	for i := range numbers {
		v, n := binary.Varint(b)
		if n <= 0 {
			return desk.Inbound{}, errRecord
		}
		numbers[i], b = v, b[n:]
	}
	var texts [5]string
	for i := range texts {
		l, n := binary.Uvarint(b)
		if n <= 0 || l > uint64(len(b)-n) {
			return desk.Inbound{}, errRecord
		}
		texts[i], b = string(b[n:n+int(l)]), b[n+int(l):]
	}
	if len(b) != 0 {
		return desk.Inbound{}, errRecord
	}
	in := desk.Inbound{
		Campaign: int32(numbers[0]), Arrival: time.UnixMicro(numbers[1]).UTC(), Door: desk.Door(texts[0]), Provider: texts[1], ProviderSID: texts[2], Body: texts[4],
		Shared: shared,
	}
	var err error
	if texts[3] != "" { // a call may come without a number
		in.From, err = booking.ParseE164(texts[3])
	}
	return in, err
}
