package sms

import (
	"errors"
	"net/url"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestFields(t *testing.T) {
	t.Parallel()
	const form, js = "application/x-www-form-urlencoded", "application/json"
	for _, c := range []struct {
		kind, body string
		want       url.Values // nil: it is refused
	}{
		{form, "a=1&a=2&b=", url.Values{"a": {"1", "2"}, "b": {""}}},
		{form + "; charset=UTF-8", "a=%EA%B0%80", url.Values{"a": {"가"}}},
		{form, "", url.Values{}},
		{form, "a=%zz", nil},
		{js, `{"a":"가\n","b":12,"c":true,"d":null,"e":{"a":"x"},"f":["x"],"g":""}`, url.Values{"a": {"가\n"}, "b": {"12"}, "c": {"true"}, "g": {""}}},
		{js + "; charset=utf-8", `{}`, url.Values{}},
		{js, `{"a":"1","a":"2"}`, url.Values{"a": {"2"}}},
		{js, "{\"a\":\"\xc3\"}", url.Values{"a": {"\uFFFD"}}},
		{js, `null`, nil},
		{js, `["a"]`, nil},
		{js, `"a"`, nil},
		{js, `{"a":1} {"b":2}`, nil},
		{js, `{"a":`, nil},
		{js, ``, nil},
	} {
		got, err := fields(c.kind, []byte(c.body))
		if (err == nil) != (c.want != nil) || errors.Is(err, errKind) {
			t.Errorf("%s: error %v", c.body, err)
		}
		if diff := cmp.Diff(c.want, got); err == nil && diff != "" {
			t.Errorf("%s: %s", c.body, diff)
		}
	}
	for _, kind := range []string{"", "text/xml", "multipart/form-data; boundary=x", "application/json;;"} {
		if _, err := fields(kind, []byte(`{}`)); !errors.Is(err, errKind) {
			t.Errorf("%q: error %v", kind, err)
		}
	}
}

func FuzzFields(f *testing.F) {
	f.Add("application/json", []byte(`{"id":"1","from":"+821000001234","text":"예약","n":1.5e3,"x":[{}]}`))
	f.Add("application/x-www-form-urlencoded", []byte("id=1&text=%EC%98%88"))
	f.Fuzz(func(t *testing.T, kind string, body []byte) {
		got, err := fields(kind, body)
		if err != nil && got == nil {
			return
		}
		if got == nil {
			t.Error("neither fields nor an error")
		}
	})
}
