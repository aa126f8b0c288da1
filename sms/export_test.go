package sms

// HandleWaiting handles what waits for the door's hands, in the caller's goroutine.
func (d *Door) HandleWaiting() {
	for _, lane := range d.hands.lanes {
		for waits := true; waits; {
			select {
			case t := <-lane:
				d.hands.handle(t)
			default:
				waits = false
			}
		}
	}
}
