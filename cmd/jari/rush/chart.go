package rush

import (
	"fmt"
	"html/template"
	"math"
	"strings"
)

// series is one line of a chart.
type series struct {
	name   string
	colour string
	dash   string // of the line, for those who do not tell colours apart; empty: none
	y      []float64
}

// The drawing area, in the units of the viewBox. Text is large because phones show the chart at half its size.
const (
	chartWidth, chartHeight         = 720.0, 420.0
	marginLeft, marginRight         = 86.0, 30.0
	marginTop, marginBottom         = 20.0, 76.0
	plotWidth, plotHeight           = chartWidth - marginLeft - marginRight, chartHeight - marginTop - marginBottom
	xTicks, yTicks          float64 = 6, 5
)

// axis maps values to the drawing area.
type axis struct{ least, most, step float64 }

// niceAxis takes round steps: 1, 2 or 5 times a power of ten.
func niceAxis(least, most, ticks float64) axis {
	span := max(most-least, 1e-9)
	raw := span / ticks
	power := math.Pow(10, math.Floor(math.Log10(raw)))
	step := 10 * power
	for _, f := range []float64{1, 2, 5} {
		if f*power >= raw {
			step = f * power
			break
		}
	}
	return axis{math.Floor(least/step+1e-9) * step, math.Ceil(most/step-1e-9) * step, step}
}

func (a axis) x(v float64) float64 { return marginLeft + (v-a.least)/(a.most-a.least)*plotWidth }
func (a axis) y(v float64) float64 {
	return marginTop + plotHeight - (v-a.least)/(a.most-a.least)*plotHeight
}

// drawing writes an SVG.
type drawing struct{ strings.Builder }

func (d *drawing) add(format string, args ...any) { fmt.Fprintf(&d.Builder, format, args...) }

func newDrawing(label string) *drawing {
	d := &drawing{}
	d.add(`<svg viewBox="0 0 %g %g" role="img" aria-label="%s">`, chartWidth, chartHeight, template.HTMLEscapeString(label))
	return d
}

func (d *drawing) done() template.HTML {
	d.add(`</svg>`)
	return template.HTML(d.String()) //nolint:gosec // made here, of numbers and escaped names
}

// axes draws the grid, the numbers and what they mean.
func (d *drawing) axes(x, y axis, xName string) {
	for v := y.least; v <= y.most+y.step/2; v += y.step {
		d.add(`<path class="g" d="M%g %.1fH%g"/><text class="n" x="%g" y="%.1f" text-anchor="end">%s</text>`,
			marginLeft, y.y(v), chartWidth-marginRight, marginLeft-8, y.y(v)+8, short(v))
	}
	for v := x.least; v <= x.most+x.step/2; v += x.step {
		d.add(`<text class="n" x="%.1f" y="%g" text-anchor="middle">%s</text>`, x.x(v), chartHeight-marginBottom+30, short(v))
	}
	d.add(`<text class="n" x="%g" y="%g" text-anchor="middle">%s</text>`, marginLeft+plotWidth/2, chartHeight-10, template.HTMLEscapeString(xName))
}

// short writes a number briefly: 12000 is 12k.
func short(v float64) string {
	switch {
	case math.Abs(v) >= 1e6:
		return fmt.Sprintf("%gM", math.Round(v/1e5)/10)
	case math.Abs(v) >= 1e4:
		return fmt.Sprintf("%gk", math.Round(v/1e2)/10)
	}
	return fmt.Sprintf("%g", math.Round(v*1000)/1000)
}

// lines draws series over seconds.
func lines(label string, at []float64, list []series) template.HTML {
	d := newDrawing(label)
	most := 1.0
	for _, s := range list {
		for _, v := range s.y {
			most = max(most, v)
		}
	}
	x, y := niceAxis(at[0], at[len(at)-1]+1, xTicks), niceAxis(0, most, yTicks)
	d.axes(x, y, "seconds since the opening")
	if x.least < 0 {
		d.add(`<path class="o" d="M%.1f %gV%g"/>`, x.x(0), marginTop, chartHeight-marginBottom)
	}
	for _, s := range list {
		d.add(`<path fill="none" stroke="%s" stroke-width="3" stroke-linejoin="round" stroke-dasharray="%s" d="`, s.colour, s.dash)
		for i, v := range s.y {
			d.add("%s%.1f %.1f", map[bool]string{true: "M", false: "L"}[i == 0], x.x(at[i]+0.5), y.y(v))
		}
		d.add(`"/>`)
	}
	return d.done()
}

// density draws how many people came when and stand where, and the cheaters as dots.
func density(label string, p page) template.HTML {
	d := newDrawing(label)
	x, y := axis{0, p.over, niceAxis(0, p.over, xTicks).step}, axis{0, float64(p.places), niceAxis(0, max(float64(p.places), 1), yTicks).step}
	y.most = max(y.most, 1)
	most := 1
	for _, row := range p.grid {
		for _, n := range row {
			most = max(most, n)
		}
	}
	d.axes(x, y, "first contact, seconds since the opening")
	w, h := plotWidth/gridSize, plotHeight/gridSize
	for row := range gridSize {
		for col, n := range p.grid[row] {
			if n > 0 {
				// By the logarithm: one person who stands where they should not must be seen beside thousands.
				strength := 0.25 + 0.75*math.Log1p(float64(n))/math.Log1p(float64(most))
				d.add(`<rect x="%.1f" y="%.1f" width="%.1f" height="%.1f" fill="#1d4f91" fill-opacity="%.2f"/>`,
					marginLeft+float64(col)*w, marginTop+plotHeight-float64(row+1)*h, w+0.3, h+0.3, strength)
			}
		}
	}
	for _, m := range p.marks {
		d.add(`<circle cx="%.1f" cy="%.1f" r="3.5" fill="#c2410c" fill-opacity=".75"/>`, marginLeft+m.x*plotWidth, marginTop+plotHeight-m.y*plotHeight)
	}
	return d.done()
}
