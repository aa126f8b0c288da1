package booking

// PlaceView is what may be said about a registration's place: a number once it is sealed, an estimate before.
type PlaceView struct {
	Queue    string
	Number   int64 // the announced number; 0 before sealing
	Estimate int64 // an estimate, only before sealing; 0 when unknown
	Late     bool  // announced after people who arrived later; still served by arrival
	// AfterDraw means that lots decide the number: until the draw there is none, and no estimate either.
	AfterDraw bool
	// DrawID is the entry's name in the record of the draw, which the person alone is told; "" in a queue without a draw.
	DrawID string
}

// EstimatePlace says about which number a registration will get: everybody who is sealed, plus those who arrived before
// it and are not sealed yet. It is an estimate because entries with an earlier arrival can still come in.
func EstimatePlace(sealed, unsealedBefore int64) int64 { return sealed + unsealedBefore + 1 }
