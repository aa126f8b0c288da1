package campaignfile

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"maps"
	"math"
	"slices"
	"time"

	"jari/booking"
)

// Digest is the same for two campaigns with the same content, so that applying a file twice can be seen to change
// nothing. What the database adds (ids, the version) does not count, nor the order of names, slots and supplies; the order of
// sites, regions and cohorts counts, because rules use it. Limits count with their defaults filled in.
func Digest(c *booking.Campaign) [sha256.Size]byte {
	d := digester("jari campaign 2\n")
	d.text(c.Slug)
	d.text(string(c.Mode))
	d.names(c.Names)
	zone := ""
	if c.Zone != nil {
		zone = c.Zone.String()
	}
	d.text(zone)
	list(&d, c.Langs, func(v booking.Lang) { d.text(string(v)) })
	d.text(string(c.Identity))
	d.text(c.Number)
	d.text(c.Phone)
	d.number(int64(c.Settle))
	list(&d, c.Regions, d.region)
	list(&d, c.Pools, d.text)
	list(&d, c.Cohorts, d.cohort)
	list(&d, c.Sites, d.site)
	list(&d, sortedSlots(c.Slots), d.slot)
	d.limits(c.Limits.WithDefaults())
	list(&d, c.Announced, d.announcement)
	list(&d, c.Reserves, d.reserve)
	list(&d, sortedSupplies(c.Supplies), d.supply)
	d.series(c.Series)
	list(&d, c.RehearsalPhones, func(p booking.Phone) { d.text(p.E164()) })
	d.laterAdded(c)
	d.unasked(c)
	return sha256.Sum256(d)
}

// laterAdded is what files of before cannot hold. Where there is none of it the digest is what it always was.
func (d *digester) laterAdded(c *booking.Campaign) {
	if len(c.Keywords) > 0 {
		d.text("keywords")
		list(d, c.Keywords, d.names)
	}
	for _, r := range c.Regions {
		if len(r.Postcodes) > 0 {
			d.text("postcodes")
			d.text(r.Code)
			list(d, r.Postcodes, func(p booking.Postcodes) { d.text(p.String()) })
		}
	}
}

func sortedSlots(slots []booking.Slot) []booking.Slot {
	return slices.SortedStableFunc(slices.Values(slots), func(a, b booking.Slot) int {
		return cmp.Or(a.Starts.Compare(b.Starts), cmp.Compare(a.Site, b.Site))
	})
}

func sortedSupplies(all []booking.Supply) []booking.Supply {
	return slices.SortedStableFunc(slices.Values(all), func(a, b booking.Supply) int {
		return cmp.Or(cmp.Compare(a.Site, b.Site), a.From.Compare(b.From))
	})
}

// digester writes values so that no two different sequences of them give the same bytes.
type digester []byte

func (d *digester) number(n int64) { *d = binary.AppendVarint(*d, n) }

func (d *digester) int(n int) { d.number(int64(n)) }

func (d *digester) yes(v bool) {
	n := int64(0)
	if v {
		n = 1
	}
	d.number(n)
}

func (d *digester) text(s string) {
	d.number(int64(len(s)))
	*d = append(*d, s...)
}

func list[T any](d *digester, values []T, write func(T)) {
	d.number(int64(len(values)))
	for _, v := range values {
		write(v)
	}
}

func (d *digester) time(t time.Time) {
	d.number(t.Unix())
	d.number(int64(t.Nanosecond()))
}

func (d *digester) date(v booking.Date) { d.text(v.String()) }

func (d *digester) names(n booking.Names) {
	list(d, slices.Sorted(maps.Keys(n)), func(l booking.Lang) {
		d.text(string(l))
		d.text(n[l])
	})
}

func (d *digester) position(p booking.Position) {
	*d = binary.BigEndian.AppendUint64(*d, math.Float64bits(p.Lat))
	*d = binary.BigEndian.AppendUint64(*d, math.Float64bits(p.Lon))
}

func (d *digester) region(r booking.Region) {
	d.text(r.Code)
	d.names(r.Names)
	list(d, r.Aliases, d.text)
	d.position(r.Position)
}

func (d *digester) cohort(k booking.Cohort) {
	d.text(k.Code)
	d.names(k.Names)
	d.date(k.BornFrom)
	d.date(k.BornTo)
	d.time(k.Opens)
	d.time(k.Closes)
	d.time(k.FirstRound)
	d.text(string(k.Order))
	d.text(string(k.Verify))
	d.text(k.Queue)
	d.text(k.Pool)
	d.number(int64(k.Notice))
	d.number(int64(k.Declines))
	list(d, k.BirthDigits, d.int)
	d.number(int64(k.Lapse))
	d.time(k.Window)
	d.text(k.PublicValue)
	d.int(k.Expected)
}

func (d *digester) site(s booking.Site) {
	d.text(s.Code)
	d.names(s.Names)
	d.text(s.Region)
	d.names(s.Address)
	list(d, s.Tags, d.text)
	d.position(s.Position)
}

func (d *digester) slot(s booking.Slot) {
	d.text(s.Site)
	d.text(s.Pool)
	d.time(s.Starts)
	d.time(s.Ends)
	d.number(int64(s.Capacity))
}

func (d *digester) announcement(a booking.Announcement) {
	d.date(a.BornFrom)
	d.date(a.BornTo)
	list(d, a.BirthDigits, d.int)
	d.time(a.Opens)
	d.time(a.Closes)
}

func (d *digester) reserve(r booking.Reserve) {
	list(d, r.Cohorts, d.text)
	d.yes(r.Later)
	list(d, r.Sites, d.text)
	d.int(r.Percent)
	d.number(int64(r.Release))
}

func (d *digester) supply(s booking.Supply) {
	d.text(s.Site)
	d.date(s.From)
	d.date(s.To)
	d.int(s.Doses)
}

func (d *digester) series(s *booking.Series) {
	d.yes(s != nil)
	if s == nil {
		return
	}
	d.int(s.Doses)
	d.number(int64(s.Least))
	d.number(int64(s.Most))
	d.yes(s.SameSite)
}

// unasked writes what differs from the defaults and nothing else, so that campaigns of before keep their digest.
func (d *digester) unasked(c *booking.Campaign) {
	if !slices.Equal(c.RemindedAt(), (&booking.Campaign{}).RemindedAt()) {
		d.text("reminders")
		list(d, c.RemindedAt(), func(r booking.Reminding) { d.text(string(r)) })
	}
	if c.NoNews {
		d.text("no news")
	}
}

func (d *digester) limits(l booking.Limits) {
	for _, n := range []int{l.PeoplePerPhone, l.CodesPerPhoneHour, l.CodesPerPhoneDay, l.CodesPerAddrHour, l.TextsPerDay,
		l.TextsPerPhoneDay, l.TextsPerSecond, l.CallsPerSecond, int(l.ContactLife), l.QuietFrom, l.QuietTo} {
		d.number(int64(n))
	}
	list(d, l.AllowedPrefixes, d.text)
}
