package api

import (
	stdjson "encoding/json"
	"errors"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"jari/booking/desk"
	mobilecontract "jari/mobile-contract"
	"jari/mobile-contract/contract"
)

const goodBody = `{"operation_id":"0198c0de-7a31-7cc2-9b1f-2f6a5c1d0e42","person":{"name":"홍길동","birth_date":"1968-04-12","phone":"+821000001234"},"wishes":{"sites":["gangnam"]},"lang":"ko"}`

func TestDecodeNamesWhatItRefuses(t *testing.T) {
	t.Parallel()
	with := func(old, new string) string { return strings.Replace(goodBody, old, new, 1) }
	for name, c := range map[string]struct {
		body, field string
		reason      contract.FieldReason
	}{
		"unknown":             {with(`"lang"`, `"arrival":1,"lang"`), "/arrival", contract.FieldReasonUnknown},
		"unknown inside":      {with(`"phone"`, `"age":53,"phone"`), "/person/age", contract.FieldReasonUnknown},
		"unknown, escaped":    {with(`"lang"`, `"a/b~c":1,"lang"`), "/a~1b~0c", contract.FieldReasonUnknown},
		"other case":          {with(`"lang"`, `"Lang"`), "/Lang", contract.FieldReasonUnknown},
		"repeated":            {with(`"lang"`, `"lang":"en","lang"`), "/lang", contract.FieldReasonRepeated},
		"repeated, escaped":   {with(`"lang"`, `"\u006cang":"en","lang"`), "/lang", contract.FieldReasonRepeated},
		"repeated inside":     {with(`"phone"`, `"name":"김산","phone"`), "/person/name", contract.FieldReasonRepeated},
		"number for text":     {with(`"홍길동"`, `7`), "/person/name", contract.FieldReasonType},
		"text for object":     {with(`{"sites":["gangnam"]}`, `"gangnam"`), "/wishes", contract.FieldReasonType},
		"text for list":       {with(`["gangnam"]`, `"gangnam"`), "/wishes/sites", contract.FieldReasonType},
		"number in list":      {with(`["gangnam"]`, `["gangnam",1]`), "/wishes/sites/1", contract.FieldReasonType},
		"null":                {with(`"ko"`, `null`), "/lang", contract.FieldReasonType},
		"null for optional":   {with(`{"sites":["gangnam"]}`, `null`), "/wishes", contract.FieldReasonType},
		"null in list":        {with(`["gangnam"]`, `["gangnam",null]`), "/wishes/sites/1", contract.FieldReasonType},
		"null alone":          {`null`, "", contract.FieldReasonType},
		"list":                {`[]`, "", contract.FieldReasonType},
		"nothing":             {``, "", contract.FieldReasonSyntax},
		"cut off":             {goodBody[:len(goodBody)-1], "", contract.FieldReasonSyntax},
		"trailing object":     {goodBody + `{}`, "", contract.FieldReasonSyntax},
		"trailing text":       {goodBody + `x`, "", contract.FieldReasonSyntax},
		"comment":             {with(`"lang"`, `/* */"lang"`), "", contract.FieldReasonSyntax},
		"not UTF-8":           {with(`홍길동`, "\xb1\xe8"), "/person/name", contract.FieldReasonSyntax},
		"half a surrogate":    {with(`홍길동`, `\ud800`), "/person/name", contract.FieldReasonSyntax},
		"byte order mark":     {"\ufeff" + goodBody, "", contract.FieldReasonSyntax},
		"comma after the end": {with(`"ko"}`, `"ko",}`), "", contract.FieldReasonSyntax},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var v contract.RegistrationRequest
			err := decode([]byte(c.body), &v)
			var got *fieldError
			if !errors.As(err, &got) {
				t.Fatalf("accepted, or another error: %v", err)
			}
			if got.reason != c.reason || c.reason != contract.FieldReasonSyntax && got.field != c.field {
				t.Errorf("got %q at %q, want %q at %q", got.reason, got.field, c.reason, c.field)
			}
		})
	}
}

