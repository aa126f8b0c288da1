package rush

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"math/rand/v2"
	"sync"

	"jari/booking"
	"jari/cmd/jari/load"
)

// person is one invented person with their devices, and what was seen of them.
type person struct {
	name   string
	born   booking.Date
	phone  booking.Phone
	region int32 // index into the campaign's regions
	cohort int32 // index into the town's cohorts
	door   string
	cheat  trick
	early  bool
	second bool // a second device applies for the same person: a daughter's

	mu           sync.Mutex
	first        int64 // see Seen
	held         int64
	acknowledged bool
	refused      bool      // finally; the reason is counted
	begun        bool      // an application was sent after the opening
	answered     uint8     // bits of the devices that have an acknowledgement
	devices      uint8     // bits of the devices that have sent an application
	stamps       [2]string // the first stamp that each of the honest devices holds
	reference    string    // of device 0
	ticket       string    // by text
	stolen       *leak     // what a thief of another's secret goes on using
	heard        string    // the last text that said nothing of a ticket, for whoever looks for the reason
	asked        int8      // how often a text person asked where they stand
	tookText     bool      // the application's own text was acknowledged
	logged       [2]int64  // beginning and end of the network's second in which the text was handed to it; 0 and 0: none was
	broke        [2]int64  // beginning and end of the application's webhook if it ended without an answer; 0 and 0: it did not
}

// invent makes the people. The same seed makes the same people.
func invent(c Config, cohorts []cohort, regions int) []person {
	// Two sources, so that who comes through which door does not depend on the campaign (see TextPhones).
	r := rand.New(rand.NewPCG(c.Seed, 1))      //nolint:gosec // invented people, not secrets
	places := rand.New(rand.NewPCG(c.Seed, 2)) //nolint:gosec // invented people, not secrets
	people := make([]person, c.People)
	cheaters := 0
	for i := range people {
		p := &people[i]
		p.first, p.held = never, never
		p.name = load.Name(r)
		p.cohort, p.region = int32(places.IntN(len(cohorts))), int32(places.IntN(max(regions, 1)))
		p.born = load.Birthday(places, cohorts[p.cohort].bornFrom, cohorts[p.cohort].bornTo)
		p.phone = number(c.Seed, i)
		p.door = c.pickDoor(r.Float64())
		early, cheats, second := r.Float64() < c.Early, r.Float64() < c.Cheat, r.Float64() < c.Helpers
		switch {
		case p.door != DoorApp: // the tricks and the impatience are the app's
		case cheats:
			p.cheat = tricks[cheaters%len(tricks)]
			cheaters++
		default:
			p.early, p.second = early, second
		}
	}
	return people
}

func (c *Config) pickDoor(x float64) string {
	doors := c.doorList()
	for _, door := range doors {
		if x -= c.Doors[door]; x < 0 {
			return door
		}
	}
	return doors[len(doors)-1]
}

// number gives every person of a seed another number, and two seeds next to each other other numbers.
func number(seed uint64, i int) booking.Phone {
	return load.Phone(seed%load.Phones*1_000_003 + uint64(i))
}

// TextPhones lists the phones of those who apply by text: a rehearsal texts listed phones only.
func TextPhones(c Config) []booking.Phone {
	var out []booking.Phone
	people := invent(c, []cohort{{}}, 1) // born on whatever day
	for i := range people {
		if people[i].door == DoorSMS {
			out = append(out, people[i].phone)
		}
	}
	return out
}

// keys makes the secrets and operation ids of a run's devices, so that none need be kept. They are new in every run.
type keys [32]byte

func (k *keys) derive(who int32, device uint8, what byte) [sha256.Size]byte {
	var b [38]byte
	copy(b[:], k[:])
	binary.LittleEndian.PutUint32(b[32:], uint32(who))
	b[36], b[37] = device, what
	return sha256.Sum256(b[:])
}

// secret appends a device's secret: 43 characters of base64url.
func (k *keys) secret(to []byte, who int32, device uint8) []byte {
	sum := k.derive(who, device, 's')
	return base64.RawURLEncoding.AppendEncode(to, sum[:])
}

// operation appends the id of a device's n-th operation: a UUID.
func (k *keys) operation(to []byte, who int32, device, n uint8) []byte {
	sum := k.derive(who, device, n)
	id := sum[:16]
	id[6], id[8] = id[6]&0x0f|0x40, id[8]&0x3f|0x80
	to = hex.AppendEncode(to, id[:4])
	for _, part := range [][]byte{id[4:6], id[6:8], id[8:10], id[10:16]} {
		to = hex.AppendEncode(append(to, '-'), part)
	}
	return to
}
