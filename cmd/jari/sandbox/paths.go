package sandbox

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"strings"
	"time"

	"github.com/go-json-experiment/json"

	"jari/booking"
	"jari/mobile-contract/contract"
)

// Handler answers the paths of openapi.yaml's tag "sandbox".
func (s *Sandbox) Handler() http.Handler {
	mux := http.NewServeMux()
	for path, methods := range map[string]map[string]http.HandlerFunc{
		"/people": {http.MethodGet: s.people},
		"/texts":  {http.MethodGet: s.texts, http.MethodPost: s.text},
		"/clock":  {http.MethodGet: s.clock, http.MethodPost: s.move},
	} {
		mux.HandleFunc(Prefix+path, func(w http.ResponseWriter, r *http.Request) {
			h := methods[r.Method]
			if h == nil {
				refuse(w, problem{status: http.StatusMethodNotAllowed, code: "method_not_allowed", title: "This path does not take this method"})
				return
			}
			h(w, r)
		})
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		refuse(w, problem{status: http.StatusNotFound, code: "not_found", title: "There is no such path"})
	})
	return mux
}

func (s *Sandbox) people(w http.ResponseWriter, _ *http.Request) {
	out := contract.SandboxPeople{
		Campaign: s.config.Campaign, People: []contract.SandboxPerson{},
		FreePhones: &contract.SandboxPhones{First: phone(freeFrom).E164(), Last: phone(freeTo - 1).E164()},
	}
	for _, p := range s.config.People {
		one := contract.SandboxPerson{Case: p.Case, What: p.What, Region: &p.Region}
		one.Person.Name, one.Person.BirthDate, one.Person.Phone = p.Name, p.Born.String(), p.Phone.E164()
		out.People = append(out.People, one)
	}
	answer(w, out)
}

// mostTexts is how many texts are shown.
const mostTexts = 100

func (s *Sandbox) texts(w http.ResponseWriter, r *http.Request) {
	phone, err := booking.ParseE164(r.URL.Query().Get("phone"))
	if err != nil {
		refuse(w, invalid("", "phone must be a whole number with its plus sign written %2B, such as ?phone=%2B821000001000"))
		return
	}
	out := contract.SandboxTexts{Texts: []string{}}
	for _, e := range s.config.Phones.Inbox(phone) {
		out.Texts = append(out.Texts, e.Body)
	}
	out.Texts = out.Texts[max(0, len(out.Texts)-mostTexts):]
	answer(w, out)
}

func (s *Sandbox) text(w http.ResponseWriter, r *http.Request) {
	var in contract.SandboxText
	if !read(w, r, &in) {
		return
	}
	phone, err := booking.ParseE164(in.Phone)
	switch {
	case err != nil:
		refuse(w, invalid("/phone", "phone must be a whole number such as +821000001000"))
	case in.Text == "" || len([]rune(in.Text)) > 1000:
		refuse(w, invalid("/text", "text must have 1 to 1000 characters"))
	case s.config.Phones.Text(phone, in.Text) == "":
		w.Header().Set("Retry-After", "1")
		refuse(w, problem{status: http.StatusServiceUnavailable, code: "overloaded", title: "Too many texts are on their way"})
	default:
		answer(w, in)
	}
}

func (s *Sandbox) clock(w http.ResponseWriter, _ *http.Request) {
	answer(w, contract.SandboxClock{Now: s.config.Clock.Now().In(s.config.Zone).Format(time.RFC3339)})
}

// mostForward is the longest move, in seconds: a year.
const mostForward = 31_536_000

func (s *Sandbox) move(w http.ResponseWriter, r *http.Request) {
	var in contract.SandboxClockMove
	if !read(w, r, &in) {
		return
	}
	if in.ForwardSeconds < 1 || in.ForwardSeconds > mostForward {
		refuse(w, invalid("/forward_seconds", "forward_seconds must be from 1 to 31536000: the clock only moves forward"))
		return
	}
	s.moving.Lock()
	err := s.config.Clock.Move(r.Context(), time.Duration(in.ForwardSeconds)*time.Second)
	s.moving.Unlock()
	if err != nil {
		refuse(w, problem{status: http.StatusInternalServerError, code: "internal", title: "The clock could not be moved", detail: err.Error()})
		return
	}
	s.clock(w, r)
}

// problem is why a request is refused.
type problem struct {
	status        int
	code          contract.ProblemCode
	title, detail string
	field         *string
	reason        contract.FieldReason // with field
}

// invalid refuses what a request holds. field is a JSON pointer, empty for what is not in a body.
func invalid(field, detail string) problem {
	return problem{status: http.StatusBadRequest, code: "invalid", title: "The request is wrong", detail: detail, field: &field, reason: contract.FieldReasonValue}
}

func refuse(w http.ResponseWriter, p problem) {
	out := contract.Problem{Type: "/problems/" + strings.ReplaceAll(string(p.code), "_", "-"), Title: p.title, Status: p.status, Code: p.code}
	if p.field != nil {
		out.Field, out.Reason = p.field, &p.reason
	}
	if p.detail != "" {
		out.Detail = &p.detail
	}
	h := w.Header()
	h.Set("Content-Type", "application/problem+json")
	h.Set("Content-Language", "en") // whoever reads these writes programs
	h.Set("Vary", "Accept-Language")
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(p.status)
	_ = json.MarshalWrite(w, out) // whoever asked has gone
}

func answer(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	_ = json.MarshalWrite(w, v) // whoever asked has gone
}

// maxBody is the largest body, in bytes.
const maxBody = 16 << 10

// read reads a body strictly; otherwise it answers and returns false. That only JSON is taken also keeps pages of other origins out, which
// cannot send it without asking.
func read(w http.ResponseWriter, r *http.Request, into any) bool {
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		refuse(w, problem{status: http.StatusUnsupportedMediaType, code: "unsupported_media", title: "The body must be application/json"})
		return false
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		refuse(w, problem{status: http.StatusRequestEntityTooLarge, code: "too_large", title: "The body is too large"})
	case err != nil:
		refuse(w, invalid("", "the body broke off"))
	default:
		err := json.Unmarshal(body, into, json.RejectUnknownMembers(true))
		if err == nil {
			return true
		}
		p := invalid("", "the body must be one JSON object with the fields of the contract, and no other")
		*p.field, p.reason = contract.Unreadable(err)
		refuse(w, p)
	}
	return false
}
