package sms

import (
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net/url"
)

// errKind is returned for a body that is neither a form nor JSON.
var errKind = errors.New("neither a form nor JSON")

// fields reads a webhook's body: a form, or a JSON object, of which texts, numbers and truth values count; what is nested in it is nothing
// that we know, and is left out.
func fields(contentType string, body []byte) (url.Values, error) {
	kind, _, err := mime.ParseMediaType(contentType)
	if err != nil {
		return nil, errKind
	}
	switch kind {
	case "application/x-www-form-urlencoded":
		return url.ParseQuery(string(body))
	case "application/json":
		return jsonFields(body)
	}
	return nil, errKind
}

func jsonFields(body []byte) (url.Values, error) {
	var object map[string]json.RawMessage
	if err := json.Unmarshal(body, &object); err != nil {
		return nil, fmt.Errorf("read a webhook's JSON: %w", err)
	}
	if object == nil { // the word null
		return nil, errors.New("read a webhook's JSON: it is no object")
	}
	out := make(url.Values, len(object))
	for name, raw := range object {
		switch raw[0] {
		case '"':
			var s string
			if err := json.Unmarshal(raw, &s); err != nil {
				return nil, fmt.Errorf("read a webhook's JSON: %w", err)
			}
			out.Set(name, s)
		case '{', '[', 'n':
		default:
			out.Set(name, string(raw))
		}
	}
	return out, nil
}
