package vault_test

import (
	"bytes"
	"errors"
	"testing"

	"jari/booking/vault"
)

func TestJournalKeys(t *testing.T) {
	t.Parallel()
	old, young := vault.NewMasterKey(), vault.NewMasterKey()
	keys := func(present string, earlier ...string) *vault.JournalKeys {
		m, err := vault.NewMaster(present, earlier...)
		if err != nil {
			t.Fatal(err)
		}
		k, err := m.Journal()
		if err != nil {
			t.Fatal(err)
		}
		return k
	}
	plain, place := []byte("a text"), []byte("here")
	sealed := keys(old).Seal(nil, plain, place)
	if len(sealed) != len(plain)+vault.JournalOverhead || bytes.Contains(sealed, plain) {
		t.Errorf("sealed: %d bytes", len(sealed))
	}
	if again := keys(old).Seal(nil, plain, place); bytes.Equal(again, sealed) {
		t.Error("the same text was sealed the same way twice")
	}
	for what, c := range map[string]struct {
		keys  *vault.JournalKeys
		place string
		cut   int
		want  error
	}{
		"the same key":         {keys(old), "here", 0, nil},
		"an earlier key":       {keys(young, old), "here", 0, nil},
		"another key":          {keys(young), "here", 0, vault.ErrJournalKey},
		"another place":        {keys(old), "there", 0, vault.ErrJournalRecord},
		"cut off":              {keys(old), "here", 1, vault.ErrJournalRecord},
		"shorter than any can": {keys(old), "here", len(plain) + 1, vault.ErrJournalRecord},
	} {
		got, err := c.keys.Open(sealed[:len(sealed)-c.cut], []byte(c.place))
		if !errors.Is(err, c.want) || err == nil && !bytes.Equal(got, plain) {
			t.Errorf("%s: %q, %v", what, got, err)
		}
	}
}
