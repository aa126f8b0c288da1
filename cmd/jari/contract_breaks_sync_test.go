package main

import (
	"net/http"
	"strings"
)

func nothingChanges(next relay) relay {
	return func(r *http.Request, body []byte) relayed {
		got := next(r, body)
		asked, o := objectIn(body), objectIn(got.body)
		if !isFor(r, "/sync") || got.status != 200 || asked == nil {
			return got
		}
		var cursors []any
		eachEntry(asked, func(e map[string]any) { cursors = append(cursors, e["cursor"]) })
		i := 0
		eachEntry(o, func(e map[string]any) {
			if cursors[i] != nil {
				delete(e, "registration")
				e["cursor"] = cursors[i]
			}
			i++
		})
		got.body = asJSON(o)
		return got
	}
}

// carryingOn hands in what stands behind an operation that must be repeated.
func carryingOn(next relay) relay {
	return func(r *http.Request, body []byte) relayed {
		got := next(r, body)
		asked, o := objectIn(body), objectIn(got.body)
		if !isFor(r, "/sync") || got.status != 200 || asked == nil {
			return got
		}
		var rest [][]any
		eachEntry(asked, func(e map[string]any) {
			operations, _ := e["operations"].([]any)
			rest = append(rest, operations)
		})
		i := 0
		eachEntry(o, func(e map[string]any) {
			results, _ := e["results"].([]any)
			for _, op := range rest[i][len(results):] {
				request, _ := op.(map[string]any)["request"].(map[string]any)
				results = append(results, map[string]any{"operation_id": request["operation_id"], "done": true})
			}
			e["results"] = results
			i++
		})
		got.body = asJSON(o)
		return got
	}
}

// failingWhole refuses a batch as a whole when something in it has a code.
func failingWhole(code string, status int) func(relay) relay {
	return func(next relay) relay {
		return func(r *http.Request, body []byte) relayed {
			got := next(r, body)
			if isFor(r, "/sync") && got.status == 200 && strings.Contains(string(got.body), `"code":"`+code+`"`) {
				got.status = status
				got.header.Set("Content-Type", "application/problem+json")
				got.body = asJSON(map[string]any{"type": "/problems/internal", "title": "x", "status": status, "code": "internal"})
			}
			return got
		}
	}
}
