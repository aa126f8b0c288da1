package words

import "testing"

// The standard has 2,350 syllables; of those that look alike some are in it and some are not.
func TestSyllablesOfTheStandard(t *testing.T) {
	t.Parallel()
	set, _ := charsetOf("ksx1001")
	n := 0
	for r := '가'; r <= '힣'; r++ {
		if set.has(r) {
			n++
		}
	}
	if n != 2350 {
		t.Errorf("%d syllables, the standard has 2,350", n)
	}
	for r, want := range map[rune]bool{
		'가': true, '갂': false, '갓': true, '똘': true, '똠': false, '붉': true, '뷁': false, '펭': true, '펲': false, '힝': true, '힣': false,
		'ㄱ': false, 'a': true, '·': true, 'é': false, '\n': false, '家': false, '\U0001F600': false, 0: false,
	} {
		if set.has(r) != want {
			t.Errorf("%q: %t", r, !want)
		}
	}
}
