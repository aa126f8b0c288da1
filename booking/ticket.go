package booking

import "errors"

// TicketDigits is the length of a ticket's code with its check digit.
const TicketDigits = 10

// ErrTicket is returned for a code with a wrong length or check digit.
var ErrTicket = errors.New("not a ticket code: ten digits, the last one checks the others")

// damm is H. Michael Damm's quasigroup of order 10 (doctoral thesis, Marburg 2004). Its check digit finds every single
// wrong digit and every exchange of two neighbours, the two mistakes people make when they read a number aloud.
var damm = [10]string{
	"0317598642", "7092154863", "4206871359", "1750983426", "6123045978",
	"3674209581", "5869720134", "8945362017", "9438617205", "2581436790",
}

func dammDigit(digits string) byte {
	row := byte(0)
	for i := range len(digits) {
		row = damm[row][digits[i]-'0'] - '0'
	}
	return row
}

// NewTicket makes the code of a number below 10^9 by adding the check digit.
func NewTicket(n uint32) string {
	var b [TicketDigits]byte
	for i := TicketDigits - 2; i >= 0; i-- {
		b[i] = byte('0' + n%10)
		n /= 10
	}
	b[TicketDigits-1] = '0' + dammDigit(string(b[:TicketDigits-1]))
	return string(b[:])
}

// ParseTicket reads a code as people write it: digits with spaces or hyphens between them.
func ParseTicket(s string) (uint32, error) {
	digits := make([]byte, 0, TicketDigits)
	for _, c := range []byte(s) {
		switch {
		case c >= '0' && c <= '9':
			digits = append(digits, c)
		case c == ' ' || c == '-':
		default:
			return 0, ErrTicket
		}
	}
	if len(digits) != TicketDigits || dammDigit(string(digits)) != 0 {
		return 0, ErrTicket
	}
	n := uint32(0)
	for _, c := range digits[:TicketDigits-1] {
		n = n*10 + uint32(c-'0')
	}
	return n, nil
}

// SpokenTicket groups a code the way Koreans read telephone numbers: 123-456-7890.
func SpokenTicket(code string) string {
	if len(code) != TicketDigits {
		return code
	}
	return code[:3] + "-" + code[3:6] + "-" + code[6:]
}
