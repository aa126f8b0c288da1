package api

import (
	"encoding/json"
	"testing"

	"jari/booking"
)

func TestPlaceOf(t *testing.T) {
	t.Parallel()
	const draw = "0123456789abcdef0123456789abcdef"
	for _, c := range []struct {
		place booking.PlaceView
		want  string
	}{
		{booking.PlaceView{Queue: "q", Number: 7, Late: true}, `{"late":true,"number":7,"queue":"q"}`},
		{booking.PlaceView{Queue: "q", Estimate: 9}, `{"estimate":9,"late":false,"queue":"q"}`},
		{booking.PlaceView{Queue: "q", AfterDraw: true, DrawID: draw}, `{"after_draw":true,"draw_id":"` + draw + `","late":false,"queue":"q"}`},
		{booking.PlaceView{Queue: "q", Number: 7, DrawID: draw}, `{"draw_id":"` + draw + `","late":false,"number":7,"queue":"q"}`},
	} {
		b, err := json.Marshal(placeOf(c.place))
		if err != nil || string(b) != c.want {
			t.Errorf("%+v: %s, %v; want %s", c.place, b, err, c.want)
		}
	}
}
