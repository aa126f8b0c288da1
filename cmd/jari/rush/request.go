package rush

import (
	"bytes"
	"math/rand/v2"
	"strconv"
	"time"
)

// node is one API process, with the parts of requests to it that never change. What the crowd sends is bytes written by hand and not the
// contract's client: crowd and server share the processors, and a tenth of a client's work for each request decides what is measured. The
// client has tests of its own against real servers.
type node struct {
	host  string
	apply []byte // everything of an application's head before the secret
	agent []byte
	state []byte // everything of a status request before the reference
	count [][]byte
}

func newNode(host, slug string, queues []string) node {
	campaign := " HTTP/1.1\r\nHost: " + host + "\r\n"
	base := "/v1/campaigns/" + slug
	n := node{
		host:  host,
		apply: []byte("POST " + base + "/registrations" + campaign + "Content-Type: application/json\r\nAuthorization: Bearer "),
		agent: []byte("POST /v1/agent/campaigns/" + slug + "/registrations" + campaign + "Content-Type: application/json\r\nAuthorization: Bearer "),
		state: []byte("GET " + base + "/registrations/"),
	}
	for _, q := range queues {
		n.count = append(n.count, []byte("GET "+base+"/queues/"+q+campaign+"\r\n"))
	}
	return n
}

// claim is what an application carries beside the person: all that a trick can change.
type claim struct {
	owner     int32 // whose device sends it
	device    uint8
	operation uint8
	stamp     string
	extra     string // header lines, each with its end
	member    string // of the body, with its comma
	token     string // an agent's: the request goes to the agents' door
}

// application writes an application for a person into w.request.
func (w *worker) application(p *person, c claim) []byte {
	r := w.rush
	b := append(w.body[:0], `{"operation_id":"`...)
	b = r.keys.operation(b, c.owner, c.device, c.operation)
	b = append(b, `","lang":"`...)
	b = append(append(b, r.town.lang...), '"')
	if len(r.town.regions) > 0 {
		b = append(append(append(b, `,"region":"`...), r.town.regions[p.region]...), '"')
	}
	b = append(append(b, `,"person":{"name":"`...), p.name...)
	b = append(append(b, `","birth_date":"`...), p.born.String()...)
	b = append(append(append(b, `","phone":"`...), p.phone.E164()...), `"}`...)
	if c.token != "" {
		b = append(b, `,"caller_checked":true`...)
	}
	if c.stamp != "" {
		b = append(append(append(b, `,"stamp":"`...), c.stamp...), '"')
	}
	b = append(append(b, c.member...), '}')
	w.body = b

	q := w.request[:0]
	if c.token != "" {
		q = append(append(q, w.node().agent...), c.token...)
	} else {
		q = append(q, w.node().apply...)
		q = r.keys.secret(q, c.owner, c.device)
	}
	q = append(append(q, "\r\n"...), c.extra...)
	q = append(q, "Content-Length: "...)
	q = strconv.AppendInt(q, int64(len(b)), 10)
	q = append(append(q, "\r\n\r\n"...), b...)
	w.request = q
	return q
}

// status writes a question after an application.
func (w *worker) status(who int32, reference string) []byte {
	q := append(append(w.request[:0], w.node().state...), reference...)
	q = append(append(q, " HTTP/1.1\r\nHost: "...), w.node().host...)
	q = append(q, "\r\nAuthorization: Bearer "...)
	q = append(w.rush.keys.secret(q, who, 0), "\r\n\r\n"...)
	w.request = q
	return q
}

// oldDate are headers of a device that believes it is yesterday.
func oldDate(r *rand.Rand) string {
	then := time.Now().Add(-24 * time.Hour).Add(-time.Duration(r.Int64N(int64(time.Hour))))
	return "Date: " + then.UTC().Format("Mon, 02 Jan 2006 15:04:05 GMT") + "\r\nX-Request-Start: t=" + strconv.FormatInt(then.UnixMilli(), 10) +
		"\r\nX-Received-At: " + then.UTC().Format(time.RFC3339Nano) + "\r\n"
}

// strangeHeaders claim an address that is let in first somewhere.
const strangeHeaders = "X-Forwarded-For: 127.0.0.1, 10.0.0.1\r\nX-Real-IP: 10.0.0.1\r\nForwarded: for=10.0.0.1;proto=https\r\n" +
	"X-HTTP-Method-Override: PUT\r\nX-Original-URL: /v1/agent\r\nX-Priority: 1\r\n"

// forged makes a stamp that nobody issued.
func forged(r *rand.Rand, like string) string {
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	n := len(like)
	if n == 0 {
		n = 50
	}
	b := make([]byte, n)
	for i := range b {
		b[i] = letters[r.IntN(len(letters))]
	}
	copy(b, like[:min(len(like), 2)]) // the right version, or near it
	return string(b)
}

// altered changes one letter of a stamp, but not the last, which may hold bits that stand for nothing.
func altered(r *rand.Rand, stamp string) string {
	if len(stamp) < 2 {
		return forged(r, stamp)
	}
	b := []byte(stamp)
	i := r.IntN(len(b) - 1)
	if b[i] == 'A' {
		b[i] = 'B'
	} else {
		b[i] = 'A'
	}
	return string(b)
}

// member finds a text of a flat JSON answer without decoding the rest: this is done for every answer, on the same
// processors as the server. It serves for codes, references and stamps, which hold no escaped character.
func member(body []byte, name string) []byte {
	for at := 0; ; {
		i := bytes.Index(body[at:], []byte(name))
		if i < 0 {
			return nil
		}
		start, end := at+i, at+i+len(name)
		at = end
		if start == 0 || body[start-1] != '"' || end >= len(body) || body[end] != '"' {
			continue
		}
		rest := bytes.TrimLeft(body[end+1:], " ")
		if len(rest) == 0 || rest[0] != ':' {
			continue
		}
		rest = bytes.TrimLeft(rest[1:], " ")
		if len(rest) == 0 || rest[0] != '"' {
			return nil
		}
		if n := bytes.IndexByte(rest[1:], '"'); n >= 0 {
			return rest[1 : 1+n]
		}
		return nil
	}
}
