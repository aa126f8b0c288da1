package words

// Kinds lists every kind, in the order of words.go.
func Kinds() []Kind {
	return []Kind{
		Registered, Welcome, Code, Offer, Confirmed, Declined, Cancelled, Withdrawn, NoTime, Lapsed, Missed, Changed, Moved, Redated, SwapNoted, SwapDropped, Corrected, Status, Why, HelperSet, HelperGone, HelperNamed, HelperOver,
		AskMissing, NearRegion, OneEach, WhichCampaign, NotOpenYet, ReminderNoted, Opened, Closed, NotEligible, ReceivedForOther, TooMany, NoEntry, Help, Noted, UnknownNumber, NotNow, Refused,
	}
}
