package api

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"jari/booking"
	"jari/mobile-contract/contract"
)

// The bounds of a batch, as the contract has them.
const (
	maxBatch      = 64 << 10 // bytes
	maxEntries    = 6
	maxOperations = 10
	maxCursor     = 64
)

var slugForm = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,63}$`)

// readBatch reads the frame of a batch, strictly. Its operations are left as they are: one that is malformed is that operation's
// trouble and keeps nobody else waiting. It returns codeUnsupportedMedia, codeTooLarge, a *fieldError or CodeInvalid.
func readBatch(c *gin.Context) (*contract.SyncRequest, error) {
	body, err := bodyOf(c, maxBatch)
	if err != nil {
		return nil, err
	}
	return frameOf(body)
}

func frameOf(body []byte) (*contract.SyncRequest, error) {
	in := new(contract.SyncRequest)
	if err := json.Unmarshal(body, in, json.RejectUnknownMembers(true)); err != nil {
		return nil, fieldErrorOf(err)
	}
	if err := refuseNull(body, withinOperation); err != nil {
		return nil, err
	}
	if len(in.Entries) == 0 || len(in.Entries) > maxEntries {
		return nil, booking.Invalid("/entries")
	}
	for i := range in.Entries {
		if wrong := wrongIn(&in.Entries[i]); wrong != "" {
			return nil, booking.Invalid("/entries/" + strconv.Itoa(i) + wrong)
		}
	}
	return in, nil
}

// withinOperation reports whether a pointer leads to an operation or into it: /entries/0/operations/0….
func withinOperation(p jsontext.Pointer) bool {
	parts := strings.SplitN(string(p), "/", 6)
	return len(parts) > 4 && parts[1] == "entries" && parts[3] == "operations"
}

// wrongIn names the first field of an entry that does not fit the contract; none is "".
func wrongIn(e *contract.SyncEntry) string {
	switch {
	case !slugForm.MatchString(e.Campaign):
		return "/campaign"
	case !written(e.Secret, 32, 128, "_-"):
		return "/secret"
	case e.Reference != nil && !written(*e.Reference, 16, 128, "_-"):
		return "/reference"
	case e.Cursor != nil && !written(*e.Cursor, 1, maxCursor, "_-"):
		return "/cursor"
	case e.Operations != nil && len(*e.Operations) > maxOperations:
		return "/operations"
	}
	return ""
}
