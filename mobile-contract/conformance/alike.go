package conformance

import (
	"fmt"
	"slices"
	"strings"
)

// ownHeaders differ between any two answers, and say nothing about the entry.
func ownHeaders() []string {
	return []string{"Date", "X-Request-Id", "Location", "Retry-After", "Connection", "Keep-Alive"}
}

// ownMembers are values of a device's own: their names and sizes must be alike, not their content.
func ownMembers() []string {
	return []string{"reference", "received_at", "operation_id", "at", "now", "retry_after_seconds", "cursor"}
}

// alike fails unless two devices were told the same: status, headers, size, and the names and values of the body. who names the two.
func (t *trial) alike(who string, one, other answer) {
	if t.over() {
		return
	}
	expected := fmt.Sprintf("%s: the same for %s", one.what, who)
	if one.status != other.status || one.text("code") != other.text("code") {
		t.fail(expected, one.summary()+" and "+other.summary())
		return
	}
	if len(one.raw) != len(other.raw) && !one.has("retry_after_seconds") {
		t.fail(expected+" in size", fmt.Sprintf("%d bytes and %d", len(one.raw), len(other.raw)))
	}
	for _, pair := range [][2]answer{{one, other}, {other, one}} {
		for name, values := range pair[0].header {
			own := slices.Contains(ownHeaders(), name) || name == "Content-Length" && one.has("retry_after_seconds")
			if !own && !slices.Equal(values, pair[1].header.Values(name)) {
				t.fail(expected+" in the header "+name, shown(strings.Join(values, ", "))+" and "+shown(strings.Join(pair[1].header.Values(name), ", ")))
			}
		}
	}
	t.alikeIn(expected, "", one.body, other.body)
}

// alikeIn goes through two bodies.
func (t *trial) alikeIn(expected, at string, one, other any) {
	switch a := one.(type) {
	case map[string]any:
		b, _ := other.(map[string]any)
		if len(a) != len(b) {
			t.fail(expected+" in the members of "+at+"/", fmt.Sprintf("%d and %d", len(a), len(b)))
		}
		for name, value := range a {
			theirs, there := b[name]
			t.that(there, expected+" in "+at+"/"+name, "only one of them has it")
			if !slices.Contains(ownMembers(), name) {
				t.alikeIn(expected, at+"/"+name, value, theirs)
			}
		}
	case []any:
		b, _ := other.([]any)
		if len(a) != len(b) {
			t.fail(expected+" in the length of "+at, fmt.Sprintf("%d and %d", len(a), len(b)))
			return
		}
		for i := range a {
			t.alikeIn(expected, fmt.Sprintf("%s/%d", at, i), a[i], b[i])
		}
	default:
		if one != other {
			t.fail(expected+" in "+at, shown(one)+" and "+shown(other))
		}
	}
}
