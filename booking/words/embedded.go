package words

import (
	"embed"
	"io/fs"
	"sync"
)

// The catalogues of this release. A language is added by adding its file (docs/translating.md).
//
//go:embed catalogue/*.toml
var files embed.FS

// embedded are they, read when the first text is made. They are part of the program, like its code, and never change: so they are not passed
// around. That they can be read is shown by the tests.
var embedded = sync.OnceValue(func() *Catalogues {
	folder, err := fs.Sub(files, "catalogue")
	if err != nil {
		panic(err)
	}
	c, err := Load(folder)
	if err != nil {
		panic(err)
	}
	return c
})
