package reference

import (
	"html/template"
	"slices"
	"strings"
)

// page is all that stands on the reference's page.
type page struct {
	Title, Version string
	Intro          template.HTML
	Groups         []group
	Schemas        []schema
	Problems       []problem
}

type group struct {
	Name       string
	About      template.HTML
	Operations []operation
}

type operation struct {
	ID, Method, Path, Summary string
	About                     template.HTML
	Needs                     string // what the Authorization header must hold
	Parameters                []field
	Request                   *body
	Answers                   []answer
	Problems                  []problem
}

// body is a request's, or an answer's.
type body struct {
	Kind    kind
	Example string
}

type answer struct {
	Status  string
	About   template.HTML
	Headers []field
	Body    *body
}

// problem is one code that an operation can answer with.
type problem struct {
	Code, Name, Status string // Name is the last part of its type's URI
	Means, Do          template.HTML
	Carries            []string
}

func (r *Reference) view() (*page, error) {
	p := &page{Title: r.root.at("info").text("title"), Version: r.root.at("info").text("version")}
	var err error
	if p.Intro, err = r.prose(r.root.at("info").text("description")); err != nil {
		return nil, err
	}
	for _, tag := range r.root.at("tags").items() {
		g := group{Name: tag.text("name")}
		if g.About, err = r.prose(tag.text("description")); err != nil {
			return nil, err
		}
		if g.Operations, err = r.operations(g.Name); err != nil {
			return nil, err
		}
		p.Groups = append(p.Groups, g)
	}
	for _, s := range r.root.at("components", "schemas").entries() {
		v, err := r.schemaOf(s.name, s.node)
		if err != nil {
			return nil, err
		}
		p.Schemas = append(p.Schemas, v)
	}
	slices.SortFunc(p.Schemas, func(a, b schema) int { return strings.Compare(a.Name, b.Name) })
	p.Problems, err = r.problems(r.Codes())
	return p, err
}

// operations are those of a tag, in the contract's order.
func (r *Reference) operations(tag string) ([]operation, error) {
	var out []operation
	for _, path := range r.root.at("paths").entries() {
		for _, method := range path.entries() {
			if !slices.Contains(method.at("tags").texts(), tag) {
				continue
			}
			op, err := r.operation(path, method)
			if err != nil {
				return nil, err
			}
			out = append(out, op)
		}
	}
	return out, nil
}

func (r *Reference) operation(path, method entry) (operation, error) {
	op := operation{
		ID: method.text("operationId"), Method: strings.ToUpper(method.name), Path: path.name, Summary: method.text("summary"), Needs: r.needs(method.node),
	}
	var err error
	if op.About, err = r.prose(method.text("description")); err != nil {
		return op, err
	}
	for _, list := range []node{path.at("parameters"), method.at("parameters")} {
		for _, p := range list.items() {
			p = p.target()
			f := field{Name: p.text("name"), In: p.text("in"), Required: p.text("required") == "true", Kind: kindOf(p.raw("schema"))}
			if f.About, err = r.prose(p.text("description")); err != nil {
				return op, err
			}
			op.Parameters = append(op.Parameters, f)
		}
	}
	if op.Request, err = bodyOf(method.at("requestBody")); err != nil {
		return op, err
	}
	for _, a := range method.at("responses").entries() {
		if a.name >= "400" { // these, and what is not listed, are told by their codes
			continue
		}
		v, err := r.answer(a)
		if err != nil {
			return op, err
		}
		op.Answers = append(op.Answers, v)
	}
	op.Problems, err = r.problems(method.at("x-problems").texts())
	return op, err
}

// needs says in words which security scheme an operation has.
func (r *Reference) needs(op node) string {
	security := op.at("security")
	if !security.there() {
		security = r.root.at("security")
	}
	items := security.items()
	if len(items) == 0 {
		return ""
	}
	if items[0].at("agentToken").there() {
		return "an agent’s token"
	}
	return "the entry’s secret"
}

func (r *Reference) answer(a entry) (answer, error) {
	n := a.target()
	out := answer{Status: a.name}
	var err error
	if out.About, err = r.prose(n.text("description")); err != nil {
		return out, err
	}
	for _, h := range n.at("headers").entries() {
		t := h.target()
		f := field{Name: h.name, Required: t.text("required") == "true", Kind: kindOf(t.raw("schema"))}
		if f.About, err = r.prose(t.text("description")); err != nil {
			return out, err
		}
		out.Headers = append(out.Headers, f)
	}
	out.Body, err = bodyOf(n)
	return out, err
}

func bodyOf(n node) (*body, error) {
	media := n.at("content", "application/json")
	if !media.there() {
		return nil, nil //nolint:nilnil // no body is not an error
	}
	text, err := media.at("schema").at("example").json()
	return &body{kindOf(media.raw("schema")), text}, err
}
