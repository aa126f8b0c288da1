package api

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/go-json-experiment/json"
	"github.com/google/uuid"

	"jari/booking"
	"jari/booking/desk"
	"jari/mobile-contract/contract"
)

// batchTime bounds a whole batch. It is below the write timeout of NewHTTPServer; what is not reached within it has no result, and the
// client hands it in again.
const batchTime = 20 * time.Second

// sync carries out what a device wrote while it was offline, entry by entry, each operation as its own path would, and tells of each
// entry what the device does not know yet.
func (s *Server) sync(c *gin.Context) error {
	in, err := readBatch(c)
	if err != nil {
		return err
	}
	ends := visitOf(c).began.Add(s.batchTime) // reading a slow body counts
	out := contract.SyncAnswer{Entries: make([]contract.SyncedEntry, len(in.Entries)), Campaigns: map[string]string{}}
	soonest := time.Duration(0)
	for i := range in.Entries {
		// Each gets its share of the time that is left, so that one that hangs leaves some to those behind it.
		ctx, cancel := context.WithTimeout(c.Request.Context(), time.Until(ends)/time.Duration(len(in.Entries)-i))
		b := batched{s: s, c: c, ctx: ctx, in: &in.Entries[i], lang: languageOf(c.GetHeader("Accept-Language"))}
		b.run()
		cancel()
		if err := c.Request.Context().Err(); errors.Is(err, context.Canceled) {
			return err
		}
		out.Entries[i] = b.out
		if b.again > 0 && (soonest == 0 || b.again < soonest) {
			soonest = b.again
		}
		if err := s.noteCampaign(out.Campaigns, in.Entries[i].Campaign); err != nil {
			return err
		}
	}
	if soonest == 0 {
		soonest = desk.AskAgain
	}
	out.AskAgainSeconds = min(secondsOf(soonest), 86400)
	return reply(c, out)
}

// noteCampaign writes down which version of a campaign there is, so that a client knows whether to fetch it.
func (s *Server) noteCampaign(etags map[string]string, slug string) error {
	campaign, err := s.cfg.Desk.Campaign(slug)
	if err != nil {
		return nil //nolint:nilerr // the entry's own problem says so
	}
	doc, err := s.campaignDoc(campaign)
	if err == nil {
		etags[slug] = doc.etag
	}
	return err
}

// batched is one entry of a batch under way.
type batched struct {
	s    *Server
	c    *gin.Context
	ctx  context.Context //nolint:containedctx // lives as long as the entry's turn
	in   *contract.SyncEntry
	lang booking.Lang

	out       contract.SyncedEntry
	reference string // known to the device, or given by an operation of this batch
	// again is after what time asking for this entry makes sense; 0 is unknown.
	again time.Duration
}

func (b *batched) run() {
	b.out.Results = []contract.SyncResult{}
	if b.in.Reference != nil {
		b.reference = *b.in.Reference
	}
	if b.in.Operations != nil {
		for _, raw := range *b.in.Operations {
			if b.ctx.Err() != nil {
				break
			}
			r := b.operate(raw)
			b.out.Results = append(b.out.Results, r)
			if r.Problem == nil || !mustRepeat(r.Problem.Status) {
				continue
			}
			if r.Problem.Status == http.StatusServiceUnavailable {
				return // reading as well would only add to the load, and the device comes again soon
			}
			break
		}
	}
	b.read()
}

// mustRepeat reports whether a refusal is no answer yet. A limit (429) is one: it may last hours, or for good. What stands behind it in its entry may build on it.
func mustRepeat(status int) bool {
	return status >= http.StatusInternalServerError
}

