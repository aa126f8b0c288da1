package app

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"github.com/evanw/esbuild/pkg/api"
)

// bundled is a program for browsers, and its source map.
type bundled struct{ code, sources []byte }

// oldest are the browsers that the app must run in, as a version of the language: phones of 2018 are in use.
const oldest = api.ES2018

// bundle makes one script of an entry and all that it imports. with names what stands for constants in the sources, as JavaScript.
func bundle(src fs.FS, entry string, with map[string]string) (bundled, error) {
	name := map[string]string{"main.ts": "app", "worker.ts": "worker"}[entry]
	out := api.Build(api.BuildOptions{
		EntryPointsAdvanced: []api.EntryPoint{{InputPath: entry, OutputPath: name}},
		Bundle:              true, Outdir: "/app", Write: false, Format: api.FormatIIFE, Platform: api.PlatformBrowser, Target: oldest,
		Charset: api.CharsetUTF8, MinifySyntax: true, MinifyWhitespace: true, MinifyIdentifiers: true,
		Sourcemap: api.SourceMapLinked, SourcesContent: api.SourcesContentInclude, SourceRoot: "jari",
		Define: with, LogLevel: api.LogLevelSilent, LegalComments: api.LegalCommentsNone,
		TsconfigRaw: `{"compilerOptions":{"strict":true,"useDefineForClassFields":true}}`,
		Plugins:     []api.Plugin{from(src)},
	})
	if err := failure(out.Errors); err != nil {
		return bundled{}, err
	}
	var b bundled
	for _, f := range out.OutputFiles {
		if strings.HasSuffix(f.Path, ".map") {
			b.sources = f.Contents
		} else {
			b.code = f.Contents
		}
	}
	return b, nil
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
