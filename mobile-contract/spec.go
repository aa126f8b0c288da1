// Package mobilecontract carries the contract between the server and the apps: openapi.yaml, from which the types in the
// folder contract are generated.
package mobilecontract

import _ "embed"

// OpenAPI is the contract as it is written: OpenAPI 3.0.3, YAML.
//
//go:embed openapi.yaml
var OpenAPI []byte

// Offline is how a client works on a bad line: OFFLINE.md, Markdown.
//
//go:embed OFFLINE.md
var Offline []byte
