package reference

import (
	"slices"
	"strings"
)

type problemPage struct {
	Title      string
	Problem    problem
	Words      []Words
	Carries    []field
	Example    string
	Operations []operation // ID and Summary only
}

// Name is the last part of the URI of a problem's type.
func Name(code string) string { return strings.ReplaceAll(code, "_", "-") }

func (r *Reference) problems(codes []string) ([]problem, error) {
	types := r.root.at("components", "schemas", "ProblemCode", "x-problem-types")
	var out []problem
	for _, code := range codes {
		t := types.at(code)
		p := problem{Code: code, Name: Name(code), Status: t.text("status"), Carries: t.at("carries").texts()}
		var err error
		if p.Means, err = r.prose(t.text("means")); err != nil {
			return nil, err
		}
		if p.Do, err = r.prose(t.text("do")); err != nil {
			return nil, err
		}
		out = append(out, p)
	}
	return out, nil
}

// carried describes the fields that a problem has beside those that each has.
func (r *Reference) carried(names []string) ([]field, error) {
	var out []field
	properties := r.root.at("components", "schemas", "Problem", "properties")
	for _, name := range names {
		p := properties.raw(name)
		f := field{Name: name, Kind: kindOf(p)}
		var err error
		if f.About, err = r.prose(p.target().text("description")); err != nil {
			return nil, err
		}
		out = append(out, f)
	}
	return out, nil
}

// whereFrom lists the operations that can answer with a code.
func (r *Reference) whereFrom(code string) []operation {
	var out []operation
	for _, path := range r.root.at("paths").entries() {
		for _, method := range path.entries() {
			if slices.Contains(method.at("x-problems").texts(), code) {
				out = append(out, operation{ID: method.text("operationId"), Summary: method.text("summary")})
			}
		}
	}
	return out
}
