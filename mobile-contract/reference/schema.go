package reference

import (
	"html/template"
	"strings"
)

// kind says what a value is: "list of Site, at most 50,000".
type kind struct {
	Before string // "list of "
	Name   string
	Anchor string // of the type on this page, or ""
	Limits string
}

// schema is one type of the contract.
type schema struct {
	Name    string
	About   template.HTML
	Kind    kind
	Fields  []field
	Values  []string
	OneOf   []kind
	Example string
}

// field is one field of a type, or a parameter, or a header.
type field struct {
	Name     string
	In       string // of a parameter: path, query or header
	Required bool
	Kind     kind
	About    template.HTML
	Fields   []field // of a type that has no name
}

func (r *Reference) schemaOf(name string, s node) (schema, error) {
	out := schema{Name: name, Kind: kindOf(s), Values: s.at("enum").texts()}
	var err error
	if out.About, err = r.prose(s.text("description")); err != nil {
		return out, err
	}
	if out.Fields, err = r.fieldsOf(s); err != nil {
		return out, err
	}
	for _, one := range s.at("oneOf").items() {
		out.OneOf = append(out.OneOf, kindOf(one))
	}
	out.Example, err = s.at("example").json()
	return out, err
}

func (r *Reference) fieldsOf(s node) ([]field, error) {
	var out []field
	required := s.at("required").texts()
	for _, p := range s.at("properties").entries() {
		f := field{Name: p.name, Kind: kindOf(p.node)}
		for _, name := range required {
			f.Required = f.Required || name == p.name
		}
		var err error
		if p.ref() == "" { // a type with a name is described there
			if f.About, err = r.prose(p.text("description")); err != nil {
				return nil, err
			}
			if f.Fields, err = r.fieldsOf(p.node); err != nil {
				return nil, err
			}
		}
		out = append(out, f)
	}
	return out, nil
}

func kindOf(s node) kind {
	if name := s.ref(); name != "" {
		return kind{Name: name, Anchor: "type-" + name}
	}
	switch s.text("type") {
	case "array":
		k := kindOf(s.raw("items"))
		k.Before = "list of " + k.Before
		k.Limits = join(k.Limits, between(s.text("minItems"), s.text("maxItems"), "in the list"))
		return k
	case "object":
		if of := s.raw("additionalProperties"); of.at("type").there() || of.ref() != "" {
			k := kindOf(of)
			k.Before = "map to " + k.Before
			k.Limits = join(k.Limits, between("", s.text("maxProperties"), "in the map"))
			return k
		}
		return kind{Name: "object"}
	case "string":
		return kind{Name: "string", Limits: stringLimits(s)}
	case "":
		return kind{Name: "one of several"}
	default:
		return kind{Name: s.text("type"), Limits: between(s.text("minimum"), s.text("maximum"), "")}
	}
}

func stringLimits(s node) string {
	limits := between(s.text("minLength"), s.text("maxLength"), "characters")
	if f := s.text("format"); f != "" {
		limits = join(limits, f)
	}
	if p := s.text("pattern"); p != "" {
		limits = join(limits, p)
	}
	if values := s.at("enum").texts(); len(values) > 0 {
		limits = join(limits, strings.Join(values, " | "))
	}
	return limits
}

// everyNumber is the largest whole number that every reader of JSON has exactly; as a limit it tells nobody anything.
const everyNumber = "9007199254740991"

func between(least, most, unit string) string {
	if most == everyNumber {
		most = ""
	}
	var text string
	switch {
	case least == "" && most == "":
		return ""
	case least == most:
		text = least
	case most == "":
		text = "at least " + least
	case least == "":
		text = "at most " + most
	default:
		text = least + " to " + most
	}
	return strings.TrimSuffix(text+" "+unit, " ")
}

func join(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + ", " + b
}
