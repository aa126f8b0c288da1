// Wishes as somebody fills them in, and what they mean in the contract. Whatever stands there can be filled in and comes out the same.
import { siteOf } from '../ui/view.ts'
import { outboxOf, proven, type Campaign, type CurrentWishes, type Person, type Wishes } from '../protocol/index.ts'
import type { AllWords as Words, Lang } from '../words/words.ts'
import { named, nameIn, narrow } from '../ui/format.ts'
import type { Wrong } from './person.ts'

/** The contract's limits. */
export const mostSites = 5
export const mostTimes = 4
const mostNeeds = 8
const mostKm = 500
const mostNotice = 720

export type Weekday = NonNullable<Wishes['weekdays']>[number]
export const weekdays: readonly Weekday[] = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']

/** A part of the day, as it is typed. */
export interface Part {
  from: string
  to: string
}

/** Parts that have a name. Nothing falls between them. */
export const presets: Readonly<Record<'morning' | 'afternoon' | 'evening', Part>> = {
  morning: { from: '00:00', to: '12:00' },
  afternoon: { from: '12:00', to: '18:00' },
  evening: { from: '18:00', to: '24:00' },
}

/** The form of the wishes. It is kept as JSON in a draft. */
export interface Wanted {
  region: string
  where: 'any' | 'sites' | 'km'
  sites: string[]
  km: string
  from: string
  to: string
  weekdays: string[]
  parts: (keyof typeof presets)[]
  own: Part[]
  needs: string[]
  notice: string
  /** The region in which places are looked for, and the one that is looked at. */
  filter?: string
  pick?: string
}

export interface Standing {
  region: string | undefined
  wishes: Wishes | CurrentWishes | undefined
}

/** What stands: what the server told last, or what was typed since. */
export function standing(p: Person): Standing {
  const own = outboxOf(p).some((o) => ['change_wishes', 'ask_swap', 'register', 'introduce', 'correct'].includes(o.kind))
  if (!own && p.told?.wishes && proven(p)) return { region: p.told.region, wishes: p.told.wishes }
  return { region: p.form.region, wishes: p.form.wishes }
}

export function wantedOf(s: Standing): Wanted {
  const w = s.wishes ?? {}
  const named = (Object.keys(presets) as (keyof typeof presets)[]).filter((n) => (w.times ?? []).some((t) => isPart(t, presets[n])))
  return {
    region: s.region ?? '', where: (w.sites ?? []).length > 0 ? 'sites' : w.max_km ? 'km' : 'any', sites: [...(w.sites ?? [])], km: w.max_km ? String(w.max_km) : '',
    from: w.not_before ?? '', to: w.not_after ?? '', weekdays: [...(w.weekdays ?? [])],
    parts: named, own: (w.times ?? []).filter((t) => !named.some((n) => isPart(t, presets[n]))).map((t) => ({ from: t.from, to: t.to })),
    needs: [...(w.needs ?? [])], notice: w.notice_hours ? String(w.notice_hours) : '',
  }
}

function isPart(a: Part, b: Part): boolean {
  return a.from === b.from && a.to === b.to
}

/** The contract's wishes. The household stays as it is. */
export function wishesOf(w: Wanted, household: Wishes['household']): Wishes {
  const times = [...w.parts.map((n) => presets[n]), ...w.own.map((t) => ({ from: readTime(t.from) ?? t.from, to: readTime(t.to) ?? t.to }))]
  return {
    ...(w.where === 'sites' && w.sites.length > 0 && { sites: w.sites }),
    ...(w.where === 'km' && { max_km: Number(w.km) }),
    ...(w.from !== '' && { not_before: readDay(w.from) ?? w.from }),
    ...(w.to !== '' && { not_after: readDay(w.to) ?? w.to }),
    ...(w.weekdays.length > 0 && { weekdays: w.weekdays as Weekday[] }),
    ...(times.length > 0 && { times }),
    ...(w.needs.length > 0 && { needs: w.needs }),
    ...(Number(w.notice) > 0 && { notice_hours: Number(w.notice) }),
    ...(household && { household }),
  }
}

