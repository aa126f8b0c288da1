package app

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"

	"github.com/evanw/esbuild/pkg/api"
)

// bundled are scripts and their source maps, by file name.
type bundled struct {
	files map[string][]byte
	// first are the scripts besides the entry that it cannot begin without.
	first []string
}

// oldest are the browsers that the app must run in, as a version of the language: phones of 2018 are in use.
const oldest = api.ES2018

// page makes the scripts of the page: app.js, more.js, which it fetches after it has drawn the first page, and what both need. Such parts are named for
// their content, so that parts of two versions never meet.
func page(src fs.FS) (bundled, error) {
	return bundle(src, api.BuildOptions{
		EntryPointsAdvanced: []api.EntryPoint{{InputPath: "main.ts", OutputPath: "app"}, {InputPath: "pages/more.ts", OutputPath: "more"}},
		Format:              api.FormatESModule, Splitting: true, ChunkNames: "part-[hash]",
	})
}

// worker makes the service worker, one script. with names what stands for constants in the sources, as JavaScript.
func worker(src fs.FS, with map[string]string) (bundled, error) {
	return bundle(src, api.BuildOptions{
		EntryPointsAdvanced: []api.EntryPoint{{InputPath: "worker.ts", OutputPath: "worker"}}, Format: api.FormatIIFE, Define: with,
	})
}

func bundle(src fs.FS, o api.BuildOptions) (bundled, error) {
	o.Bundle, o.Outdir, o.Write, o.Metafile = true, "/", false, true
	o.Platform, o.Target, o.Charset = api.PlatformBrowser, oldest, api.CharsetUTF8
	o.MinifySyntax, o.MinifyWhitespace, o.MinifyIdentifiers, o.LegalComments = true, true, true, api.LegalCommentsNone
	o.Sourcemap, o.SourcesContent, o.SourceRoot = api.SourceMapLinked, api.SourcesContentInclude, "jari"
	o.TsconfigRaw = `{"compilerOptions":{"strict":true,"useDefineForClassFields":true}}`
	o.LogLevel, o.Plugins = api.LogLevelSilent, []api.Plugin{from(src)}
	out := api.Build(o)
	if err := failure(out.Errors); err != nil {
		return bundled{}, err
	}
	b := bundled{files: map[string][]byte{}}
	for _, f := range out.OutputFiles {
		b.files[path.Base(f.Path)] = f.Contents
	}
	var err error
	b.first, err = imported(out.Metafile, o.EntryPointsAdvanced[0].OutputPath+".js")
	return b, err
}

// imported lists what a script cannot begin without, sorted.
func imported(metafile, script string) ([]string, error) {
	var meta struct {
		Outputs map[string]struct {
			Imports []struct {
				Path string `json:"path"`
				Kind string `json:"kind"`
			} `json:"imports"`
		} `json:"outputs"`
	}
	if err := json.Unmarshal([]byte(metafile), &meta); err != nil {
		return nil, fmt.Errorf("make the app: read what was made: %w", err)
	}
	var out []string
	for file, o := range meta.Outputs {
		if path.Base(file) != script {
			continue
		}
		for _, i := range o.Imports {
			if i.Kind == "import-statement" {
				out = append(out, path.Base(i.Path))
			}
		}
	}
	slices.Sort(out)
	return out, nil
}

// style makes the style sheet smaller, and fails on what is none.
func style(src fs.FS) ([]byte, error) {
	text, err := fs.ReadFile(src, "app.css")
	if err != nil {
		return nil, fmt.Errorf("make the app: %w", err)
	}
	out := api.Transform(string(text), api.TransformOptions{
		Loader: api.LoaderCSS, Sourcefile: "app.css", MinifySyntax: true, MinifyWhitespace: true, Charset: api.CharsetUTF8, LogLevel: api.LogLevelSilent,
	})
	return out.Code, failure(append(out.Errors, out.Warnings...))
}

// from lets the bundler read nothing but the sources: no disk, no packages.
func from(src fs.FS) api.Plugin {
	const ours = "jari"
	return api.Plugin{Name: ours, Setup: func(b api.PluginBuild) {
		b.OnResolve(api.OnResolveOptions{Filter: `.*`}, func(a api.OnResolveArgs) (api.OnResolveResult, error) {
			at := a.Path
			if a.Importer != "" {
				at = path.Join(path.Dir(a.Importer), a.Path)
			}
			return api.OnResolveResult{Path: at, Namespace: ours}, nil
		})
		b.OnLoad(api.OnLoadOptions{Filter: `.*`, Namespace: ours}, func(a api.OnLoadArgs) (api.OnLoadResult, error) {
			text, err := fs.ReadFile(src, a.Path)
			if err != nil {
				return api.OnLoadResult{}, fmt.Errorf("read %s: %w", a.Path, err)
			}
			s := string(text)
			return api.OnLoadResult{Contents: &s, Loader: api.LoaderTS}, nil
		})
	}}
}

func failure(messages []api.Message) error {
	var all []error
	for _, m := range messages {
		at := ""
		if m.Location != nil {
			at = fmt.Sprintf("%s:%d: ", m.Location.File, m.Location.Line)
		}
		all = append(all, fmt.Errorf("make the app: %s%s", at, m.Text))
	}
	return errors.Join(all...)
}
