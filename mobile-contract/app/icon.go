package app

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
)

// icon draws icon.svg's picture for systems that want pixels: the home screens of phones.
func icon(side int) ([]byte, error) {
	const of = 512 // the drawing's own side
	green, white := color.RGBA{0x0b, 0x53, 0x45, 0xff}, color.RGBA{0xff, 0xff, 0xff, 0xff}
	strokes := []image.Rectangle{image.Rect(168, 120, 208, 392), image.Rect(304, 120, 344, 392), image.Rect(208, 256, 304, 296)}
	img := image.NewPaletted(image.Rect(0, 0, side, side), color.Palette{green, white})
	for y := range side {
		for x := range side {
			at := image.Pt(x*of/side, y*of/side)
			for _, s := range strokes {
				if at.In(s) {
					img.SetColorIndex(x, y, 1)
				}
			}
		}
	}
	var b bytes.Buffer
	err := png.Encode(&b, img)
	return b.Bytes(), err
}
