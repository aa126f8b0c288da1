package desk

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"strconv"
)

// Revision names what the holder of an entry can change, as it stands: the person's data, region, wishes, the helper, the appointment, the wish
// for another one, and having given up. It changes with each of these, whoever changed it, and not with the place or anything else
// that happens by itself. It tells nothing of what it stands for.
func Revision(e Entry) (string, error) {
	wishes, err := json.Marshal(e.Wishes)
	if err != nil {
		return "", err
	}
	appointment := ""
	if a := e.Appointment; a != nil {
		appointment = strconv.FormatInt(a.ID, 10) + " " + string(a.State)
	}
	h := sha256.New()
	var helper []byte
	if e.Helper != nil {
		helper = e.Helper.CT
	}
	for _, part := range [][]byte{
		e.PersonCT, helper, []byte(e.Region), wishes, []byte(appointment), strconv.AppendBool(nil, e.SwapAsked), strconv.AppendBool(nil, e.Withdrawn),
	} {
		h.Write(binary.BigEndian.AppendUint64(nil, uint64(len(part)))) // so that nothing moves from one part into the next
		h.Write(part)
	}
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil)[:12]), nil
}
