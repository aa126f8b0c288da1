package desk

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"

	"jari/booking/vault"
	"jari/booking/words"
)

// columnProposal is what a proposal is sealed for, with the text's row.
const columnProposal = "proposal"

func proposalRow(inbound int64) []byte { return strconv.AppendInt(nil, inbound, 10) }

// OpenProposal reads a proposal. It returns vault.ErrData for one that cannot be read.
func OpenProposal(k *vault.Keys, inbound int64, ct []byte) (Proposal, error) {
	var p Proposal
	plain, err := k.Open(columnProposal, proposalRow(inbound), ct)
	if err != nil {
		return p, err
	}
	if err := json.Unmarshal(plain, &p); err != nil {
		return p, fmt.Errorf("read a proposal: %w", err)
	}
	return p, nil
}

// propose keeps what we understood and makes the text that reads it back, with a number for each choice. Of two readings of one text the
// first counts.
func (d *Desk) propose(ctx context.Context, c *Campaign, in Inbound, kind words.Kind, choices ...Choice) ([]Message, error) {
	plain, err := json.Marshal(Proposal{Kind: string(kind), Choices: choices[:min(len(choices), MostChoices)]})
	if err != nil {
		return nil, fmt.Errorf("keep a proposal: %w", err)
	}
	ct, err := c.Keys.Seal(columnProposal, proposalRow(in.ID), plain)
	if err != nil {
		return nil, err
	}
	if ct, err = d.ports.Phones.Propose(ctx, in, ct, d.Now()); err != nil {
		return nil, err
	}
	p, err := OpenProposal(c.Keys, in.ID, ct)
	if err != nil {
		return nil, err
	}
	first := p.Choices[0]
	return []Message{sayToHelper(in, first.Entry, first.Helper, words.Kind(p.Kind))}, nil
}
