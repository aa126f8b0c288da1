package vault

import (
	"crypto/aes"
	"crypto/cipher"
	"errors"
	"fmt"
)

// journalKeyID is the length of a key's name in a sealed record.
const journalKeyID = 8

// JournalOverhead is how much longer a sealed record is than what it holds: key id, nonce and tag.
const JournalOverhead = journalKeyID + 12 + 16

var (
	// ErrJournalKey is returned for a record under a master key that is not given: with the right one it can be read.
	ErrJournalKey = errors.New("written under another master key (give the earlier one in JARI_MASTER_KEYS_BEFORE)")
	// ErrJournalRecord is returned for a record that is not what was written, or not where it was written.
	ErrJournalRecord = errors.New("not what was written here")
)

// JournalKeys close and open the records of a door's journal: AES-256-GCM under keys derived from the master keys, because a
// journal must be written while the campaigns' own keys cannot be asked for. They are safe for concurrent use.
type JournalKeys struct{ keys []journalKey }

type journalKey struct {
	id   [journalKeyID]byte // says which key closed a record, and nothing about the key
	aead cipher.AEAD
}

// Journal makes the journal's keys: the present master key's closes, every one opens.
func (m *Master) Journal() (*JournalKeys, error) {
	keys, err := m.derive("jari journal v1")
	if err != nil {
		return nil, err
	}
	ids, err := m.derive("jari journal v1 key id")
	if err != nil {
		return nil, err
	}
	j := &JournalKeys{}
	for i, key := range keys {
		block, err := aes.NewCipher(key)
		if err != nil {
			return nil, fmt.Errorf("make a journal key: %w", err)
		}
		aead, err := cipher.NewGCMWithRandomNonce(block)
		if err != nil {
			return nil, fmt.Errorf("make a journal key: %w", err)
		}
		j.keys = append(j.keys, journalKey{[journalKeyID]byte(ids[i]), aead})
	}
	return j, nil
}

// Seal appends the sealed record to dst. place says where it stands, so that it opens nowhere else.
func (j *JournalKeys) Seal(dst, plain, place []byte) []byte {
	k := j.keys[0]
	return k.aead.Seal(append(dst, k.id[:]...), nil, plain, place) //nolint:gosec // no nonce is given: the cipher makes a random one
}

// Open opens a sealed record. It returns ErrJournalKey or ErrJournalRecord.
func (j *JournalKeys) Open(sealed, place []byte) ([]byte, error) {
	if len(sealed) < JournalOverhead {
		return nil, ErrJournalRecord
	}
	id, rest := [journalKeyID]byte(sealed), sealed[journalKeyID:]
	for _, k := range j.keys {
		if k.id != id {
			continue
		}
		plain, err := k.aead.Open(nil, nil, rest, place)
		if err != nil {
			return nil, ErrJournalRecord
		}
		return plain, nil
	}
	return nil, ErrJournalKey
}
