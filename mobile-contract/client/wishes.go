package client

import (
	"slices"

	"github.com/go-json-experiment/json"

	"jari/mobile-contract/contract"
)

// ChangeWishes replaces region and wishes. With onlyIfUnchanged it is made only if nobody changed the entry since this device was told
// of it; otherwise the latest change counts. Where nothing stands at the server and nothing is on its way, such as after an application
// that was refused, they are kept for the next one, and nothing is written.
func (p Pen) ChangeWishes(id string, region contract.Code, w *contract.Wishes, onlyIfUnchanged bool) error {
	return p.wish(id, ChangeWishes, region, w, onlyIfUnchanged)
}

// AskSwap looks for another appointment by these wishes; the present one is kept until there is another.
func (p Pen) AskSwap(id string, region contract.Code, w *contract.Wishes, onlyIfUnchanged bool) error {
	return p.wish(id, AskSwap, region, w, onlyIfUnchanged)
}

func (p Pen) wish(id string, k Kind, region contract.Code, w *contract.Wishes, onlyIfUnchanged bool) error {
	who, err := p.who(id)
	if err != nil {
		return err
	}
	saw := who.saw(onlyIfUnchanged)
	who.Form.Region, who.Form.Wishes = region, w // an application that is written later holds them too
	if k == ChangeWishes && who.prepared() {
		return p.Introduce(id) // there is no entry to change yet: what was prepared is replaced
	}
	if k == ChangeWishes && !who.begun() {
		return nil
	}
	return p.write(who, k, func(op string) any {
		return contract.WishesRequest{OperationID: op, Region: optional(region), Wishes: w, IfRevision: saw}
	})
}

// Correct says how the person's data should stand; the place is kept.
func (p Pen) Correct(id string, person contract.Person, region contract.Code, onlyIfUnchanged bool) error {
	who, err := p.who(id)
	if err != nil {
		return err
	}
	saw := who.saw(onlyIfUnchanged)
	who.Form.Person, who.Form.Region = person, region
	return p.write(who, Correct, func(op string) any {
		return contract.CorrectionRequest{OperationID: op, Person: person, Region: optional(region), IfRevision: saw}
	})
}

// SetHelper names one phone that gets copies and may answer.
func (p Pen) SetHelper(id string, phone contract.Phone, onlyIfUnchanged bool) error {
	who, err := p.who(id)
	if err != nil {
		return err
	}
	saw := who.saw(onlyIfUnchanged)
	return p.write(who, SetHelper, func(op string) any {
		return contract.HelperRequest{OperationID: op, Phone: phone, IfRevision: saw}
	})
}

// prepared reports whether this person has proven the phone, and has no entry: neither one that was told nor one that is on its way.
func (p *Person) prepared() bool {
	return p.Told != nil && p.Told.State == contract.StatePrepared && !p.Applied && !p.pending(Register)
}

// turn makes an introduction of wishes that waited for the proof, where that has shown that there is no entry to change. None of them was sent.
func (p *Person) turn() {
	if !p.prepared() {
		return
	}
	i := slices.IndexFunc(p.Outbox, func(o Operation) bool { return o.Kind == ChangeWishes && !o.Sent })
	if i < 0 {
		return
	}
	id := p.Outbox[i].ID
	b, err := json.Marshal(p.Form.introduction(id), json.Deterministic(true))
	if err != nil {
		return // they go as they are, and are refused
	}
	p.supersede()
	p.Outbox = slices.Insert(p.Outbox, min(i, len(p.Outbox)), Operation{ID: id, Kind: Introduce, Body: b})
}

// introduction says for whom the device speaks, and what they wish.
func (f Form) introduction(op contract.OperationID) contract.IntroductionRequest {
	return contract.IntroductionRequest{OperationID: op, Person: f.Person, Region: optional(f.Region), Wishes: f.Wishes, Lang: f.Lang}
}

// saw is the revision that the person saw. While an own change is under way there is none: it will make another one, and the
// person wrote this one knowing of it.
func (p *Person) saw(wanted bool) *contract.Revision {
	if !wanted || p.Told == nil {
		return nil
	}
	for _, o := range p.Outbox {
		switch o.Kind {
		case RequestCode, Verify, RemoveDevices:
		default:
			return nil
		}
	}
	return p.Told.Revision
}
