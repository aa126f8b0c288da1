package rush

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"jari/booking"
	"jari/mobile-contract/client"
	"jari/mobile-contract/contract"
)

// ErrLive is returned for a campaign that is not a rehearsal: invented people would stand in real people's way.
var ErrLive = errors.New("the campaign is live: a rush is for rehearsals only")

// town is what the campaign's public document says.
type town struct {
	opens    time.Time
	cohorts  []cohort // those that open at the same time
	queues   []string // that they enter, each once
	regions  []string // codes
	names    []string // of the regions, in Korean
	lang     string
	inKorean bool
}

type cohort struct {
	queue            string
	bornFrom, bornTo booking.Date
}

// readTown reads the campaign as any app does, with the contract's client. It returns ErrLive.
func readTown(ctx context.Context, over *http.Client, base, slug string) (*town, error) {
	app, err := client.Open(&client.Memory{}, &client.HTTP{Base: base, Client: over}, client.Outside{})
	if err != nil {
		return nil, err
	}
	doc, err := app.FetchCampaign(ctx, slug)
	if err != nil {
		return nil, fmt.Errorf("read the campaign %s: %w", slug, err)
	}
	switch {
	case doc.Mode != contract.ModeRehearsal: // also a mode that is unknown here
		return nil, fmt.Errorf("%s: %w", slug, ErrLive)
	case doc.NumberAsked:
		return nil, fmt.Errorf("%s asks for official numbers, which cannot be invented", slug)
	case len(doc.Cohorts) == 0 || len(doc.Langs) == 0:
		return nil, fmt.Errorf("%s has no cohort that could apply", slug)
	}
	opens, err1 := time.Parse(time.RFC3339, doc.Cohorts[0].Opens)
	closes, err2 := time.Parse(time.RFC3339, doc.Cohorts[0].Closes)
	if err := errors.Join(err1, err2); err != nil {
		return nil, err
	}
	t := &town{opens: opens, lang: doc.Langs[0], inKorean: slices.Contains(doc.Langs, string(booking.Korean))}
	if t.inKorean {
		t.lang = string(booking.Korean)
	}
	for _, k := range doc.Cohorts {
		from, err1 := booking.ParseDate(k.BornFrom)
		to, err2 := booking.ParseDate(k.BornTo)
		opens, err3 := time.Parse(time.RFC3339, k.Opens)
		if err := errors.Join(err1, err2, err3); err != nil {
			return nil, err
		}
		if !opens.Equal(t.opens) {
			continue
		}
		t.cohorts = append(t.cohorts, cohort{queue: k.Queue, bornFrom: from, bornTo: to})
		if !slices.Contains(t.queues, k.Queue) {
			t.queues = append(t.queues, k.Queue)
		}
	}
	if time.Now().After(closes) {
		return nil, fmt.Errorf("%s is closed", slug)
	}
	for _, r := range doc.Regions {
		t.regions, t.names = append(t.regions, r.Code), append(t.names, r.Names[string(booking.Korean)])
	}
	return t, nil
}

// queueOf is the place in queues of a cohort's queue.
func (t *town) queueOf(cohort int32) int { return slices.Index(t.queues, t.cohorts[cohort].queue) }

// maxDocument bounds a document that is read whole, in bytes.
const maxDocument = 16 << 20

// getJSON reads what agents read, which is no app's business and so none of the client's.
func getJSON(ctx context.Context, client *http.Client, url, token string, into any) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	res, err := client.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(res.Body, maxDocument))
	if err != nil {
		return err
	}
	if res.StatusCode != http.StatusOK {
		var problem contract.Problem
		_ = json.Unmarshal(body, &problem)
		if problem.Code == contract.ProblemCodeLiveCampaign {
			return ErrLive
		}
		return errors.New(strings.TrimSpace(fmt.Sprintf("answered %d %s %s", res.StatusCode, problem.Code, problem.Title)))
	}
	return json.Unmarshal(body, into)
}
