package words_test

import (
	"testing"

	"jari/booking"
	"jari/booking/words"
)

// What a text costs to make; docs/decisions/0027-catalogues.md has the figures.
func BenchmarkRender(b *testing.B) {
	for _, lang := range []booking.Lang{booking.Korean, booking.English} {
		for name, d := range map[string]words.Data{"usual": usual(lang), "longest": longest(lang)} {
			all := words.Cases(d)
			b.Run(string(lang)+"/"+name, func(b *testing.B) {
				b.ReportAllocs()
				for i := 0; b.Loop(); i++ {
					v := &all[i%len(all)]
					if _, err := words.Render(v.Kind, lang, v.Data); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
