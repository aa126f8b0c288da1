package campaignfile

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// node is a value of the YAML file with the place it stands at.
type node struct {
	spot
	ast ast.Node
}

// maxNesting bounds how deep lists and mappings may be nested: a campaign needs five levels, and the parser is recursive.
const maxNesting = 32

// readYAML parses one document. It reports false, with a problem noted, when there is none.
func readYAML(at spot, data []byte) (node, bool) {
	doc, err := parseYAML(data)
	var syntax yaml.Error
	switch {
	case errors.As(err, &syntax):
		if t := syntax.GetToken(); t != nil && t.Position != nil {
			at.line = t.Position.Line
		}
		at.problem("this is not YAML: %s", syntax.GetMessage())
		return node{}, false
	case err != nil:
		at.problem("this is not YAML: %v", err)
		return node{}, false
	}
	docs := doc.Docs
	if len(docs) == 0 || docs[0].Body == nil {
		at.problem("the file is empty: write a campaign (examples/ has two)")
		return node{}, false
	}
	if len(docs) > 1 {
		if docs[1].Start != nil && docs[1].Start.Position != nil {
			at.line = docs[1].Start.Position.Line
		}
		at.problem("a second document begins here (---): one file holds one campaign")
		return node{}, false
	}
	return makeNode(at, docs[0].Body), true
}

// parseYAML runs the parser. Some malformed texts make it panic; to the person who wrote the file that is one more way
// of not being YAML.
func parseYAML(data []byte) (f *ast.File, err error) {
	defer func() {
		if r := recover(); r != nil {
			f, err = nil, errors.New("it cannot be parsed; look for an unclosed bracket or quote")
		}
	}()
	tokens := lexer.Tokenize(string(data))
	if line := tooDeep(tokens); line > 0 {
		return nil, fmt.Errorf("line %d nests more than %d levels", line, maxNesting)
	}
	// Repeated keys are let through here because fields reports every one of them, and not only the first.
	return parser.Parse(tokens, 0, parser.AllowDuplicateMapKey())
}

// tooDeep finds the line on which brackets, dashes or markers nest beyond maxNesting, or 0.
func tooDeep(tokens token.Tokens) int {
	flow, line, onLine := 0, 0, 0
	for _, t := range tokens {
		if t.Position.Line != line {
			line, onLine = t.Position.Line, 0
		}
		switch t.Type {
		case token.SequenceStartType, token.MappingStartType:
			flow++
		case token.SequenceEndType, token.MappingEndType:
			flow--
		case token.SequenceEntryType, token.MappingKeyType, token.TagType, token.AnchorType:
			onLine++
		}
		if flow > maxNesting || onLine > maxNesting {
			return line
		}
	}
	return 0
}

func makeNode(at spot, n ast.Node) node {
	if n != nil {
		if t := n.GetToken(); t != nil && t.Position != nil && t.Position.Line > 0 {
			at.line = t.Position.Line
		}
	}
	return node{at, n}
}

// empty reports whether nothing was written after the key.
func (n node) empty() bool {
	_, null := n.ast.(*ast.NullNode)
	return null || n.ast == nil
}

// cell reads a scalar as it was written: 012 is "012", and yes is "yes".
func (n node) cell() (cell, bool) {
	switch v := n.ast.(type) {
	case *ast.StringNode:
		return cell{n.spot, v.Value}, true
	case *ast.LiteralNode:
		return cell{n.spot, v.Value.Value}, true
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode:
		return cell{n.spot, v.GetToken().Value}, true
	case *ast.AliasNode, *ast.AnchorNode, *ast.TagNode:
		n.problem("anchors, aliases and tags (&, *, !) are not used in campaign files: write the value itself")
	default:
		if n.empty() {
			n.problem("is empty: write a value")
		} else {
			n.problem("must be a single value, not %s", kind(n.ast))
		}
	}
	return cell{}, false
}

func kind(n ast.Node) string {
	switch n.(type) {
	case *ast.MappingNode, *ast.MappingValueNode:
		return "a mapping (key: value)"
	case *ast.SequenceNode:
		return "a list"
	}
	return "this"
}

