package client

import (
	"bytes"
	"errors"
	"sync"
)

// Store keeps named texts over the program's end. A name holds lower-case letters, digits and dashes.
type Store interface {
	// Load returns what was saved last, or nil if nothing was. restored says that the last copy was damaged and this is the one
	// before it. It returns ErrDamaged when no copy can be read.
	Load(name string) (b []byte, restored bool, err error)
	// Save returns nil only when b outlives a power cut from now on; otherwise what was saved before still stands. With forget no
	// earlier copy is left afterwards.
	Save(name string, b []byte, forget bool) error
}

// ErrNotSaved is returned when what was done could not be stored. It then has not been done, and nothing was sent.
var ErrNotSaved = errors.New("could not be saved on this device")

// Memory is a store for tests and for programs that need not outlive themselves. The zero value is ready.
type Memory struct {
	mu   sync.Mutex
	kept map[string][]byte
}

// Load returns what was saved.
func (m *Memory) Load(name string) ([]byte, bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return bytes.Clone(m.kept[name]), false, nil
}

// Save never fails.
func (m *Memory) Save(name string, b []byte, _ bool) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.kept == nil {
		m.kept = map[string][]byte{}
	}
	m.kept[name] = bytes.Clone(b)
	return nil
}
