package client

import (
	"net/http"

	"jari/mobile-contract/contract"
)

// Decision is what a problem makes the client do with an operation. OFFLINE.md has the table.
type Decision string

// The decisions.
const (
	Repeat    Decision = "repeat"   // the same again after a pause
	GiveUp    Decision = "give up"  // never again unchanged; the person is told
	Conflicts Decision = "conflict" // given up as well: the server's state counts, and is shown
	Hold      Decision = "hold"     // kept until the phone on file is proven
	Wait      Decision = "wait"     // kept until the opening
)

// decide is for an operation's problem, from the code and, when that is unknown, from the status.
func decide(p contract.Problem) Decision {
	switch p.Code {
	case contract.ProblemCodeInternal, contract.ProblemCodeOverloaded:
		return Repeat
	case contract.ProblemCodeConflict:
		return Conflicts
	case contract.ProblemCodeVerifyFirst:
		return Hold
	case contract.ProblemCodeNotOpenYet:
		return Wait
	case contract.ProblemCodeInvalid, contract.ProblemCodeUnauthorized, contract.ProblemCodeSecretMalformed,
		contract.ProblemCodeAgentUnauthorized, contract.ProblemCodeClosed, contract.ProblemCodeNotEligible, contract.ProblemCodeNoCampaign,
		contract.ProblemCodeNoQueue, contract.ProblemCodeNoTicket, contract.ProblemCodeNotFound, contract.ProblemCodeMethodNotAllowed,
		contract.ProblemCodeTooLarge, contract.ProblemCodeUnsupportedMedia, contract.ProblemCodeOperationReused,
		contract.ProblemCodeWrongCode, contract.ProblemCodeLiveCampaign, contract.ProblemCodeTooMany:
		return GiveUp
	}
	if p.Status >= http.StatusInternalServerError || p.Status < http.StatusBadRequest {
		return Repeat
	}
	return GiveUp
}

// ends reports whether an entry's own problem means that this device has nothing there any more.
func ends(p contract.Problem) bool {
	return p.Code == contract.ProblemCodeUnauthorized || p.Code == contract.ProblemCodeNoCampaign
}
