package campaignfile

import (
	"slices"
	"strings"
	"unicode"

	"jari/booking"
)

func (l *loader) regions(f fields) {
	n, ok := f.node("regions", "the regions that people name, each with code, names, lat and lon")
	if !ok {
		return
	}
	said := map[string]owner{}
	var ranges []postcodesAt
	for _, item := range n.items() {
		m := item.fields("code", "names", "aliases", "postcodes", "lat", "lon")
		var r booking.Region
		r.Code, ok = need(m, "code", "a short name such as gangnam", cell.code)
		if ok && !unique(l.regionAt, r.Code, m.at("code"), "region") {
			continue
		}
		r.Names = l.names(m, "names", "the region's name in each language")
		r.Position = position(m)
		ways := []string{r.Code}
		for _, lang := range l.c.Langs {
			ways = append(ways, r.Names[lang])
		}
		for _, way := range ways {
			claim(said, m.at("names"), r.Code, way)
		}
		for _, alias := range m.list("aliases") {
			if s, ok := scalar(alias, cell.label); ok {
				claim(said, alias.spot, r.Code, s)
				r.Aliases = append(r.Aliases, s)
			}
		}
		for _, written := range m.list("postcodes") {
			if p, ok := scalar(written, cell.postcodes); ok {
				ranges = claimPostcodes(ranges, written.spot, r.Code, p)
				r.Postcodes = append(r.Postcodes, p)
			}
		}
		l.c.Regions = append(l.c.Regions, r)
	}
}

// owner is the region that a way of writing belongs to.
type owner struct {
	region string
	at     spot
}

// claim notes that people who write this mean the region, and refuses what already means another one.
func claim(said map[string]owner, at spot, region, way string) {
	key := foldPlace(way)
	if key == "" || region == "" {
		return
	}
	if first, ok := said[key]; ok {
		if first.region != region {
			at.problem("%s could also mean the region %s (line %d): write it in one of them only", quote(way), first.region, first.at.line)
		}
		return
	}
	said[key] = owner{region, at}
}

// foldPlace is the form in which two ways of writing a region are the same: letters, marks and digits in lower case.
func foldPlace(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsMark(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, s)
}

// unique notes where a code stands, and refuses it where it stands already.
func unique(seen map[string]spot, code string, at spot, what string) bool {
	if first, ok := seen[code]; ok {
		at.problem("there is already a %s %s (%s line %d): give this one another code", what, code, first.file, first.line)
		return false
	}
	seen[code] = at
	return true
}

func position(m fields) booking.Position {
	lat, ok1 := need(m, "lat", "the latitude in degrees, such as 37.5665", degrees(90))
	lon, ok2 := need(m, "lon", "the longitude in degrees, such as 126.9780", degrees(180))
	if ok1 && ok2 {
		checkPosition(m.at("lat"), lat, lon)
	}
	return booking.Position{Lat: lat, Lon: lon}
}

// checkPosition refuses the point that stands for "nobody filled this in".
func checkPosition(at spot, lat, lon float64) {
	if lat == 0 && lon == 0 {
		at.problem("0, 0 lies in the Atlantic: write the real position")
	}
}

func (l *loader) siteList(f fields) {
	for _, item := range f.list("sites") {
		m := item.fields("code", "names", "region", "address", "tags", "lat", "lon")
		s := booking.Site{}
		s.Code, _ = need(m, "code", "a short name such as gangnam-1", cell.code)
		s.Names = l.names(m, "names", "the site's name in each language")
		if m.has("address") {
			s.Address = l.names(m, "address", "the address in each language")
		}
		s.Region, _ = need(m, "region", "the code of the site's region", cell.code)
		for _, tag := range m.list("tags") {
			s.Tags = addTag(s.Tags, tag.spot, func() (string, bool) { return scalar(tag, cell.code) })
		}
		s.Position = position(m)
		l.addSite(m.at("code"), m.at("region"), s)
	}
	if name, ok := opt(f, "sites_csv", "", cell.tableName); ok && name != "" {
		l.siteTable(f.at("sites_csv"), name)
	}
}

func (l *loader) addSite(at, regionAt spot, s booking.Site) {
	if _, ok := l.regionAt[s.Region]; !ok && s.Region != "" && len(l.regionAt) > 0 {
		regionAt.problem("there is no region %s: write the code of one of the campaign's regions", quote(s.Region))
	}
	if s.Code == "" || !unique(l.siteAt, s.Code, at, "site") {
		return
	}
	l.c.Sites = append(l.c.Sites, s)
}

func (l *loader) siteTable(at spot, name string) {
	need, may := []string{"code", "region", "lat", "lon"}, []string{"tags"}
	for _, lang := range l.c.Langs {
		need = append(need, "name_"+string(lang))
		may = append(may, "address_"+string(lang))
	}
	l.table(at, name, need, may, func(r row) bool {
		var s booking.Site
		s.Code, _ = r.cell("code").code()
		s.Region, _ = r.cell("region").code()
		lat, ok1 := degrees(90)(r.cell("lat"))
		lon, ok2 := degrees(180)(r.cell("lon"))
		if ok1 && ok2 {
			checkPosition(r.cell("lat").spot, lat, lon)
		}
		s.Position = booking.Position{Lat: lat, Lon: lon}
		s.Names = l.rowNames(r, "name_")
		for _, tag := range strings.FieldsFunc(r.cell("tags").text, func(c rune) bool { return c == ' ' || c == ';' }) {
			s.Tags = addTag(s.Tags, r.cell("tags").spot, cell{r.cell("tags").spot, tag}.code)
		}
		if l.hasAddress(r) {
			s.Address = l.rowNames(r, "address_")
		}
		l.addSite(r.cell("code").spot, r.cell("region").spot, s)
		return true
	})
}

// addTag adds one of the words for what a site has, in order.
func addTag(tags []string, at spot, read func() (string, bool)) []string {
	tag, ok := read()
	i, there := slices.BinarySearch(tags, tag)
	switch {
	case !ok:
		return tags
	case there:
		at.problem("%s stands here twice: keep one", tag)
		return tags
	}
	return slices.Insert(tags, i, tag)
}

func (l *loader) rowNames(r row, prefix string) booking.Names {
	names := booking.Names{}
	for _, lang := range l.c.Langs {
		if s, ok := r.cell(prefix + string(lang)).label(); ok {
			names[lang] = s
		}
	}
	return names
}

// hasAddress reports whether any language of the address is filled in; then all must be.
func (l *loader) hasAddress(r row) bool {
	for _, lang := range l.c.Langs {
		if strings.TrimSpace(r.cell("address_"+string(lang)).text) != "" {
			return true
		}
	}
	return false
}