/** Says in words what cannot be asked for, by the names of the fields: the server would refuse it. */
export function check(words: Words, c: Campaign, w: Wanted, today: string): Wrong {
  const wrong: Wrong = {}
  const km = Number(w.km)
  if (w.where === 'km' && !(Number.isInteger(km) && km >= 1 && km <= mostKm)) wrong['km'] = words.wishKmWrong
  else if (w.where === 'km' && w.region === '') wrong['region'] = words.wishKmRegion
  if (w.where === 'sites' && w.sites.length === 0) wrong['sites'] = words.wishSitesNone
  if (w.sites.length > mostSites) wrong['sites'] = words.wishSitesMost
  checkDays(words, w, today, wrong)
  checkTimes(words, w, wrong)
  if (w.needs.length > mostNeeds) wrong['needs'] = words.wishNeedsMost
  else if (w.needs.length > 0 && !c.sites.some((s) => (w.where !== 'sites' || w.sites.includes(s.code)) && w.needs.every((n) => s.tags.includes(n)))) {
    wrong['needs'] = w.where === 'sites' ? words.wishNeedsSites : words.wishNeedsNowhere
  }
  if (w.notice !== '' && !(Number(w.notice) <= mostNotice)) wrong['notice'] = words.wishNoticeWrong
  return wrong
}

function checkDays(words: Words, w: Wanted, today: string, wrong: Wrong): void {
  const from = readDay(w.from)
  const to = readDay(w.to)
  if (w.from !== '' && from === undefined) wrong['from'] = words.wishDayWrong
  if (w.to !== '' && to === undefined) wrong['to'] = words.wishDayWrong
  if (to !== undefined && to < today) wrong['to'] = words.wishDayPast
  if (from === undefined || to === undefined) return
  if (to < from) {
    wrong['to'] = words.wishDaysTurned
    return
  }
  const days = Math.min(7, Math.round((Date.parse(to) - Date.parse(from)) / 86_400_000) + 1)
  const within = Array.from({ length: days }, (_, i) => weekdays[(new Date(Date.parse(from) + i * 86_400_000).getUTCDay() + 6) % 7])
  if (w.weekdays.length > 0 && !within.some((d) => d !== undefined && w.weekdays.includes(d))) wrong['weekdays'] = words.wishWeekdaysNever
}

function checkTimes(words: Words, w: Wanted, wrong: Wrong): void {
  if (w.parts.length + w.own.length > mostTimes) wrong['parts'] = words.wishTimesMost
  w.own.forEach((t, i) => {
    const from = readTime(t.from)
    const to = readTime(t.to)
    if (from === undefined || to === undefined) wrong[`time-${i}`] = words.wishTimeWrong
    else if (to <= from) wrong[`time-${i}`] = words.wishTimeTurned
    else if ([...w.parts.map((n) => presets[n]), ...w.own.slice(0, i)].some((o) => readTime(o.from) === from && readTime(o.to) === to)) wrong[`time-${i}`] = words.wishTimeTwice
  })
}

/** Reads a day as a date field has it, or as people type one where the browser has no such field: 2027-03-02, 2027.3.2, 20270302. */
export function readDay(text: string): string | undefined {
  const m = /^(\d{4})\D{0,2}(\d{1,2})\D{0,2}(\d{1,2})\D*$/.exec(narrow(text).trim())
  if (!m) return undefined
  const d = new Date(Date.UTC(Number(m[1]), Number(m[2]) - 1, Number(m[3])))
  return d.getUTCMonth() === Number(m[2]) - 1 && d.getUTCDate() === Number(m[3]) ? d.toISOString().slice(0, 10) : undefined
}

/** Reads a time of day: 09:30, 9:30, 930, 9, 9시 30분. */
export function readTime(text: string): string | undefined {
  const plain = narrow(text).replace(/\s/g, '').replace(/시$/, '').replace('시', ':').replace(/분$/, '')
  const m = /^(\d{1,2})(?::?(\d{2}))?(?::\d{2})?$/.exec(plain)
  if (!m) return undefined
  const hour = Number(m[1])
  const minute = Number(m[2] ?? 0)
  if (minute > 59 || hour > 24 || (hour === 24 && minute > 0)) return undefined
  return `${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}`
}

/** A need as people say it; an unknown one is shown as the campaign calls it. */
export function needText(words: Words, tag: string): string {
  return named(words.needs, tag) ?? tag
}

export function siteName(c: Campaign | undefined, lang: Lang, code: string): string {
  const site = siteOf(c, code)
  return site ? nameIn(lang, site.names) : code
}
