package client_test

import (
	"github.com/go-json-experiment/json"
	"pgregory.net/rapid"

	"jari/mobile-contract/client"
	"jari/mobile-contract/contract"
)

var kinds = []client.Kind{
	client.Introduce, client.Register, client.Correct, client.ChangeWishes, client.Confirm, client.Decline, client.Cancel, client.AskSwap,
	client.DropSwap, client.RequestCode, client.Verify, client.SetHelper, client.RemoveHelper, client.RemoveDevices,
}

// methods are the pen's, as TypeScript names them; what is done more often stands there more often.
var methods = []string{
	"add", "add", "introduce", "apply", "apply", "apply", "recover", "requestCode", "verify", "verify", "changeWishes", "changeWishes", "changeWishes",
	"askSwap", "askSwap", "correct", "confirm", "decline", "dropSwap", "setHelper", "setHelper", "removeHelper", "removeDevices", "seen",
}

// habits are what goes together: later ones of these take the place of earlier ones, or may not.
var habits = [][]string{
	{"confirm", "decline"}, {"changeWishes", "introduce", "apply"}, {"changeWishes"}, {"askSwap", "dropSwap"}, {"setHelper"}, {"removeDevices", "setHelper"}, {"correct", "changeWishes"},
	{"verify", "requestCode"}, {"apply", "seen"}, {"seen"}, methods,
}

// method is what the person does next: mostly what they do mostly, seldom what ends a story.
func (p *pair) method() string {
	if len(p.state.People) == 0 {
		return "add"
	}
	if rapid.IntRange(0, 15).Draw(p.r, "whether it ends something") == 15 {
		return rapid.SampledFrom([]string{"forgetAfter", "forget", "cancel", "cancel"}).Draw(p.r, "end")
	}
	if rapid.Bool().Draw(p.r, "habit") {
		return rapid.SampledFrom(p.habits).Draw(p.r, "which habit")
	}
	return rapid.SampledFrom(methods).Draw(p.r, "method")
}

// taps does one of all the things that a person can do.
func (p *pair) taps(pen client.Pen, method, id string) (args []any, out any, err error) {
	plain := map[string]func(string) error{
		"introduce": pen.Introduce, "apply": pen.Apply, "recover": pen.Recover, "requestCode": pen.RequestCode, "cancel": pen.Cancel,
		"dropSwap": pen.DropSwap, "removeHelper": pen.RemoveHelper, "forgetAfter": pen.ForgetAfter, "forget": pen.Forget,
	}
	if do, ok := plain[method]; ok {
		return []any{id}, nil, do(id)
	}
	return p.told(pen, method, id)
}

// told does what needs to be told more.
func (p *pair) told(pen client.Pen, method, id string) (args []any, out any, err error) {
	only := rapid.Bool().Draw(p.r, "only if unchanged")
	region := rapid.SampledFrom([]string{"", "north", "south"}).Draw(p.r, "region")
	appointment := p.offered(id)
	switch method {
	case "add":
		raw := map[string]any{"person": anyPerson(p.r), "region": region, "lang": "ko"}
		if wishes := anyWishes(p.r); wishes != nil {
			raw["wishes"] = wishes
		}
		var form client.Form
		p.into(raw, &form)
		local, err := pen.Add("c", form)
		return []any{"c", raw}, local, err
	case "verify":
		code := rapid.SampledFrom([]string{"123456", "000000"}).Draw(p.r, "code")
		return []any{id, code}, nil, pen.Verify(id, code)
	case "changeWishes", "askSwap":
		raw := anyWishes(p.r)
		var wishes *contract.Wishes
		p.into(raw, &wishes)
		do := pen.ChangeWishes
		if method == "askSwap" {
			do = pen.AskSwap
		}
		return []any{id, region, raw, only}, nil, do(id, region, wishes, only)
	case "correct":
		raw := anyPerson(p.r)
		var person contract.Person
		p.into(raw, &person)
		return []any{id, raw, region, only}, nil, pen.Correct(id, person, region, only)
	case "confirm":
		return []any{id, appointment}, nil, pen.Confirm(id, appointment)
	case "decline":
		return []any{id, appointment}, nil, pen.Decline(id, appointment)
	case "setHelper":
		phone := rapid.SampledFrom([]string{"+821011112222", "+821033334444"}).Draw(p.r, "helper")
		return []any{id, phone, only}, nil, pen.SetHelper(id, phone, only)
	case "removeDevices":
		which := rapid.SampledFrom([]contract.DeviceRemovalRequestDevices{"this", "others"}).Draw(p.r, "devices")
		return []any{id, which}, nil, pen.RemoveDevices(id, which)
	}
	number := rapid.IntRange(0, 3).Draw(p.r, "notice") // seen
	if n := len(p.state.Notices); n > 0 {
		number = p.state.Notices[number%n].Number
	}
	pen.Seen(number)
	return []any{number}, nil, nil
}

