package journal

import (
	"testing"

	"jari/booking/vault"
)

// BenchmarkAppend is what a text costs on this disk when many come in at once.
func BenchmarkAppend(b *testing.B) {
	j, err := Open(Options{Dir: b.TempDir(), Keys: keysFrom(b, vault.NewMasterKey()), MaxBytes: 1 << 40})
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = j.Close() }()
	b.SetParallelism(128)
	b.RunParallel(func(pb *testing.PB) {
		for n := 0; pb.Next(); n++ {
			if err := j.Append(b.Context(), text(n)); err != nil {
				b.Error(err)
			}
		}
	})
}
