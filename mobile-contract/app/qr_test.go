package app_test

import (
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"math"
	"regexp"
	"strconv"
	"testing"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"
)

// TestTicketsAreRead has another program read the QR codes of many tickets, as they are drawn.
func TestTicketsAreRead(t *testing.T) {
	t.Parallel()
	tickets := []string{"0000000000", "9999999999", "0123456789", "2047781365", "1", "12345678901234567"}
	for i := range 1000 {
		tickets = append(tickets, fmt.Sprintf("%010d", (i*7919+i*i*i*104729+31)%10000000000))
	}
	var drawn []string
	inNode(t, `import { qr, qrPath } from './ui/qr.ts'`, `arg.map((d: string) => qrPath(qr(d) ?? []))`, tickets, &drawn)
	for i, path := range drawn {
		img := paint(t, path)
		asDrawn, err := read(img, map[gozxing.DecodeHintType]any{gozxing.DecodeHintType_PURE_BARCODE: true})
		if err != nil || asDrawn.GetText() != tickets[i] {
			t.Fatalf("%s is read as %v: %v", tickets[i], asDrawn, err)
		}
		if level := asDrawn.GetResultMetadata()[gozxing.ResultMetadataType_ERROR_CORRECTION_LEVEL]; level != "H" {
			t.Fatalf("%s has level %v", tickets[i], level)
		}
		if !found(img, tickets[i]) {
			t.Fatalf("%s is not found in a picture", tickets[i])
		}
	}
}

// found looks for the code in a picture, as a camera does, which sees it at more than one angle: two in a thousand are not found when they are
// exactly upright, because this reader takes their data for a fourth corner.
func found(img *image.Gray, ticket string) bool {
	for _, degrees := range []float64{0, 5, 11} {
		if r, err := read(turned(img, degrees), nil); err == nil {
			return r.GetText() == ticket
		}
	}
	return false
}

func read(img image.Image, hints map[gozxing.DecodeHintType]any) (*gozxing.Result, error) {
	bitmap, err := gozxing.NewBinaryBitmapFromImage(img)
	if err != nil {
		return nil, err
	}
	return qrcode.NewQRCodeReader().Decode(bitmap, hints)
}

// turned turns a picture about its middle, on white.
func turned(img *image.Gray, degrees float64) *image.Gray {
	const size = wide * scale * 3 / 2
	out := image.NewGray(image.Rect(0, 0, size, size))
	sin, cos := math.Sincos(degrees * math.Pi / 180)
	for y := range size {
		for x := range size {
			dx, dy := float64(x)-size/2, float64(y)-size/2
			from := image.Pt(int(cos*dx+sin*dy+wide*scale/2), int(cos*dy-sin*dx+wide*scale/2))
			out.SetGray(x, y, color.Gray{Y: 255})
			if from.In(img.Bounds()) {
				out.SetGray(x, y, img.GrayAt(from.X, from.Y))
			}
		}
	}
	return out
}

// TestScratchedTicketIsRead covers a part of the code: level H bears it.
func TestScratchedTicketIsRead(t *testing.T) {
	t.Parallel()
	var drawn []string
	inNode(t, `import { qr, qrPath } from './ui/qr.ts'`, `[qrPath(qr(arg) ?? [])]`, "2047781365", &drawn)
	img := paint(t, drawn[0])
	draw.Draw(img, image.Rect(15*scale, 14*scale, 20*scale, 17*scale), image.NewUniform(color.White), image.Point{}, draw.Src)
	got, err := read(img, nil)
	if err != nil || got.GetText() != "2047781365" {
		t.Fatalf("%v, %v", got, err)
	}
}

// TestWhatIsNoTicketIsNotDrawn: letters, nothing, and more digits than there is room for.
func TestWhatIsNoTicketIsNotDrawn(t *testing.T) {
	t.Parallel()
	var drawn []bool
	inNode(t, `import { qr } from './ui/qr.ts'`, `arg.map((d: string) => qr(d) !== undefined)`, []string{"", "12a", "1 2", "123456789012345678"}, &drawn)
	for i, is := range drawn {
		if is {
			t.Errorf("no. %d is drawn", i)
		}
	}
}

const (
	scale = 6  // pixels of a module
	wide  = 29 // modules with the white around them, as qrWidth
)

var run = regexp.MustCompile(`M(\d+) (\d+)h(\d+)v1h-(\d+)z`)

// paint draws the path as a browser does: dark runs on white. Whatever else it holds fails.
func paint(t *testing.T, path string) *image.Gray {
	t.Helper()
	img := image.NewGray(image.Rect(0, 0, wide*scale, wide*scale))
	draw.Draw(img, img.Bounds(), image.NewUniform(color.White), image.Point{}, draw.Src)
	length := 0
	for _, m := range run.FindAllStringSubmatch(path, -1) {
		length += len(m[0])
		x, y, n := number(t, m[1]), number(t, m[2]), number(t, m[3])
		if m[3] != m[4] || x < 4 || y < 4 || x+n > wide-4 || y >= wide-4 {
			t.Fatalf("%s is drawn outside", m[0])
		}
		draw.Draw(img, image.Rect(x*scale, y*scale, (x+n)*scale, (y+1)*scale), image.NewUniform(color.Black), image.Point{}, draw.Src)
	}
	if length == 0 || length != len(path) {
		t.Fatalf("path %q", path)
	}
	return img
}

func number(t *testing.T, digits string) int {
	t.Helper()
	n, err := strconv.Atoi(digits)
	if err != nil {
		t.Fatal(err)
	}
	return n
}
