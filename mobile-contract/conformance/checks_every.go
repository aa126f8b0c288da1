package conformance

// everyAnswerChecks judge all that the other checks were answered.
func everyAnswerChecks() []Check {
	const area = "every answer of the run"
	return []Check{
		{
			Name: string(ruleSchema), Area: area,
			Proves:   "Status, headers and body of every answer fit openapi.yaml",
			Sentence: "answers are open (clients ignore fields they do not know)",
		},
		{
			Name: string(ruleProblems), Area: area,
			Proves:   "Every refusal is application/problem+json with type, title, status and code; 429 and 503 say when to come again",
			Sentence: "are problem details (RFC 9457) with a `code` for programs and a `title` and `detail` for people",
		},
		{
			Name: string(rulePrivate), Area: area,
			Proves:   "Every answer about a person and every refusal forbids to be kept on the way",
			Sentence: "Only what is the same for everybody may be kept on the way",
		},
		{
			Name: string(ruleNames), Area: area,
			Proves:   "Every answer has an X-Request-Id that no other answer has, for whoever asks the operator about it",
			Sentence: "Names the request in the server's log.",
		},
	}
}
