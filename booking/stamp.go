package booking

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"hash"
	"sync"
	"time"
)

// StampOutcome says what became of the arrival stamp that came with an application.
type StampOutcome string

const (
	StampNone     StampOutcome = ""          // the request had none
	StampCounted  StampOutcome = "counted"   // it gave the arrival
	StampInvalid  StampOutcome = "invalid"   // not one of ours, altered, or made for another request
	StampExpired  StampOutcome = "expired"   // its time is over
	StampTooEarly StampOutcome = "too_early" // from before the opening, as the campaign stands now
)

// Stamped is what an arrival stamp is bound to. Whoever changes any of it holds a stamp that counts for nothing, so a
// stamp can neither be handed on nor used for other data.
type Stamped struct {
	Campaign  string   // slug
	Operation [16]byte // the application's own id, of the client's making
	Device    [16]byte // keyed hash of the client's secret; zero for an agent
	Identity  ID       // keyed hash of the person's identity
}

// StampRing signs and checks arrival stamps. The first key signs, all are accepted. It is safe for concurrent use.
type StampRing struct{ keys []*stampKey }

type stampKey struct {
	id   [4]byte
	macs sync.Pool // of hash.Hash under the key: setting one up costs more than using it
}

const (
	stampVersion = 1
	stampMAC     = 16 // bytes of HMAC-SHA-256 that are kept; NIST SP 800-107 (5.3.3) asks for at least 8 where guessing needs us
	stampLen     = 1 + 4 + 8 + 8 + stampMAC
	// StampLife is how long a stamp is good at least. A late stamp harms nobody: its holder is served by the order key
	// among those who still wait, and nothing given is taken back (design, "Arriving", 6).
	StampLife = 24 * time.Hour
)

// NewStampRing makes a ring of keys of 32 bytes each. It refuses an empty ring and short keys.
func NewStampRing(keys ...[]byte) (*StampRing, error) {
	r := &StampRing{}
	for _, k := range keys {
		if len(k) < 32 {
			return nil, errors.New("a stamp key has fewer than 32 bytes")
		}
		sum := sha256.Sum256(append([]byte("jari stamp key id\x00"), k...))
		key := &stampKey{id: [4]byte(sum[:4])}
		key.macs.New = func() any { return hmac.New(sha256.New, k) }
		r.keys = append(r.keys, key)
	}
	if len(r.keys) == 0 {
		return nil, errors.New("there is no stamp key")
	}
	return r, nil
}

// Make makes the stamp of an arrival. It expires StampLife after the arrival, and never before the first round.
func (r *StampRing) Make(of Stamped, arrival, firstRound time.Time) string {
	until := arrival.Add(StampLife)
	if firstRound.After(until) {
		until = firstRound
	}
	k := r.keys[0]
	var b [stampLen]byte
	b[0] = stampVersion
	copy(b[1:], k.id[:])
	binary.BigEndian.PutUint64(b[5:], uint64(arrival.UnixMicro()))
	binary.BigEndian.PutUint64(b[13:], uint64(until.UnixMicro()))
	mac := k.sum(of, b[:21])
	copy(b[21:], mac[:stampMAC])
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// Open checks a stamp against the request that brings it. arrival is meaningful with StampCounted alone, and never after
// now: another node's clock may run ahead by its bound. Until firstRound it does not expire: the round may have been put
// off since. Whether the arrival lies in the cohort's opening is Eligible's to say.
func (r *StampRing) Open(stamp string, of Stamped, now, firstRound time.Time) (arrival time.Time, _ StampOutcome) {
	if len(stamp) != base64.RawURLEncoding.EncodedLen(stampLen) {
		return arrival, StampInvalid
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(stamp)
	if err != nil || len(b) != stampLen || b[0] != stampVersion {
		return arrival, StampInvalid
	}
	for _, k := range r.keys {
		if [4]byte(b[1:5]) != k.id {
			continue
		}
		mac := k.sum(of, b[:21])
		if !hmac.Equal(mac[:stampMAC], b[21:]) {
			continue
		}
		if now.UnixMicro() > int64(binary.BigEndian.Uint64(b[13:])) && now.After(firstRound) {
			return arrival, StampExpired
		}
		arrival = time.UnixMicro(int64(binary.BigEndian.Uint64(b[5:]))).UTC()
		if arrival.After(now) {
			arrival = now
		}
		return arrival, StampCounted
	}
	return arrival, StampInvalid
}

// sum signs a stamp's head together with everything it is bound to. Every part but the last has a fixed length, so no
// two different requests sign the same bytes.
func (k *stampKey) sum(of Stamped, head []byte) [32]byte {
	var b [21 + 48 + 64]byte
	text := append(b[:0], head...)
	text = append(text, of.Operation[:]...)
	text = append(text, of.Device[:]...)
	text = append(text, of.Identity[:]...)
	text = append(text, of.Campaign...)
	h := k.macs.Get().(hash.Hash)
	defer k.macs.Put(h)
	h.Reset()
	h.Write(text)
	var out [32]byte
	h.Sum(out[:0])
	return out
}
