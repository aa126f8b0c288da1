// The wish for another time by days and parts of the day, for when nothing that is free now suits, or there is no line to see it. All that can
// be wished for is on the page of the wishes.
import type { Appointment, Campaign, Person, Weekday, Wishes } from '../protocol/index.ts'
import { h, type El } from '../ui/dom.ts'
import { dayIn } from '../ui/format.ts'
import { checks, field, form, select, showWrong, submit, summary } from '../ui/parts.ts'
import { zoneOf, type MoreView as View } from '../ui/view.ts'
import { nearFirst } from './free.ts'
import { presets, readDay, siteName, standing, weekdays } from './wanted.ts'

/** What is chosen on the page is kept under this name until it is sent. */
export function draftOf(p: Person): string {
  return `p-${p.id}-swap`
}

/** Whether what is chosen lasts as long as the tab only. */
export function brief(v: View, p: Person): boolean {
  return v.shared.brief(p)
}

const fewSites = 40 // of more, only the nearest stand in the list
const partNames = Object.keys(presets) as (keyof typeof presets)[]

export function wishForm(v: View, p: Person, c: Campaign | undefined, a: Appointment, send: (w: Wishes) => void): El {
  const kept = v.keep<{ wrong?: Record<string, string>; sends?: number }>(() => ({}))
  const draft = draftOf(p)
  const d = v.drafts.get(draft)
  const set = (name: string) => (value: string): void => v.drafts.set(draft, name, value, brief(v, p))
  const flip = (name: string) => (value: string, on: boolean): void => {
    const has = list(v.drafts.get(draft)[name]).filter((x) => x !== value)
    set(name)([...has, ...(on ? [value] : [])].join(','))
  }
  const day = (name: 'from' | 'to', label: string): El => field({
    name, label, wrong: kept.wrong?.[name], value: d[name] ?? '', input: set(name), more: { type: 'date', min: dayIn(zoneOf(c), v.now) },
  })
  return h('section', { 'data-about': 'by-days', key: `by-days-${kept.sends ?? 0}` }, h('h2', {}, v.w.swapOtherTitle), h('p', { class: 'hint' }, v.w.swapOtherHint),
    form('swap', () => {
      kept.wrong = wrongIn(v, p, dayIn(zoneOf(c), v.now))
      if (Object.keys(kept.wrong).length === 0) send(read(v, p))
      else showWrong(v)
    },
      summary(v, kept.wrong ?? {}),
      c && select({
        name: 'wish-site', label: v.w.swapSite, value: d['wish-site'] ?? '', choose: set('wish-site'),
        options: [{ value: '', text: v.w.swapAnySite }, ...nearFirst(c, p, a.site).slice(0, fewSites).map((s) => ({ value: s.code, text: siteName(c, v.lang, s.code) }))],
      }),
      checks('weekdays', v.w.wishWeekdays, weekdays.map((w) => ({ value: w, text: v.w.weekdayNames[w] ?? w })), list(d['weekdays']), flip('weekdays')),
      checks('parts', v.w.swapParts, partNames.map((n) => ({ value: n, text: v.w.partNames[n] })), list(d['parts']), flip('parts')),
      day('from', v.w.wishFrom), day('to', v.w.wishTo),
      submit('ask-other', v.w.swapAskOther)))
}

function list(text: string | undefined): string[] {
  return (text ?? '').split(',').filter((x) => x !== '')
}

function wrongIn(v: View, p: Person, today: string): Record<string, string> {
  const d = v.drafts.get(draftOf(p))
  const wrong: Record<string, string> = {}
  for (const name of ['from', 'to']) if (d[name] && readDay(d[name]) === undefined) wrong[name] = v.w.wishDayWrong
  const from = readDay(d['from'] ?? '')
  const to = readDay(d['to'] ?? '')
  if (to !== undefined && to < today) wrong['to'] = v.w.wishDayPast
  else if (from !== undefined && to !== undefined && to < from) wrong['to'] = v.w.wishDaysTurned
  return wrong
}

/** What is chosen here, and of the wishes as they stand what is not asked here: needs, notice, household; the distance where any site will do. */
function read(v: View, p: Person): Wishes {
  const d = v.drafts.get(draftOf(p))
  const had = standing(p).wishes
  const w: Wishes = {}
  if (had?.needs) w.needs = had.needs
  if (had?.notice_hours !== undefined) w.notice_hours = had.notice_hours
  if (had?.household) w.household = had.household
  const site = d['wish-site'] ?? ''
  if (site !== '') w.sites = [site]
  else if (had?.max_km !== undefined) w.max_km = had.max_km
  const days: Weekday[] = weekdays.filter((x) => list(d['weekdays']).includes(x))
  if (days.length > 0 && days.length < weekdays.length) w.weekdays = days
  const parts = partNames.filter((n) => list(d['parts']).includes(n))
  if (parts.length > 0 && parts.length < partNames.length) w.times = parts.map((n) => presets[n])
  const from = readDay(d['from'] ?? '')
  const to = readDay(d['to'] ?? '')
  if (from !== undefined) w.not_before = from
  if (to !== undefined) w.not_after = to
  return w
}