// operate carries out one operation.
func (b *batched) operate(raw contract.SyncOperation) contract.SyncResult {
	began := time.Now()
	name, d, id, err := b.s.readOperation(raw)
	r := contract.SyncResult{OperationID: id}
	var got desk.Received
	switch {
	case err != nil:
	case d.enter != nil:
		got, err = d.enter(b.ctx, fromApp(b.c), b.in.Campaign, b.in.Secret)
	case b.reference == "":
		err = booking.Invalid("/reference")
	default:
		err = d.change(b.ctx, fromApp(b.c), desk.Holding{Campaign: b.in.Campaign, Reference: b.reference, Secret: b.in.Secret, Operation: d.operation})
	}
	if name == kindRegister {
		b.s.applied(got, err)
	}
	if err != nil {
		r.Problem = b.problem(err)
		return r
	}
	r.Done = true
	if d.enter == nil {
		return r
	}
	evenOut(b.ctx, began)
	receipt := receiptOf(got)
	r.Receipt = &receipt
	if b.reference == "" {
		b.reference = got.Reference
	}
	return r
}

// read tells how the entry stands, if that is something else than what the device knows.
func (b *batched) read() {
	if b.reference != "" {
		b.out.Reference = &b.reference
	}
	switch err := b.ctx.Err(); {
	case err != nil:
		b.out.Problem = b.problem(booking.Fail(booking.CodeOverloaded, err))
		return
	case b.reference != "":
	case len(b.out.Results) == 0: // nothing was asked for
		b.out.Problem = b.problem(booking.Invalid("/reference"))
		return
	default: // the results say why there is none
		return
	}
	view, err := b.s.cfg.Desk.Status(b.ctx, b.in.Campaign, b.reference, b.in.Secret)
	if err != nil {
		b.out.Problem = b.problem(err)
		return
	}
	b.wait(view.AskAgain)
	now := registrationOf(b.reference, view)
	cursor, err := cursorOf(now)
	if err != nil {
		b.out.Problem = b.problem(err)
		return
	}
	b.out.Cursor = &cursor
	if b.in.Cursor == nil || *b.in.Cursor != cursor {
		b.out.Registration = &now
	}
}

// problem is what the single path would answer.
func (b *batched) problem(err error) *contract.Problem {
	p := b.s.problem(b.c, b.lang, b.s.judge(b.c, err))
	if p.RetryAfterSeconds != nil {
		b.wait(time.Duration(*p.RetryAfterSeconds) * time.Second)
	}
	return &p
}

// wait notes a time after which asking makes sense. The soonest counts.
func (b *batched) wait(d time.Duration) {
	if b.again == 0 || d < b.again {
		b.again = d
	}
}

// cursorOf names what a device was told: a digest of every byte of it.
func cursorOf(told contract.Registration) (contract.SyncCursor, error) {
	text, err := json.Marshal(told, json.Deterministic(true))
	sum := sha256.Sum256(text)
	return base64.RawURLEncoding.EncodeToString(sum[:12]), err
}

// readOperation reads an operation of a batch. Where no operation id can be read the nil one stands for it: results are in the
// order of the operations.
func (s *Server) readOperation(raw contract.SyncOperation) (name string, d deed, id contract.OperationID, err error) {
	var envelope struct {
		Kind    string                 `json:"kind"`
		Request contract.SyncOperation `json:"request"`
	}
	id = uuid.Nil.String()
	if err := json.Unmarshal(raw, &envelope, json.RejectUnknownMembers(true)); err != nil {
		return "", deed{}, id, fieldErrorOf(err)
	}
	k, known := s.kinds[envelope.Kind]
	if !known {
		return "", deed{}, id, booking.Invalid("/kind")
	}
	if len(envelope.Request) == 0 {
		return envelope.Kind, deed{}, id, booking.Invalid("/request")
	}
	var named struct {
		OperationID contract.OperationID `json:"operation_id"`
	}
	if json.Unmarshal(envelope.Request, &named) == nil {
		if op, err := operationOf(named.OperationID); err == nil {
			id = op.String()
		}
	}
	d, err = k.part(envelope.Request)
	return envelope.Kind, d, id, err
}