func TestDecodeAccepts(t *testing.T) {
	t.Parallel()
	for _, body := range []string{goodBody, " \r\n\t" + goodBody + "\n", strings.Replace(goodBody, "홍길동", `\ud64d\uae38\ub3d9`, 1), strings.Replace(goodBody, "홍길동", "null", 1)} {
		var v contract.RegistrationRequest
		if err := decode([]byte(body), &v); err != nil {
			t.Errorf("%s: %v", body, err)
		}
	}
}

const goodBatch = `{"entries":[{"campaign":"seoul-2021","secret":"eXaMpLe-dEvIcE-sEcReT_0000000000","cursor":"a","operations":[{"kind":"register","request":` +
	goodBody + `},{"kind":"verify","request":{"operation_id":"0198c0de-7a31-7cc2-9b1f-2f6a5c1d0e42","code":"123456"}}]}]}`

// Whatever a batch holds, its frame is read as an ordinary reader reads it or refused with a field, and each of its operations is a deed of
// one of the two sorts or refused with a field.
func FuzzBatch(f *testing.F) {
	for _, s := range []string{
		goodBatch, `{}`, `{"entries":[]}`, `{"entries":[{"campaign":"a","secret":"eXaMpLe-dEvIcE-sEcReT_0000000000","operations":[null,7,{"kind":"cancel"}]}]}`,
		strings.Replace(goodBatch, `"cursor":"a"`, `"cursor":null`, 1), strings.Replace(goodBatch, `"ko"`, `null`, 1), goodBatch + "{}", "[", "\xff",
	} {
		f.Add([]byte(s))
	}
	s := &Server{kinds: kindsOf(desk.New(desk.Ports{}))}
	f.Fuzz(func(t *testing.T, body []byte) {
		in, err := frameOf(body)
		if err != nil {
			if r, ok := refusalOf(err); !ok || r.reason == "" {
				t.Fatalf("an error that names nothing: %v", err)
			}
			return
		}
		var plain contract.SyncRequest
		if err := stdjson.Unmarshal(body, &plain); err != nil {
			t.Fatalf("accepted what is not JSON: %v", err)
		}
		if !reflect.DeepEqual(in, &plain) {
			t.Fatalf("read %+v, an ordinary reader %+v", in, plain)
		}
		for _, e := range in.Entries {
			if e.Operations == nil {
				continue
			}
			for _, raw := range *e.Operations {
				_, d, id, err := s.readOperation(raw)
				if r, ok := refusalOf(err); err != nil && (!ok || r.reason == "") {
					t.Fatalf("an error that names nothing: %v", err)
				}
				if err == nil && ((d.enter == nil) == (d.change == nil) || d.operation.String() != id) {
					t.Fatalf("%s is read as %+v of %s", raw, d, id)
				}
			}
		}
	})
}

// The kinds are those of the contract.
func TestEveryKindOfTheContract(t *testing.T) {
	t.Parallel()
	spec, err := openapi3.NewLoader().LoadFromData(mobilecontract.OpenAPI)
	if err != nil {
		t.Fatal(err)
	}
	want := slices.Sorted(maps.Keys(spec.Components.Schemas["SyncOperation"].Value.Discriminator.Mapping))
	got := slices.Sorted(maps.Keys(kindsOf(desk.New(desk.Ports{}))))
	if !slices.Equal(got, want) {
		t.Errorf("the door has %v, the contract %v", got, want)
	}
}

// Whatever the strict reader accepts, an ordinary one reads in the same way: nobody can hide anything from either.
func FuzzDecode(f *testing.F) {
	for _, s := range []string{goodBody, `{}`, `{"person":{"name":"a"},"person":{}}`, `{"Lang":"ko"}`, `{"lang":null}`, goodBody + "{}", "[", "\xff"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		var strict, plain contract.AgentRegistrationRequest
		err := decode(body, &strict)
		if err != nil {
			var field *fieldError
			if !errors.As(err, &field) || field.reason == "" {
				t.Fatalf("an error that names nothing: %v", err)
			}
			return
		}
		if err := stdjson.Unmarshal(body, &plain); err != nil {
			t.Fatalf("accepted what is not JSON: %v", err)
		}
		if !reflect.DeepEqual(strict, plain) {
			t.Fatalf("read %+v, an ordinary reader %+v", strict, plain)
		}
	})
}
