package sms

import (
	"regexp"
	"slices"
	"strings"

	"jari/booking"
)

var (
	anyPlace  = regexp.MustCompile(`(?:제일 ?|가장 ?)?가까운 ?(?:곳|데|장소|센터)|집 ?(?:근처|가까이|가까운 ?곳)|집에서 ?가까운 ?(?:곳|데)|아무 ?(?:데|곳)(?:이)?나|어디(?:든지|든|나|라도)|장소 ?(?:는|은)? ?상관 ?없(?:어요|습니다|이)?|\banywhere\b|\bnear(?:by| me| home| my home)?\b|\bnearest(?: site| place)?\b|\bclosest(?: site| place)?\b|\bany (?:site|place)\b`)
	distance  = regexp.MustCompile(`(?:집에서 ?|within |less than |up to )?(\d{1,3}) ?(?:km|키로미터|킬로미터|키로|킬로|kilomet(?:er|re)s?)(?: ?(?:이내|이하|안쪽|안|내|까지))?`)
	placeEnds = regexp.MustCompile(`(?:에서만|으로만|에만|로만|쪽만|만|에서|쪽으로|으로|이나|쪽에|쪽|에|로|나|은|는|도|이|가|요|이요)+$`)
	onlyHere  = regexp.MustCompile(`만(?:요|이요)?$`)
)

// place reads where: a distance, sites by name, or the sites of a region. bare says that names of places are all that the text has, which people also
// send for something else than a wish.
func (p *wishing) place(c *booking.Campaign) (bare bool) {
	bare = p.said.None()
	if p.every(anyPlace, func([]string) bool { return true }) {
		p.said.AnySite = true
	}
	p.every(distance, func(m []string) bool {
		p.said.MaxKm = number(m[1])
		p.conflict = p.conflict || p.said.MaxKm == 0 || p.said.MaxKm > booking.MaxWishedKm
		return true
	})
	if !p.sites(c) {
		return false
	}
	p.conflict = p.conflict || len(p.said.Sites) > booking.MaxWishedSites || p.said.MaxKm > 0
	return bare && !p.said.AnySite && p.said.MaxKm == 0
}

// sites takes the names of sites and regions out of what is left.
func (p *wishing) sites(c *booking.Campaign) bool {
	list := p.words()
	if len(list) == 0 {
		return false
	}
	names := placesOf(c)
	folded := make([]string, len(list))
	for i := range list {
		folded[i] = booking.FoldName(list[i].text)
	}
	any := false
	var left []string
	for i := 0; i < len(list); {
		n := 0
		for j := min(len(list), i+maxRegionWords); j > i && n == 0; j-- {
			if codes := names.sitesNamed(strings.Join(folded[i:j], "")); len(codes) > 0 {
				p.add(codes)
				p.only = p.only || onlyHere.MatchString(list[j-1].text) || strings.Contains(p.text, "only")
				n, any = j-i, true
			}
		}
		if n == 0 {
			left = append(left, list[i].text)
			n = 1
		}
		i += n
	}
	if any {
		p.text = noDigits.ReplaceAllString(p.text, "") + " " + strings.Join(left, " ") // a number that was not understood stays
	}
	return any
}

func (p *wishing) add(codes []string) {
	for _, code := range codes {
		if !slices.Contains(p.said.Sites, code) {
			p.said.Sites = append(p.said.Sites, code)
		}
	}
}

// placeNames are the names of a campaign's places as they are compared: made once for a text, because it is compared with each of them
// again and again.
type placeNames struct {
	sites   []siteName
	regions []regionName
}

type siteName struct {
	code, region string
	folds        []string
}

func placesOf(c *booking.Campaign) placeNames {
	out := placeNames{sites: make([]siteName, len(c.Sites)), regions: regionNames(c)}
	for i, s := range c.Sites {
		out.sites[i] = siteName{code: s.Code, region: s.Region}
		for _, n := range s.Names {
			out.sites[i].folds = append(out.sites[i].folds, booking.FoldName(n))
		}
	}
	return out
}

// sitesNamed are the sites that some words name: one by its name, those of a region, or those with the words in their names, if these are few.
func (p placeNames) sitesNamed(joined string) []string {
	for _, name := range slices.Compact([]string{joined, placeEnds.ReplaceAllString(joined, "")}) {
		if len([]rune(name)) < 2 {
			continue
		}
		for _, s := range p.sites {
			if slices.Contains(s.folds, name) {
				return []string{s.code}
			}
		}
		for _, r := range p.regions {
			if r.fold == name {
				return p.sitesWhere(func(s siteName) bool { return s.region == r.code })
			}
		}
		begins := func(n string) bool { return strings.HasPrefix(n, name) }
		if codes := p.sitesWhere(func(s siteName) bool { return slices.ContainsFunc(s.folds, begins) }); len(codes) == 1 {
			return codes // words that stand in many names say nothing ("센터")
		}
	}
	return nil
}

func (p placeNames) sitesWhere(is func(siteName) bool) (codes []string) {
	for _, s := range p.sites {
		if is(s) {
			codes = append(codes, s.code)
		}
	}
	return codes
}
