package sms

import (
	"strings"
	"unicode"
)

// fold replaces each character by the plain one that means the same: digits of any script and full-width letters become
// ASCII, dashes "-", dots ".", signs used to mask digits "*", spaces and invisible characters " ". It keeps the number
// of characters. Behind kana, ー is a letter and no dash.
func fold(text []rune) []rune {
	out := make([]rune, len(text))
	for i, r := range text {
		if out[i] = foldRune(r); i > 0 && strings.ContainsRune("ーｰ", r) && kana(out[i-1]) {
			out[i] = r
		}
	}
	return out
}

func kana(r rune) bool {
	return unicode.In(r, unicode.Katakana, unicode.Hiragana) || strings.ContainsRune("ﾞﾟーｰ", r)
}

func foldRune(r rune) rune {
	switch {
	case r > ' ' && r < 0x7F:
		return r
	case unicode.Is(unicode.Nd, r):
		return digit(r)
	case r >= 0xFF01 && r <= 0xFF5E: // full-width ASCII
		return foldRune(r - 0xFEE0)
	case unicode.Is(unicode.Pd, r), r == '−', r == 'ー', r == 'ㅡ', r == 'ｰ':
		return '-'
	case r == '\n', r == '\r':
		return '\n'
	case unicode.IsSpace(r), unicode.Is(unicode.Cf, r), unicode.Is(unicode.Cc, r), r == 'ㅤ':
		return ' '
	case strings.ContainsRune("。．・·ㆍ•‧", r):
		return '.'
	case strings.ContainsRune("、，", r):
		return ','
	case strings.ContainsRune("●○◯◎×✕✱＊■□", r):
		return '*'
	case r == '’', r == '‘', r == 'ʼ':
		return '\''
	}
	return r
}

// digit maps a decimal digit of any script to ASCII. Unicode lists each script's ten digits in order, without gaps.
func digit(r rune) rune {
	for _, t := range unicode.Nd.R16 {
		if r >= rune(t.Lo) && r <= rune(t.Hi) {
			return '0' + (r-rune(t.Lo))%10
		}
	}
	for _, t := range unicode.Nd.R32 {
		if r >= rune(t.Lo) && r <= rune(t.Hi) {
			return '0' + (r-rune(t.Lo))%10
		}
	}
	return r
}

func isDigit(b byte) bool { return b >= '0' && b <= '9' }
