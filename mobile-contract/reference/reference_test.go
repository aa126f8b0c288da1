package reference_test

import (
	"bytes"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"golang.org/x/net/html"

	mobilecontract "jari/mobile-contract"
	"jari/mobile-contract/reference"
)

// pages makes all pages, by path.
func pages(t *testing.T) map[string]*html.Node {
	t.Helper()
	ref, err := reference.New(mobilecontract.OpenAPI)
	if err != nil {
		t.Fatal(err)
	}
	made := map[string][]byte{}
	if made["/docs"], err = ref.Page(); err != nil {
		t.Fatal(err)
	}
	if made["/docs/offline"], err = ref.Text(mobilecontract.Offline); err != nil {
		t.Fatal(err)
	}
	for _, code := range ref.Codes() {
		words := []reference.Words{{Lang: "ko", Title: "제목", Detail: "<script>"}}
		if made["/problems/"+reference.Name(code)], err = ref.Problem(code, words); err != nil {
			t.Fatal(err)
		}
	}
	out := map[string]*html.Node{}
	for path, page := range made {
		if out[path], err = html.Parse(bytes.NewReader(page)); err != nil {
			t.Fatal(err)
		}
	}
	return out
}

func attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// ids are the page's ids; each may be there once.
func ids(t *testing.T, path string, page *html.Node) []string {
	t.Helper()
	var out []string
	for n := range page.Descendants() {
		if id := attribute(n, "id"); id != "" {
			if slices.Contains(out, id) {
				t.Errorf("%s has the id %s twice", path, id)
			}
			out = append(out, id)
		}
	}
	return out
}

func TestThePageHasEverything(t *testing.T) {
	t.Parallel()
	all := pages(t)
	have := ids(t, "/docs", all["/docs"])
	doc, err := openapi3.NewLoader().LoadFromData(mobilecontract.OpenAPI)
	if err != nil {
		t.Fatal(err)
	}
	for _, item := range doc.Paths.Map() {
		for _, op := range item.Operations() {
			if !slices.Contains(have, op.OperationID) {
				t.Errorf("the operation %s is not on the page", op.OperationID)
			}
		}
	}
	for name := range doc.Components.Schemas {
		if !slices.Contains(have, "type-"+name) {
			t.Errorf("the type %s is not on the page", name)
		}
	}
}

// Every link leads to something that is there, on our own server.
func TestLinksLeadSomewhere(t *testing.T) {
	t.Parallel()
	all := pages(t)
	targets := map[string][]string{"/docs/style.css": nil, "/docs/openapi.yaml": nil}
	for path, page := range all {
		targets[path] = ids(t, path, page)
	}
	for path, page := range all {
		for n := range page.Descendants() {
			href := attribute(n, "href")
			if href == "" {
				continue
			}
			to, id, within := strings.Cut(href, "#")
			switch to {
			case "":
				to = path
			case "openapi.yaml": // beside the page
				to = "/docs/openapi.yaml"
			}
			known, there := targets[to]
			if !there || within && !slices.Contains(known, id) {
				t.Errorf("%s has a link to %s, which is nowhere", path, href)
			}
		}
	}
}

// The pages stand under a policy that lets through one style sheet and nothing else; and one can find one's way in them
// without seeing them.
func TestPagesArePlain(t *testing.T) {
	t.Parallel()
	for path, page := range pages(t) {
		count := map[string]int{}
		level := 0
		for n := range page.Descendants() {
			if n.Type != html.ElementNode {
				continue
			}
			count[n.Data]++
			if attribute(n, "style") != "" || attribute(n, "src") != "" {
				t.Errorf("%s: <%s> has a style or source of its own", path, n.Data)
			}
			if len(n.Data) == 2 && n.Data[0] == 'h' && n.Data[1] >= '1' && n.Data[1] <= '6' {
				if now := int(n.Data[1] - '0'); now > level+1 {
					t.Errorf("%s: a heading of level %d after one of level %d", path, now, level)
				} else {
					level = now
				}
			}
		}
		for _, never := range []string{"script", "style", "img", "iframe", "form", "object"} {
			if count[never] > 0 {
				t.Errorf("%s has a <%s>", path, never)
			}
		}
		for _, once := range []string{"h1", "main", "title"} {
			if count[once] != 1 {
				t.Errorf("%s has %d <%s>", path, count[once], once)
			}
		}
	}
}

func TestNewRefusesWhatIsNoContract(t *testing.T) {
	t.Parallel()
	if _, err := reference.New([]byte("a: [")); err == nil {
		t.Error("read what cannot be read")
	}
	if got := slices.Sorted(maps.Keys(pages(t))); len(got) < 20 {
		t.Errorf("pages: %v", got)
	}
}
