package words

import "slices"

// StopWords are the words by which Twilio stops texts to a phone, from whoever sends them; others do it likewise.
func StopWords() []string {
	return []string{"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"}
}

// StartWords let texts come again.
func StartWords() []string { return []string{"START", "YES", "UNSTOP"} }

// ProviderWords are all that providers take as a command and answer themselves. We use none of them for anything of ours: whoever is told to answer one
// of them would stop all our texts, or start them.
func ProviderWords() []string {
	return slices.Concat(StopWords(), StartWords(), []string{"HELP", "INFO"})
}
