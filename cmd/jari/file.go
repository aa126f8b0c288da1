package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// writeFile writes a file beside its place and moves it there when it is whole: whoever looks finds the old one or the new one.
func writeFile(path string, mode os.FileMode, write func(io.Writer) error) error {
	f, err := beside(path)
	if err != nil {
		return err
	}
	err = errors.Join(write(f), f.Chmod(mode), f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", path, errors.Join(err, os.Remove(f.Name())))
	}
	return nil
}

// canWrite makes a file's folder, and says in time that the file could not be written, for what takes long before it has
// anything to write.
func canWrite(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil { //nolint:gosec // an ordinary folder; the files have modes of their own
		return fmt.Errorf("write %s: %w", path, err)
	}
	f, err := beside(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Close(), os.Remove(f.Name()))
}

// beside makes an empty file beside the place of another one.
func beside(path string) (*os.File, error) {
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return nil, fmt.Errorf("write %s: it is there already and is no ordinary file", path)
	}
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return nil, fmt.Errorf("write %s: %w", path, err)
	}
	return f, nil
}

// writeJSON writes figures, for this user only.
func writeJSON(path string, v any) error {
	return writeFile(path, 0o600, func(w io.Writer) error { return encode(w, v) })
}

// encode writes JSON that people can read.
func encode(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}
