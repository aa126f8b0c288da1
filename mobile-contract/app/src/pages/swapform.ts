// The wish for another time by days and parts of the day, for when nothing that is free now suits, or there is no line to see it.
import type { Appointment, Campaign, Person, Weekday, Wishes } from '../protocol/index.ts'
import { h, type El } from '../ui/dom.ts'
import { nameIn } from '../ui/format.ts'
import { checks, field, form, select, submit, summary } from '../ui/parts.ts'
import { zoneOf, type View } from '../ui/view.ts'
import { dayIn } from '../ui/zoned.ts'
import { nearFirst } from './free.ts'
import { standing } from './said.ts'

export const week: readonly Weekday[] = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']

/** Parts of the day, from when until when. */
export const partsOfDay: Readonly<Record<string, { from: string; to: string }>> = {
  morning: { from: '00:00', to: '12:00' },
  afternoon: { from: '12:00', to: '18:00' },
  evening: { from: '18:00', to: '24:00' },
}

/** What is chosen on the page is kept under this name until it is sent. */
export function draftOf(p: Person): string {
  return `p-${p.id}-swap`
}

/** Whether what is chosen lasts as long as the tab only. */
export function brief(v: View, p: Person): boolean {
  return p.forget_after === true || v.shared.has(p.id)
}

const fewSites = 40 // of more, only the nearest stand in the list

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
      const wrong = wrongIn(v, p)
      kept.wrong = wrong
      if (Object.keys(wrong).length === 0) return send(read(v, p))
      v.redraw()
      requestAnimationFrame(() => document.getElementById('wrong')?.focus())
    },
      summary(v, kept.wrong ?? {}),
      c && select({
        name: 'wish-site', label: v.w.swapSite, value: d['wish-site'] ?? '', choose: set('wish-site'),
        options: [{ value: '', text: v.w.swapAnySite }, ...nearFirst(c, p, a.site).slice(0, fewSites).map((s) => ({ value: s.code, text: nameIn(v.lang, s.names) || s.code }))],
      }),
      checks('weekdays', v.w.swapWeekdays, week.map((w) => ({ value: w, text: v.w.weekdayLong[w] ?? w })), list(d['weekdays']), flip('weekdays')),
      checks('parts', v.w.swapParts, Object.keys(partsOfDay).map((n) => ({ value: n, text: v.w.parts[n] ?? n })), list(d['parts']), flip('parts')),
      day('from', v.w.swapFrom), day('to', v.w.swapTo),
      submit('ask-other', v.w.swapAskOther)))
}

function list(text: string | undefined): string[] {
  return (text ?? '').split(',').filter((x) => x !== '')
}

function wrongIn(v: View, p: Person): Record<string, string> {
  const d = v.drafts.get(draftOf(p))
  const wrong: Record<string, string> = {}
  for (const name of ['from', 'to']) {
    const day = d[name] ?? ''
    if (day !== '' && !(/^\d{4}-\d{2}-\d{2}$/.test(day) && !Number.isNaN(Date.parse(day)))) wrong[name] = v.w.swapWrongDay
  }
  if (Object.keys(wrong).length === 0 && d['from'] && d['to'] && d['to'] < d['from']) wrong['to'] = v.w.swapWrongOrder
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
  const days = list(d['weekdays'])
  if (days.length > 0 && days.length < week.length) w.weekdays = week.filter((x) => days.includes(x))
  const parts = list(d['parts'])
  const names = Object.keys(partsOfDay)
  if (parts.length > 0 && parts.length < names.length) w.times = names.filter((n) => parts.includes(n)).map((n) => partsOfDay[n]).filter((t) => t !== undefined)
  if (d['from']) w.not_before = d['from']
  if (d['to']) w.not_after = d['to']
  return w
}
