package contract

import (
	"errors"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Unreadable says what is wrong with a body that could not be read into a type of the contract, as a problem's field (a JSON pointer,
// empty for the body as a whole) and reason.
func Unreadable(err error) (field string, reason FieldReason) {
	var syntactic *jsontext.SyntacticError
	if errors.As(err, &syntactic) {
		if errors.Is(err, jsontext.ErrDuplicateName) {
			return string(syntactic.JSONPointer), FieldReasonRepeated
		}
		return string(syntactic.JSONPointer), FieldReasonSyntax
	}
	var semantic *json.SemanticError
	if errors.As(err, &semantic) {
		if errors.Is(err, json.ErrUnknownName) {
			return string(semantic.JSONPointer), FieldReasonUnknown
		}
		return string(semantic.JSONPointer), FieldReasonType
	}
	return "", FieldReasonSyntax
}
