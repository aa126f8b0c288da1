// Where: anywhere, within a distance, or at places that are named, best first. A country has thousands of places: the region is asked for first, and
// the list is one that keyboards and screen readers know.
import type { Campaign, Site } from '../protocol/index.ts'
import { h, type El, type Kid } from '../ui/dom.ts'
import { count, nameIn, narrow } from '../ui/format.ts'
import { field, focusSoon, group, radios, select } from '../ui/parts.ts'
import type { MoreView as View } from '../ui/view.ts'
import { mostSites, needText, siteName, type Wanted } from './wanted.ts'
import type { Wishing } from './wishes.ts'

const mostInList = 300 // of more, a region is chosen first

export function places(v: View, c: Campaign, all: Wishing): Kid {
  const { w, wrong, set } = all
  return [
    radios({
      name: 'where', label: v.w.wishWhere, value: w.where, choose: (where) => set({ where: where as Wanted['where'] }),
      options: [{ value: 'any', text: v.w.wishAny }, ...(c.regions.length > 0 ? [{ value: 'km', text: v.w.wishKm }] : []), { value: 'sites', text: v.w.wishSites, hint: v.w.wishSitesHint }],
    }),
    w.where === 'km' && field({ name: 'km', label: v.w.wishKmLabel, hint: v.w.wishKmHint, wrong: wrong['km'], value: w.km, input: (km) => set({ km: narrow(km).trim() }, false), more: { inputmode: 'numeric', maxlength: 3 } }),
    w.where === 'sites' && group({ name: 'sites', label: v.w.wishChosen, hint: w.sites.length === 0 ? v.w.wishChosenNone : undefined, wrong: wrong['sites'] }, w.sites.length > 0 && chosen(v, c, all)),
    w.where === 'sites' && w.sites.length < mostSites && picker(v, c, all),
  ]
}

/** The chosen places in their order. */
function chosen(v: View, c: Campaign, { w, set }: Wishing): El {
  const up = (i: number, code: string, name: string) => (): void => {
    set({ sites: [...w.sites.slice(0, i - 1), code, w.sites[i - 1] ?? '', ...w.sites.slice(i + 1)] })
    v.say(v.w.wishMoved(i, name))
    focusSoon(i > 1 ? `up-${code}` : `remove-${code}`)
  }
  const remove = (i: number, code: string, name: string) => (): void => {
    const rest = w.sites.filter((s) => s !== code)
    set({ sites: rest })
    v.say(v.w.wishRemoved(name))
    focusSoon(rest.length > 0 ? `remove-${rest[Math.min(i, rest.length - 1)]}` : 'f-site')
  }
  return h('ol', { class: 'cohorts', key: 'chosen' }, w.sites.map((code, i) => {
    const name = siteName(c, v.lang, code)
    return h('li', { key: code, 'data-site': code }, h('strong', {}, v.w.wishRank(i + 1, name)),
      h('div', { class: 'row' },
        i > 0 && h('button', { type: 'button', key: 'up', id: `up-${code}`, 'data-do': 'site-up', 'aria-label': v.w.wishUpOf(name), onclick: up(i, code, name) }, v.w.wishUp),
        h('button', { type: 'button', key: 'remove', id: `remove-${code}`, 'data-do': 'site-remove', 'aria-label': v.w.wishRemoveOf(name), onclick: remove(i, code, name) }, v.w.remove)))
  }))
}

/** Region first, then the place, then "add": a list that changes something by itself cannot be walked by keyboard. */
function picker(v: View, c: Campaign, { w, set }: Wishing): El {
  const regions = c.regions.filter((r) => c.sites.some((s) => s.region === r.code))
  const filter = w.filter ?? (regions.some((r) => r.code === w.region) ? w.region : '')
  const found = c.sites.filter((s) => (filter === '' || s.region === filter) && !w.sites.includes(s.code))
  const tooMany = filter === '' && found.length > mostInList
  const pick = found.some((s) => s.code === w.pick) ? (w.pick ?? '') : ''
  const add = (): void => {
    if (pick === '') {
      document.getElementById('f-site')?.focus()
      return
    }
    set({ sites: [...w.sites, pick], pick: '' })
    v.say(v.w.wishAdded(w.sites.length + 1, siteName(c, v.lang, pick)))
    focusSoon(w.sites.length + 1 < mostSites ? 'f-site' : `remove-${pick}`)
  }
  return h('div', { class: 'card field', key: 'picker' },
    regions.length > 1 && select({
      name: 'filter', label: v.w.wishFilter, value: filter, choose: (f) => set({ filter: f, pick: '' }),
      options: [{ value: '', text: tooMany ? v.w.wishFilterFirst : v.w.wishFilterAll }, ...regions.map((r) => ({ value: r.code, text: nameIn(v.lang, r.names) }))],
    }),
    !tooMany && [
      select({
        name: 'site', label: v.w.wishSite, hint: v.w.wishSiteCount(count(found.length)), value: pick, choose: (site) => set({ pick: site }),
        options: [{ value: '', text: v.w.wishSitePick }, ...found.map((s) => ({ value: s.code, text: nameIn(v.lang, s.names) }))],
      }),
      pick !== '' && about(v, found.find((s) => s.code === pick)),
      h('button', { type: 'button', key: 'add', 'data-do': 'site-add', onclick: add }, v.w.wishSiteAdd),
    ])
}

/** Where it is and what it has. */
function about(v: View, s: Site | undefined): El | undefined {
  return s && h('p', { class: 'hint', key: 'about', role: 'status' }, nameIn(v.lang, s.addresses), s.tags.length > 0 && h('br'), s.tags.map((t) => needText(v.w, t)).join(' · '))
}
