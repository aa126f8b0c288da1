package campaignfile_test

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"jari/booking"
	"jari/booking/campaignfile"
)

// ours are the fields that the database adds, which are no content of a file.
var ours = map[string]bool{"ID": true, "Former": true, "Version": true, "Slots[0].ID": true, "Supplies[0].ID": true}

// everyField calls f with each settable value inside v that holds no further ones, and its path.
func everyField(path string, v reflect.Value, f func(path string, v reflect.Value)) {
	switch {
	case v.Type() == reflect.TypeFor[time.Time](), v.Type() == reflect.TypeFor[*time.Location](), v.Type() == reflect.TypeFor[booking.Phone]():
		f(path, v)
	case v.Type() == reflect.TypeFor[*booking.Series]() && !v.IsNil():
		everyField(path, v.Elem(), f)
		f(path, v)
	case v.Kind() == reflect.Struct:
		for i := range v.NumField() {
			name := v.Type().Field(i).Name
			if path != "" {
				name = path + "." + name
			}
			everyField(name, v.Field(i), f)
		}
	case v.Kind() == reflect.Slice && v.Len() > 0:
		everyField(path+"[0]", v.Index(0), f)
	default:
		f(path, v)
	}
}

// change gives a value another one of its type.
func change(t *testing.T, path string, v reflect.Value) {
	t.Helper()
	switch x := v.Addr().Interface().(type) {
	case *time.Time:
		*x = x.Add(time.Second)
		return
	case **time.Location:
		*x = time.UTC
		return
	case *booking.Phone:
		*x = booking.Phone{}
		return
	case *booking.Names:
		*x = booking.Names{booking.English: "other"}
		return
	}
	switch v.Kind() {
	case reflect.Pointer: // there or not there
		v.SetZero()
	case reflect.Bool:
		v.SetBool(!v.Bool())
	case reflect.String:
		v.SetString(v.String() + "x")
	case reflect.Int, reflect.Int32, reflect.Int64:
		v.SetInt(v.Int() + 1)
	case reflect.Float64:
		v.SetFloat(v.Float() + 1)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
	default:
		t.Fatalf("%s: no way to change a %s; teach this test", path, v.Type())
	}
}

func TestDigestSeesEveryField(t *testing.T) {
	t.Parallel()
	load := func() *booking.Campaign {
		c, err := parseText(t, full, nil)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	want, fields := campaignfile.Digest(load()), 0
	everyField("", reflect.ValueOf(load()).Elem(), func(path string, _ reflect.Value) {
		c := load()
		everyField("", reflect.ValueOf(c).Elem(), func(p string, v reflect.Value) {
			if p == path {
				change(t, p, v)
			}
		})
		fields++
		if got := campaignfile.Digest(c); (got == want) != ours[path] {
			t.Errorf("%s changed: the digest is the same: %t", path, got == want)
		}
	})
	if fields < 80 {
		t.Errorf("only %d fields were tried", fields)
	}
}

func TestDigestIsStable(t *testing.T) {
	t.Parallel()
	a, err := parseText(t, good, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := campaignfile.Digest(a)
	for range 50 { // maps come in another order each time
		b, err := parseText(t, good, nil)
		if err != nil {
			t.Fatal(err)
		}
		slices.Reverse(b.Slots)
		for i := range b.Slots {
			b.Slots[i].Starts = b.Slots[i].Starts.UTC()
		}
		if campaignfile.Digest(b) != want {
			t.Fatal("the same content has two digests")
		}
	}
	a.Limits = booking.Limits{AllowedPrefixes: []string{"+44"}, QuietFrom: 20, QuietTo: 9}
	if campaignfile.Digest(a) != want {
		t.Error("limits left out and limits at their defaults have two digests")
	}
}
