package phonesim

import (
	"encoding/xml"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"jari/sms/twilio"
)

// asTwilio speaks Twilio's interface.
type asTwilio struct{ *Server }

func (s asTwilio) mount(mux *http.ServeMux) {
	const account = "/2010-04-01/Accounts/{account}"
	mux.Handle("POST "+account+"/Messages.json", s.authenticated(s.createMessage))
	mux.Handle("GET "+account+"/Messages.json", s.authenticated(s.listMessages))
	mux.Handle("GET "+account+"/Messages/{name}", s.authenticated(s.fetchMessage))
}

func (s asTwilio) receiptLetter(m message, at step, token string) letter {
	form := url.Values{
		"MessageSid": {m.id}, "SmsSid": {m.id}, "MessageStatus": {at.status}, "SmsStatus": {at.status},
		"AccountSid": {s.config.AccountSID}, "ApiVersion": {"2010-04-01"}, "From": {m.ours}, "To": {m.phone.E164()},
	}
	if at.code != 0 {
		form.Set("ErrorCode", strconv.Itoa(at.code))
	}
	return s.letter(m.callback, form, token)
}

func (s asTwilio) textLetter(m message, target, token string) letter {
	return s.letter(target, url.Values{
		"MessageSid": {m.id}, "SmsSid": {m.id}, "SmsMessageSid": {m.id}, "SmsStatus": {"received"},
		"AccountSid": {s.config.AccountSID}, "ApiVersion": {"2010-04-01"}, "From": {m.phone.E164()}, "To": {m.ours},
		"Body": {m.body}, "NumMedia": {"0"}, "NumSegments": {strconv.Itoa(segments(m.body))},
	}, token)
}

func (s asTwilio) letter(target string, form url.Values, token string) letter {
	return letter{target: target, body: form.Encode(), header: http.Header{
		"Content-Type":               {"application/x-www-form-urlencoded; charset=UTF-8"},
		twilio.SignatureHeader:       {twilio.Sign(s.config.AuthToken, target, form)},
		"I-Twilio-Idempotency-Token": {token},
		"User-Agent":                 {"TwilioProxy/1.1"},
	}}
}

// again repeats what was answered with a 5xx or not at all, HookRetries times.
func (s asTwilio) again(status, try int) (time.Duration, bool) {
	return s.config.HookRetryWait, (status == 0 || status >= 500) && try < s.config.HookRetries
}

// replies are one text for each <Message> in TwiML.
func (asTwilio) replies(body []byte) (out []string) {
	var answer struct {
		XMLName  xml.Name `xml:"Response"`
		Messages []struct {
			Text string `xml:",chardata"`
			Body string `xml:"Body"`
		} `xml:"Message"`
	}
	if len(body) == 0 || xml.Unmarshal(body, &answer) != nil {
		return nil
	}
	for _, reply := range answer.Messages {
		if reply.Body != "" {
			out = append(out, reply.Body)
		} else {
			out = append(out, reply.Text)
		}
	}
	return out
}

func (asTwilio) obeys() bool { return true }
