package vault_test

import (
	"errors"
	"testing"

	"pgregory.net/rapid"

	"jari/booking"
	"jari/booking/vault"
)

func keys(t *testing.T, slug string) *vault.Keys {
	t.Helper()
	m, err := vault.NewMaster(vault.NewMasterKey())
	if err != nil {
		t.Fatal(err)
	}
	blob, err := m.Generate(slug)
	if err != nil {
		t.Fatal(err)
	}
	k, err := m.Open(slug, blob)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestPersonOpensOnlyInItsOwnRow(t *testing.T) {
	t.Parallel()
	k := keys(t, "one")
	phone, _ := booking.ParseE164("+821000001234")
	born, _ := booking.ParseDate("1968-04-12")
	want := booking.Person{Name: "홍길동", Born: born, Phone: phone}
	ct, err := k.SealPerson(booking.ID{1}, want)
	if err != nil {
		t.Fatal(err)
	}
	got, err := k.OpenPerson(booking.ID{1}, ct)
	if err != nil || got != want {
		t.Fatalf("opened %v, %v", got, err)
	}
	if _, err := k.OpenPerson(booking.ID{2}, ct); !errors.Is(err, vault.ErrData) {
		t.Fatalf("opened in another row: %v", err)
	}
	ct[len(ct)-1] ^= 1
	if _, err := k.OpenPerson(booking.ID{1}, ct); !errors.Is(err, vault.ErrData) {
		t.Fatalf("opened although altered: %v", err)
	}
}

func TestMasterKeyRotation(t *testing.T) {
	t.Parallel()
	oldKey, newKey := vault.NewMasterKey(), vault.NewMasterKey()
	before, _ := vault.NewMaster(oldKey)
	blob, err := before.Generate("c")
	if err != nil {
		t.Fatal(err)
	}
	after, _ := vault.NewMaster(newKey, oldKey)
	if _, err := after.Open("c", blob); err != nil {
		t.Fatalf("the earlier key no longer opens: %v", err)
	}
	stranger, _ := vault.NewMaster(newKey)
	if _, err := stranger.Open("c", blob); !errors.Is(err, vault.ErrKey) {
		t.Fatalf("a foreign key opened it: %v", err)
	}
	if _, err := after.Open("d", blob); !errors.Is(err, vault.ErrKey) {
		t.Fatalf("one campaign's keys opened as another's: %v", err)
	}
	for _, bad := range []string{"", "x", "c2hvcnQ="} {
		if _, err := vault.NewMaster(bad); !errors.Is(err, vault.ErrKey) {
			t.Errorf("master key %q accepted", bad)
		}
	}
}

func TestReferences(t *testing.T) {
	t.Parallel()
	k := keys(t, "one")
	a, b := k.Device("secret-a"), k.Device("secret-b")
	ra, _ := k.Reference(booking.ID{7}, a)
	rb, _ := k.Reference(booking.ID{7}, b)
	if ra == rb || len(ra) != len(rb) {
		t.Fatalf("references of two devices: %d and %d characters", len(ra), len(rb))
	}
	id, dev, err := k.ParseReference(ra)
	if err != nil || id != (booking.ID{7}) || !dev.Equal(a) {
		t.Fatalf("parsed %v %v %v", id, dev, err)
	}
	if _, _, err := keys(t, "two").ParseReference(ra); !errors.Is(err, vault.ErrReference) {
		t.Fatalf("another campaign took the reference: %v", err)
	}
}

func TestTicketsAreAPermutation(t *testing.T) {
	t.Parallel()
	k := keys(t, "one")
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Int64Range(0, 999_999_999).Draw(t, "serial")
		code := k.Ticket(n)
		if len(code) != booking.TicketDigits {
			t.Fatalf("ticket %q", code)
		}
		back, err := k.Serial(booking.SpokenTicket(code))
		if err != nil || back != n {
			t.Fatalf("serial %d → %s → %d, %v", n, code, back, err)
		}
	})
}
