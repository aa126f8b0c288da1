package reference

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/goccy/go-yaml"
)

// node is a place in the contract's tree: a map in its written order, a list, or a value. What is not there is the empty
// node, so that one may ask on without looking.
type node struct {
	root yaml.MapSlice
	v    any
}

// entry is a name and what stands under it.
type entry struct {
	name string
	node
}

func parse(openapi []byte) (node, error) {
	var root yaml.MapSlice
	if err := yaml.UnmarshalWithOptions(openapi, &root, yaml.UseOrderedMap()); err != nil {
		return node{}, fmt.Errorf("read the contract: %w", err)
	}
	return node{root, root}, nil
}

// at follows names down the tree, and references on the way.
func (n node) at(names ...string) node {
	for _, name := range names {
		m, _ := n.v.(yaml.MapSlice)
		n.v = nil
		for _, item := range m {
			if fmt.Sprint(item.Key) == name {
				n.v = item.Value
				break
			}
		}
		n = n.target()
	}
	return n
}

// ref is the name of the component that the node refers to, or "".
func (n node) ref() string {
	m, _ := n.v.(yaml.MapSlice)
	if len(m) == 1 && m[0].Key == "$ref" {
		text := fmt.Sprint(m[0].Value)
		return text[strings.LastIndex(text, "/")+1:]
	}
	return ""
}

// target is what a reference refers to, and the node itself when it is none.
func (n node) target() node {
	m, _ := n.v.(yaml.MapSlice)
	if len(m) != 1 || m[0].Key != "$ref" {
		return n
	}
	path := strings.Split(strings.TrimPrefix(fmt.Sprint(m[0].Value), "#/"), "/")
	return node{n.root, n.root}.at(path...)
}

// raw is a child without following its reference.
func (n node) raw(name string) node {
	for _, e := range n.entries() {
		if e.name == name {
			return e.node
		}
	}
	return node{root: n.root}
}

func (n node) there() bool { return n.v != nil }

// text is the value under a name as it is written, or "".
func (n node) text(name string) string {
	if v := n.at(name).v; v != nil {
		return fmt.Sprint(v)
	}
	return ""
}

// String is the node's own value.
func (n node) String() string { return fmt.Sprint(n.v) }

// items are the elements of a list, without following their references.
func (n node) items() []node {
	list, _ := n.v.([]any)
	out := make([]node, len(list))
	for i, v := range list {
		out[i] = node{n.root, v}
	}
	return out
}

// texts are the elements of a list of texts.
func (n node) texts() []string {
	var out []string
	for _, item := range n.items() {
		out = append(out, item.String())
	}
	return out
}

// entries are the names of a map and what stands under them, as written and without following references.
func (n node) entries() []entry {
	m, _ := n.v.(yaml.MapSlice)
	out := make([]entry, len(m))
	for i, item := range m {
		out[i] = entry{fmt.Sprint(item.Key), node{n.root, item.Value}}
	}
	return out
}

// json writes the node as JSON to read, and "" when there is none.
func (n node) json() (string, error) {
	if !n.there() {
		return "", nil
	}
	var b bytes.Buffer
	e := jsontext.NewEncoder(&b, jsontext.WithIndent("  "))
	if err := write(e, n); err != nil {
		return "", fmt.Errorf("write an example: %w", err)
	}
	return strings.TrimSuffix(b.String(), "\n"), nil
}

func write(e *jsontext.Encoder, n node) error {
	switch v := n.v.(type) {
	case yaml.MapSlice:
		if err := e.WriteToken(jsontext.BeginObject); err != nil {
			return err
		}
		for _, child := range n.entries() {
			if err := e.WriteToken(jsontext.String(child.name)); err != nil {
				return err
			}
			if err := write(e, child.node); err != nil {
				return err
			}
		}
		return e.WriteToken(jsontext.EndObject)
	case []any:
		if err := e.WriteToken(jsontext.BeginArray); err != nil {
			return err
		}
		for _, child := range n.items() {
			if err := write(e, child); err != nil {
				return err
			}
		}
		return e.WriteToken(jsontext.EndArray)
	case string:
		return e.WriteToken(jsontext.String(v))
	default:
		return e.WriteValue(jsontext.Value(fmt.Sprint(v))) // a number or a boolean
	}
}
