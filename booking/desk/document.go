package desk

import "strconv"

// PublicDocument is something that everybody may read, made once and handed out many times. Nothing in it may change.
type PublicDocument struct {
	Body []byte
	// ETag and Length are header values, ready to be set.
	ETag, Length []string
}

// NewPublicDocument makes a document. The version changes with the body.
func NewPublicDocument(body []byte, version string) *PublicDocument {
	return &PublicDocument{Body: body, ETag: []string{`"` + version + `"`}, Length: []string{strconv.Itoa(len(body))}}
}
