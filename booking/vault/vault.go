// Package vault keeps personal data unreadable without the master key. Each campaign has keys of its own, stored in the
// database encrypted under the master key, so that erasing a campaign later is erasing one column.
//
// It makes: ciphertexts of a person (AES-256-GCM, Tink, with campaign, row and column as associated data), keyed hashes
// for identity and look-up (HMAC-SHA-256), the opaque reference that an app holds (AES-SIV), verification codes and the
// ticket numbers. Nothing here logs, and no error contains data.
package vault

import (
	"bytes"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"sync"

	"github.com/tink-crypto/tink-go/v2/aead"
	aeadsubtle "github.com/tink-crypto/tink-go/v2/aead/subtle"
	"github.com/tink-crypto/tink-go/v2/daead"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/tink"
)

// ErrKey is returned when a master key is missing, malformed, or not the one that the data was stored under.
var ErrKey = errors.New("the master key does not fit (JARI_MASTER_KEY: 32 bytes in base64)")

// Master is the key that protects the campaigns' keys. It is given at start and never stored by us.
type Master struct {
	keys []tink.AEAD
	raw  [][]byte // the same keys, to derive others from
}

// NewMaster takes the present master key first, then earlier ones that may still open what they closed. Each is 32
// bytes in standard base64. No key is an error: there is no way to run without one.
func NewMaster(present string, earlier ...string) (*Master, error) {
	m := &Master{}
	for _, s := range append([]string{present}, earlier...) {
		raw, err := base64.StdEncoding.DecodeString(s)
		if err != nil || len(raw) != 32 {
			return nil, ErrKey
		}
		k, err := aeadsubtle.NewAESGCM(raw)
		if err != nil {
			return nil, ErrKey
		}
		m.keys, m.raw = append(m.keys, k), append(m.raw, raw)
	}
	return m, nil
}

// derive makes one 32-byte key for a purpose from every master key, in their order (HKDF-SHA-256, RFC 5869).
func (m *Master) derive(purpose string) ([][]byte, error) {
	out := make([][]byte, len(m.raw))
	for i, raw := range m.raw {
		var err error
		if out[i], err = hkdf.Key(sha256.New, raw, nil, purpose, 32); err != nil {
			return nil, fmt.Errorf("derive a key: %w", err)
		}
	}
	return out, nil
}

// NewMasterKey makes a random master key in the form that NewMaster takes.
func NewMasterKey() string {
	var b [32]byte
	_, _ = rand.Read(b[:]) // crypto/rand.Read never fails (Go 1.24)
	return base64.StdEncoding.EncodeToString(b[:])
}

// stored is how a campaign's keys lie in the database; every part is encrypted under the master key.
type stored struct {
	Data []byte `json:"data"` // Tink keyset, AES-256-GCM
	Ref  []byte `json:"ref"`  // Tink keyset, AES-SIV
	Hash []byte `json:"hash"` // 32 bytes for HMAC-SHA-256
}

// Keys are one campaign's keys. They are safe for concurrent use.
type Keys struct {
	slug string
	data tink.AEAD
	ref  tink.DeterministicAEAD
	hash []byte
	macs sync.Pool // of hash.Hash under hash: setting one up costs as much as using it
}

// Generate makes the keys of a new campaign and the form in which they are stored.
func (m *Master) Generate(slug string) ([]byte, error) {
	data, err := keyset.NewHandle(aead.AES256GCMKeyTemplate())
	if err != nil {
		return nil, fmt.Errorf("make data keyset: %w", err)
	}
	ref, err := keyset.NewHandle(daead.AESSIVKeyTemplate())
	if err != nil {
		return nil, fmt.Errorf("make reference keyset: %w", err)
	}
	hash := make([]byte, 32)
	_, _ = rand.Read(hash)
	var s stored
	if s.Data, err = m.wrap(data, slug); err != nil {
		return nil, err
	}
	if s.Ref, err = m.wrap(ref, slug); err != nil {
		return nil, err
	}
	if s.Hash, err = m.keys[0].Encrypt(hash, []byte("hash/"+slug)); err != nil {
		return nil, fmt.Errorf("wrap hash key: %w", err)
	}
	return json.Marshal(s)
}

func (m *Master) wrap(h *keyset.Handle, slug string) ([]byte, error) {
	var b bytes.Buffer
	if err := h.WriteWithAssociatedData(keyset.NewBinaryWriter(&b), m.keys[0], []byte("keyset/"+slug)); err != nil {
		return nil, fmt.Errorf("wrap keyset: %w", err)
	}
	return b.Bytes(), nil
}

// Open reads a campaign's stored keys. It returns ErrKey when no master key fits.
func (m *Master) Open(slug string, blob []byte) (*Keys, error) {
	var s stored
	if err := json.Unmarshal(blob, &s); err != nil {
		return nil, fmt.Errorf("read the keys of campaign %s: %w", slug, err)
	}
	for _, kek := range m.keys {
		hash, err := kek.Decrypt(s.Hash, []byte("hash/"+slug))
		if err != nil {
			continue
		}
		return open(kek, slug, s, hash)
	}
	return nil, ErrKey
}

func open(kek tink.AEAD, slug string, s stored, hash []byte) (*Keys, error) {
	ad := []byte("keyset/" + slug)
	dh, err := keyset.ReadWithAssociatedData(keyset.NewBinaryReader(bytes.NewReader(s.Data)), kek, ad)
	if err != nil {
		return nil, ErrKey
	}
	rh, err := keyset.ReadWithAssociatedData(keyset.NewBinaryReader(bytes.NewReader(s.Ref)), kek, ad)
	if err != nil {
		return nil, ErrKey
	}
	k := &Keys{slug: slug, hash: hash}
	if k.data, err = aead.New(dh); err != nil {
		return nil, fmt.Errorf("use data keyset: %w", err)
	}
	if k.ref, err = daead.New(rh); err != nil {
		return nil, fmt.Errorf("use reference keyset: %w", err)
	}
	return k, nil
}

// sum is the keyed hash of a text under a purpose, so that hashes made for one purpose never match another's.
func (k *Keys) sum(purpose string, parts ...[]byte) [32]byte {
	h, ok := k.macs.Get().(hash.Hash)
	if !ok {
		h = hmac.New(sha256.New, k.hash)
	}
	defer k.macs.Put(h)
	h.Reset()
	h.Write([]byte(purpose))
	var n [4]byte
	for _, p := range parts {
		binary.BigEndian.PutUint32(n[:], uint32(len(p)))
		h.Write(n[:])
		h.Write(p)
	}
	var out [32]byte
	h.Sum(out[:0])
	return out
}
