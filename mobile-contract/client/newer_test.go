package client

import (
	"errors"
	"testing"
)

// Whoever goes back to an older version must read "newer", not "damaged": nothing is lost there.
func TestARecordOfANewerVersionIsNewerAlsoWhereItLooksDamaged(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]error{
		`{"format":2,"people":[]}`:           ErrNewer,
		`{"format":2,"people":{"by_id":{}}}`: ErrNewer,
		`{"format":2,"tries":"many"}`:        ErrNewer,
		`{"format":1,"people":{"by_id":{}}}`: ErrDamaged,
		`{"format":"2","people":[]}`:         ErrDamaged,
		`{"format":2,"people":[]`:            ErrDamaged,
		`{"format":0,"people":[]}`:           ErrDamaged,
		`{"format":1,"people":[{"id":"a"}]}`: ErrDamaged,
	} {
		store := &Memory{}
		if err := store.Save(stateName, []byte(text), false); err != nil {
			t.Fatal(err)
		}
		if _, err := Open(store, nil, Outside{}); !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", text, err, want)
		}
	}
}
