package phonesim

import (
	"strconv"
	"time"
)

// resource is a message in Twilio's JSON.
type resource struct {
	AccountSID          string            `json:"account_sid"`
	APIVersion          string            `json:"api_version"`
	Body                string            `json:"body"`
	DateCreated         string            `json:"date_created"`
	DateSent            *string           `json:"date_sent"`
	DateUpdated         string            `json:"date_updated"`
	Direction           direction         `json:"direction"`
	ErrorCode           *int              `json:"error_code"`
	ErrorMessage        *string           `json:"error_message"`
	From                string            `json:"from"`
	MessagingServiceSID *string           `json:"messaging_service_sid"`
	NumMedia            string            `json:"num_media"`
	NumSegments         string            `json:"num_segments"`
	Price               *string           `json:"price"`
	PriceUnit           string            `json:"price_unit"`
	SID                 string            `json:"sid"`
	Status              string            `json:"status"`
	SubresourceURIs     map[string]string `json:"subresource_uris"`
	To                  string            `json:"to"`
	URI                 string            `json:"uri"`
}

// resource renders a message; Twilio tells times in whole seconds.
func (s *Server) resource(m message) resource {
	from, to := m.ends()
	path := "/2010-04-01/Accounts/" + s.config.AccountSID + "/Messages/" + m.id
	out := resource{
		AccountSID: s.config.AccountSID, APIVersion: "2010-04-01", Body: m.body, Direction: m.way, From: from, To: to,
		DateCreated: m.created.UTC().Format(time.RFC1123Z), DateUpdated: m.updated.UTC().Format(time.RFC1123Z),
		NumMedia: "0", NumSegments: strconv.Itoa(segments(m.body)), PriceUnit: "USD", SID: m.id, Status: m.status,
		SubresourceURIs: map[string]string{"media": path + "/Media.json"}, URI: path + ".json",
	}
	if m.code != 0 {
		name := failure(m.code)
		out.ErrorCode, out.ErrorMessage = &m.code, &name
	}
	if !m.sent.IsZero() {
		sent := m.sent.UTC().Format(time.RFC1123Z)
		out.DateSent = &sent
	}
	return out
}
