package reference

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"html/template"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// Style is the style sheet of all pages. They ask for it as /docs/style.css.
//
//go:embed style.css
var Style []byte

//go:embed page.html
var pageText string

// Reference is the contract, ready to be shown.
type Reference struct {
	root   node
	layout *template.Template
}

// Words are what people read about a problem, in one language.
type Words struct{ Lang, Title, Detail string }

// New reads the contract, OpenAPI as YAML.
func New(openapi []byte) (*Reference, error) {
	root, err := parse(openapi)
	if err != nil {
		return nil, err
	}
	layout, err := template.New("").Parse(pageText)
	if err != nil {
		return nil, fmt.Errorf("read the page's layout: %w", err)
	}
	return &Reference{root, layout}, nil
}

// Page is the reference: all operations, types and problems.
func (r *Reference) Page() ([]byte, error) {
	view, err := r.view()
	if err != nil {
		return nil, err
	}
	return r.make("reference", view)
}

// Codes are all codes of problems, in the contract's order.
func (r *Reference) Codes() []string {
	return r.root.at("components", "schemas", "ProblemCode", "enum").texts()
}

// Problem is the page of one kind of problem, to which its type URI leads.
func (r *Reference) Problem(code string, words []Words) ([]byte, error) {
	kinds, err := r.problems([]string{code})
	if err != nil {
		return nil, err
	}
	view := problemPage{Title: r.root.at("info").text("title"), Problem: kinds[0], Words: words}
	if view.Example, err = r.root.at("components", "examples", code, "value").json(); err != nil {
		return nil, err
	}
	if view.Carries, err = r.carried(kinds[0].Carries); err != nil {
		return nil, err
	}
	view.Operations = r.whereFrom(code)
	return r.make("problem", view)
}

func (r *Reference) make(name string, view any) ([]byte, error) {
	var b bytes.Buffer
	if err := r.layout.ExecuteTemplate(&b, name, view); err != nil {
		return nil, fmt.Errorf("make the page: %w", err)
	}
	return b.Bytes(), nil
}

// textPage is a page of running text.
type textPage struct {
	Title, Heading string
	Text           template.HTML
}

// Text makes a page of Markdown whose first line is its heading. Its links lead on to what the server shows; others, such as
// to source files, become plain words.
func (r *Reference) Text(markdown []byte) ([]byte, error) {
	first, rest, _ := bytes.Cut(markdown, []byte("\n"))
	heading, ok := bytes.CutPrefix(first, []byte("# "))
	if !ok {
		return nil, errors.New("make the page: the text does not begin with a heading")
	}
	reader := goldmark.New(goldmark.WithExtensions(extension.Table), goldmark.WithParserOptions(parser.WithAutoHeadingID(),
		parser.WithASTTransformers(util.Prioritized(&linksWithin{}, 0))))
	var b bytes.Buffer
	if err := reader.Convert(rest, &b); err != nil {
		return nil, fmt.Errorf("read a text: %w", err)
	}
	return r.make("text", textPage{r.root.at("info").text("title"), string(heading), template.HTML(movable(b.String()))}) //nolint:gosec // as below
}

// movable puts each table into a box of its own, which can be moved sideways where it is too wide, with the keyboard too. A
// table that did so itself would be none for a screen reader. In the text a less-than sign is always escaped.
func movable(html string) string {
	return strings.NewReplacer("<table>", `<div class="wide-table" role="group" aria-label="Table" tabindex="0"><table>`, "</table>", "</table></div>").Replace(html)
}

// linksWithin unwraps links that lead out of what the server shows.
type linksWithin struct{}

// Transform implements parser.ASTTransformer.
func (*linksWithin) Transform(doc *ast.Document, _ text.Reader, _ parser.Context) {
	var out []*ast.Link
	_ = ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) { // the function returns no error
		if link, ok := n.(*ast.Link); ok && entering && string(link.Destination) != "openapi.yaml" && !bytes.HasPrefix(link.Destination, []byte("#")) {
			out = append(out, link)
		}
		return ast.WalkContinue, nil
	})
	for _, link := range out {
		parent := link.Parent()
		for link.FirstChild() != nil {
			parent.InsertBefore(parent, link, link.FirstChild())
		}
		parent.RemoveChild(parent, link)
	}
}

// prose makes HTML of the contract's Markdown. HTML in it is left out.
func (*Reference) prose(markdown string) (template.HTML, error) {
	var b bytes.Buffer
	if err := goldmark.Convert([]byte(strings.TrimSpace(markdown)), &b); err != nil {
		return "", fmt.Errorf("read a description: %w", err)
	}
	return template.HTML(b.String()), nil //nolint:gosec // made from the contract, by a writer that lets no HTML through
}
