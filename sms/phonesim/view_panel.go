package phonesim

import (
	"strconv"
	"time"
)

// numberView is a sending number in the panel.
type numberView struct {
	NumberStand
	QueueSeconds int
	Refuses      bool
	Bars         []bar
	Path         string
}

// bar is a second of the chart, in the units of its picture.
type bar struct{ X, Y, H, RY, RH int }

// faultsView are the faults in percent and milliseconds.
type faultsView struct {
	F429, F503, Hang, Twice, Shuffled string
	HangFor, DelayMin, DelayMax       int64
}

// The chart's picture: keptSeconds bars, each 4 wide, 40 high.
const (
	chartHigh = 40
	barWide   = 4
)

func (s *Server) numberView(n NumberStand) numberView {
	v := numberView{NumberStand: n, QueueSeconds: int(n.QueueFor / time.Second), Refuses: n.Over == OverRefuse, Path: numberPath(n.Number.Number)}
	most := 1
	for _, second := range n.Seconds {
		most = max(most, second.Accepted+second.Refused)
	}
	first := s.config.Now().Unix() - keptSeconds + 1
	for _, second := range n.Seconds {
		good, bad := second.Accepted*chartHigh/most, second.Refused*chartHigh/most
		if second.Accepted > 0 {
			good = max(good, 1)
		}
		v.Bars = append(v.Bars, bar{X: int(second.At-first) * barWide, Y: chartHigh - good, H: good, RY: max(0, chartHigh-good-bad), RH: bad})
	}
	return v
}

func viewFaults(f Faults) faultsView {
	percent := func(rate float64) string { return strconv.FormatFloat(rate*100, 'f', -1, 64) }
	return faultsView{
		F429: percent(f.Rate429), F503: percent(f.Rate503HTML), Hang: percent(f.RateAcceptThenHang), Twice: percent(f.RateReceiptTwice),
		Shuffled: percent(f.RateReceiptShuffled), HangFor: f.HangFor.Milliseconds(), DelayMin: f.ReceiptDelayMin.Milliseconds(),
		DelayMax: f.ReceiptDelayMax.Milliseconds(),
	}
}