// somebody is mostly somebody who is there.
func (p *pair) somebody() string {
	if n := len(p.state.People); n > 0 {
		if i := rapid.SampledFrom([]int{0, 0, 0, 0, 0, 0, 1, 1, 1, 2, 2, 3, 4, 5, 99}).Draw(p.r, "who"); i != 99 {
			return p.state.People[i%n].ID
		}
	}
	return "nobody"
}

// offered is mostly the appointment that the person sees.
func (p *pair) offered(id string) string {
	for _, who := range p.state.People {
		if who.ID == id && who.Told != nil && who.Told.Appointment != nil && rapid.IntRange(0, 4).Draw(p.r, "whether it is another") < 4 {
			return who.Told.Appointment.ID
		}
	}
	return rapid.SampledFrom([]string{"7", "8"}).Draw(p.r, "appointment")
}

func (p *pair) into(raw, out any) {
	if err := json.Unmarshal(written(p.r, raw), out); err != nil {
		p.r.Fatal(err)
	}
}

func anyPerson(r *rapid.T) map[string]any {
	person := map[string]any{
		"name":       rapid.SampledFrom([]string{"김순자", "박영수", ""}).Draw(r, "name"),
		"birth_date": rapid.SampledFrom([]string{"1950-03-01", "1949-12-31", "1962-07-15", "2001-01-01", "", "1950-03-1"}).Draw(r, "born"),
		"phone":      rapid.SampledFrom([]string{"+821012345678", "+821087654321"}).Draw(r, "phone"),
	}
	if n := rapid.SampledFrom([]string{"-", "", "A-17"}).Draw(r, "number"); n != "-" {
		person["number"] = n
	}
	return person
}

// anyWishes is null, or wishes as a page may hold them: with empty lists and texts in them, too.
func anyWishes(r *rapid.T) any {
	if rapid.IntRange(0, 3).Draw(r, "whether wishes") == 0 {
		return nil
	}
	wishes := map[string]any{}
	for _, field := range []struct {
		name   string
		values []any
	}{
		{"sites", []any{[]string{}, []string{"north"}, []string{"north", "south"}}},
		{"max_km", []any{0, 5}},
		{"not_before", []any{"", "2026-08-01"}},
		{"weekdays", []any{[]string{}, []string{"mon", "fri"}}},
		{"times", []any{[]any{}, []any{map[string]any{"from": "09:00", "to": "12:00"}}}},
		{"needs", []any{[]string{}, []string{"wheelchair"}}},
		{"notice_hours", []any{0, 24}},
		{"household", []any{map[string]any{"code": "", "size": 0}, map[string]any{"code": "K7", "size": 2}}},
	} {
		if i := rapid.IntRange(0, 12).Draw(r, field.name); i < len(field.values) {
			wishes[field.name] = field.values[i]
		}
	}
	return wishes
}
