package booking

import "math/bits"

// numbers is a set of small numbers that finds its next member quickly: a tree of 64-bit words, in which a bit of one
// level says whether a word of the level below has any. A million numbers take four levels and 130 KB. Unlike a chain of
// "next free" pointers it can take a number in again, which seats that are given back need.
type numbers struct{ levels [][]uint64 }

// newNumbers makes an empty set that can hold 0 to n-1.
func newNumbers(n int) numbers {
	var s numbers
	for {
		n = (n + 63) / 64
		s.levels = append(s.levels, make([]uint64, n))
		if n <= 1 {
			return s
		}
	}
}

func (s numbers) add(i int) {
	for _, words := range s.levels {
		words[i>>6] |= 1 << (i & 63)
		i >>= 6
	}
}

func (s numbers) remove(i int) {
	for _, words := range s.levels {
		words[i>>6] &^= 1 << (i & 63)
		if words[i>>6] != 0 {
			return
		}
		i >>= 6
	}
}

// next returns the smallest member that is not below i, or -1.
func (s numbers) next(i int) int {
	for level, words := range s.levels {
		w := i >> 6
		if w >= len(words) {
			return -1
		}
		if m := words[w] >> (i & 63); m != 0 {
			i += bits.TrailingZeros64(m)
			for ; level > 0; level-- {
				i = i<<6 + bits.TrailingZeros64(s.levels[level-1][i])
			}
			return i
		}
		i = w + 1
	}
	return -1
}
