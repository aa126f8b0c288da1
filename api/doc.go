// Package api is the app door and the agent door: JSON over HTTP, as mobile-contract/openapi.yaml writes it down.
//
// A request passes receive (middleware.go: our instant of receipt, before any work), the strict reading of its body
// (decode.go), the border (from_contract.go, which turns the contract's types into booking's), one operation of the
// desk, and the border back (to_contract.go). Whatever goes wrong is rendered in problem.go and nowhere else.
//
// Two listeners: Public is for everybody, Internal (health in detail, metrics) for the operator's network only.
package api
