// What is free at a site, as it was counted: a picture of the past that reserves nothing.
import type { Appointment, Campaign, FreeTime, Person, Site } from '../protocol/index.ts'
import { h, type El, type Kid } from '../ui/dom.ts'
import { atTime, dayIn, nameIn, onDay, toSecond } from '../ui/format.ts'
import { button, select } from '../ui/parts.ts'
import { siteOf, zoneOf, type MoreView as View } from '../ui/view.ts'
import { standing } from './wanted.ts'

const most = 500 // the server names no more times
const fewSites = 40 // more than these are looked for by region first
const firstDays = 7
const look = 5_000 // milliseconds between looks whether it is time to ask again

/** Which site is looked at. */
export interface Choosing {
  site: string
  region: string
  chooseSite(code: string): void
  chooseRegion(code: string): void
}

interface Kept {
  allDays?: boolean
  /** Which days were opened and closed. */
  days?: Record<string, boolean>
  dayOf?: Map<string, string>
}

/** Own site first, then those of its region and of the person's, then all others. */
export function nearFirst(c: Campaign, p: Person, own: string): Site[] {
  const home = siteOf(c, own)?.region
  const region = standing(p).region
  const far = (s: Site): number => (s.code === own ? 0 : s.region !== '' && s.region === home ? 1 : s.region !== '' && s.region === region ? 2 : 3)
  return [...c.sites].sort((a, b) => far(a) - far(b))
}

export function siteChoice(v: View, c: Campaign, sites: Site[], to: Choosing): Kid {
  const many = sites.length > fewSites && c.regions.length > 1
  const region = many ? (to.region || sites.find((s) => s.code === to.site)?.region || '') : ''
  const listed = many ? sites.filter((s) => s.region === region || s.code === to.site) : sites
  return [
    many && select({
      name: 'region', label: v.w.swapRegion, value: region, choose: to.chooseRegion, options: c.regions.map((r) => ({ value: r.code, text: nameIn(v.lang, r.names) })),
    }),
    select({ name: 'site', label: v.w.swapSite, value: to.site, choose: to.chooseSite, options: listed.map((s) => ({ value: s.code, text: nameIn(v.lang, s.names) || s.code })) }),
  ]
}

/** The times that this person could be given: of their queue, with a seat for each of the household, ahead, and not the one that they have. */
export function forPerson(times: readonly FreeTime[], p: Person, now: number, site: string, own: Appointment): FreeTime[] {
  const queue = p.told?.place?.queue
  const seats = standing(p).wishes?.household?.size ?? 1
  return times.filter((t) => (t.queues === undefined || (queue !== undefined && t.queues.includes(queue))) && t.free >= seats &&
    Date.parse(t.starts) > now && !(site === own.site && Date.parse(t.starts) === Date.parse(own.starts)))
}

/** The list by day. It asks again as long as it is looked at. */
export function freeTimes(v: View, p: Person, c: Campaign, own: Appointment, site: string, pick: (t: FreeTime) => void): Kid {
  const kept = v.keep<Kept>(() => ({}))
  v.device.documents.watchFree(c.campaign, site)
  v.tick(look)
  const shown = v.device.documents.freeTimes(c.campaign, site)
  const doc = shown.body
  if (!doc) return h('p', { role: 'status', 'data-about': 'no-times' }, shown.misses > 0 ? v.w.swapNoLine : v.w.swapFetching)
  const times = forPerson(doc.times, p, v.now, site, own)
  const zone = zoneOf(c)
  const days = byDay(zone, times, (kept.dayOf ??= new Map()), kept.allDays === true ? Infinity : firstDays + 1)
  const all = kept.allDays === true || days.length <= firstDays
  const at = (dayIn(zone, v.now) === dayIn(zone, doc.as_of) ? '' : `${onDay(v.lang, zone, doc.as_of)} `) + toSecond(v.lang, zone, doc.as_of)
  return [
    h('p', { 'data-about': 'as-of' }, shown.misses > 0 && `${v.w.swapOld(at)} `, v.w.swapAsOf(at)),
    times.length === 0 && h('p', { 'data-about': 'full' }, v.w.swapFull),
    days.slice(0, all ? days.length : firstDays).map(([day, list], i) => dayList(v, zone, day, list, opening(v, kept, day, i === 0), pick)),
    !all && h('p', {}, button('all-days', v.w.swapAllDays, () => {
      kept.allDays = true
      v.redraw()
    })),
    all && doc.times.length >= most && h('p', { class: 'hint' }, v.w.swapMore),
  ]
}

/**
 * The first days and their times, which come in order; no more days than that are asked for. Asking the calendar is slow on a phone: known keeps what it
 * has said, for the next drawing.
 */
function byDay(zone: string, times: FreeTime[], known: Map<string, string>, most: number): [string, FreeTime[]][] {
  const days = new Map<string, FreeTime[]>()
  for (const t of times) {
    const day = known.get(t.starts) ?? dayIn(zone, t.starts)
    known.set(t.starts, day)
    const list = days.get(day)
    if (list) list.push(t)
    else if (days.size === most) break
    else days.set(day, [t])
  }
  return [...days]
}

interface Opening {
  open: boolean
  toggled(e: Event): void
}

/** A day opens when it is tapped; the first one is open. Times of days that are closed are not drawn. */
function opening(v: View, kept: Kept, day: string, first: boolean): Opening {
  const days = (kept.days ??= {})
  return {
    open: days[day] ?? first,
    toggled: (e) => {
      const open = (e.target as HTMLDetailsElement).open
      if (open === (days[day] ?? first)) return
      days[day] = open
      v.redraw()
    },
  }
}

function dayList(v: View, zone: string, day: string, times: FreeTime[], o: Opening, pick: (t: FreeTime) => void): El {
  const first = times[0]
  const name = first ? onDay(v.lang, zone, first.starts) : day
  return h('details', { class: 'day', key: `day-${day}`, 'data-day': day, open: o.open, ontoggle: o.toggled },
    h('summary', {}, name, ' ', h('span', { class: 'hint' }, v.w.swapTimes(times.length))),
    o.open && h('ul', { class: 'times' }, times.map((t) => h('li', { key: t.starts },
      h('button', { type: 'button', 'data-do': 'time', 'data-starts': t.starts, onclick: () => pick(t) },
        atTime(v.lang, zone, t.starts), ' ', h('span', { class: 'hint block' }, v.w.swapSeats(t.free)))))))
}
