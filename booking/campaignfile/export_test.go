package campaignfile

import "jari/booking"

// Parse reads the text of a campaign file; openCSV gives the content of a table.
func Parse(name string, data []byte, openCSV func(name string) ([]byte, error)) (*booking.Campaign, error) {
	l, err := parse(name, data, openCSV, maxSlots)
	if err != nil {
		return nil, err
	}
	return l.c, nil
}
