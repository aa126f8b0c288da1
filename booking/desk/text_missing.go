package desk

import (
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"

	"jari/booking"
	"jari/booking/vault"
	"jari/booking/words"
)

// columnYears is what the years in a message's parameters are sealed for, with the text's row.
const columnYears = "message.years"

// AskMissingByText asks for what an application by text lacks. years are those that a year of birth in two digits can mean, empty where that is not
// asked: they are personal data, so that they stand sealed among the message's parameters.
func (d *Desk) AskMissingByText(c *Campaign, in Inbound, missing []string, years []int, lang booking.Lang) (Message, error) {
	params := map[string]string{ParamMissing: strings.Join(missing, ",")}
	if len(years) > 0 {
		said := make([]string, len(years))
		for i, y := range years {
			said[i] = strconv.Itoa(y)
		}
		ct, err := c.Keys.Seal(columnYears, strconv.AppendInt(nil, in.ID, 10), []byte(strings.Join(said, ",")))
		if err != nil {
			return Message{}, fmt.Errorf("ask for the year of birth: %w", err)
		}
		params[ParamYears] = base64.RawStdEncoding.EncodeToString(ct)
	}
	return SayByText(in, words.AskMissing, lang, params), nil
}

// OpenYears reads ParamYears of a message that answers a text. What cannot be read is nothing: the question can be asked without.
func OpenYears(k *vault.Keys, inbound int64, param string) []int {
	ct, err := base64.RawStdEncoding.DecodeString(param)
	if err != nil || param == "" {
		return nil
	}
	plain, err := k.Open(columnYears, strconv.AppendInt(nil, inbound, 10), ct)
	if err != nil {
		return nil
	}
	var years []int
	for y := range strings.SplitSeq(string(plain), ",") {
		n, err := strconv.Atoi(y)
		if err != nil {
			return nil
		}
		years = append(years, n)
	}
	return years
}