// items reads a list.
func (n node) items() []node {
	seq, ok := n.ast.(*ast.SequenceNode)
	if !ok {
		n.problem("must be a list: write each entry on a line of its own after a dash, or [a, b]")
		return nil
	}
	if len(seq.Values) == 0 {
		n.problem("is empty: list at least one, or leave the key out")
	}
	out := make([]node, len(seq.Values))
	for i, v := range seq.Values {
		at := n.spot
		at.field = fmt.Sprintf("%s[%d]", n.field, i)
		out[i] = makeNode(at, v)
	}
	return out
}

// fields is a mapping whose keys have been checked.
type fields struct {
	spot
	values map[string]node // nil when it was no mapping at all, which is a problem already noted
}

// fields reads a mapping. Keys other than the known ones, and keys that stand there twice, are problems.
func (n node) fields(known ...string) fields {
	var pairs []*ast.MappingValueNode
	switch v := n.ast.(type) {
	case *ast.MappingNode:
		pairs = v.Values
	case *ast.MappingValueNode:
		pairs = []*ast.MappingValueNode{v}
	default:
		n.problem("must be a mapping with the keys %s", strings.Join(known, ", "))
		return fields{n.spot, nil}
	}
	f := fields{n.spot, make(map[string]node, len(pairs))}
	for _, pair := range pairs {
		key := pair.Key.GetToken().Value
		at := makeNode(n.under(key), pair.Key).spot
		if _, plain := pair.Key.(*ast.StringNode); !plain || !slices.Contains(known, key) {
			at.problem("there is no such key here: the keys are %s", strings.Join(known, ", "))
			continue
		}
		if first, twice := f.values[key]; twice {
			at.problem("stands here a second time (first on line %d): keep one of them", first.line)
			continue
		}
		value := makeNode(at, pair.Value)
		if value.empty() {
			value.line = at.line
		}
		f.values[key] = value
	}
	return f
}

// has reports whether the key was written.
func (f fields) has(key string) bool { _, ok := f.values[key]; return ok }

// at is where the key stands, or where it would have to stand.
func (f fields) at(key string) spot {
	if n, ok := f.values[key]; ok {
		return n.spot
	}
	return f.under(key)
}

// node returns the value of a key that must be there; hint says what to write.
func (f fields) node(key, hint string) (node, bool) {
	n, ok := f.values[key]
	switch {
	case ok && !n.empty():
		return n, true
	case f.values != nil:
		f.at(key).problem("is missing: write %s", hint)
	}
	return node{}, false
}

// list returns the entries of a list that may be left out.
func (f fields) list(key string) []node {
	n, ok := f.values[key]
	if !ok {
		return nil
	}
	return n.items()
}

// need reads a value that must be there; hint says what to write.
func need[T any](f fields, key, hint string, read func(cell) (T, bool)) (T, bool) {
	n, ok := f.node(key, hint)
	if !ok {
		var zero T
		return zero, false
	}
	return scalar(n, read)
}

// opt reads a value that may be left out.
func opt[T any](f fields, key string, otherwise T, read func(cell) (T, bool)) (T, bool) {
	n, ok := f.values[key]
	if !ok {
		return otherwise, f.values != nil
	}
	return scalar(n, read)
}

// distinct reads a list in which nothing may stand twice. It reports false when something in it is a problem.
func distinct[T comparable](items []node, read func(cell) (T, bool)) (out []T, ok bool) {
	seen, ok := map[T]bool{}, true
	for _, item := range items {
		v, good := scalar(item, read)
		switch {
		case !good:
			ok = false
		case seen[v]:
			item.problem("%v stands here twice: keep one", v)
			ok = false
		default:
			seen[v] = true
			out = append(out, v)
		}
	}
	return out, ok
}

func scalar[T any](n node, read func(cell) (T, bool)) (T, bool) {
	c, ok := n.cell()
	if !ok {
		var zero T
		return zero, false
	}
	return read(c)
}
