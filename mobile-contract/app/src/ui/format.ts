// Times, days and phones as people write and read them. Times are those of the campaign's place, wherever the phone is.
import type { Lang } from '../words/words.ts'

const made = new Map<string, Intl.DateTimeFormat>()

function formatter(lang: Lang, zone: string, kind: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const name = `${lang} ${zone} ${kind}`
  let f = made.get(name)
  if (!f) {
    f = new Intl.DateTimeFormat(lang === 'ko' ? 'ko-KR' : 'en-GB', { ...options, timeZone: zone })
    made.set(name, f)
  }
  return f
}

function read(at: string | number): Date | undefined {
  const d = new Date(at)
  return Number.isNaN(d.getTime()) ? undefined : d
}

/** 7월 27일(화) 오후 2:30; Tue 27 Jul, 14:30. What is no time is shown as it came. */
export function when(lang: Lang, zone: string, at: string | number): string {
  const d = read(at)
  if (!d) return String(at)
  return formatter(lang, zone, 'when', { month: lang === 'ko' ? 'long' : 'short', day: 'numeric', weekday: 'short', hour: 'numeric', minute: '2-digit' }).format(d).replace(' (', '(')
}

/** 7월 27일(화). */
export function onDay(lang: Lang, zone: string, at: string | number): string {
  const d = read(at)
  if (!d) return String(at)
  return formatter(lang, zone, 'day', { month: lang === 'ko' ? 'long' : 'short', day: 'numeric', weekday: 'short' }).format(d).replace(' (', '(')
}

/** 오후 2:30; 14:30. */
export function atTime(lang: Lang, zone: string, at: string | number): string {
  const d = read(at)
  return d ? formatter(lang, zone, 'time', { hour: 'numeric', minute: '2-digit' }).format(d) : String(at)
}

/** 20:00:03, for what is about seconds. */
export function toSecond(lang: Lang, zone: string, at: string | number): string {
  const d = read(at)
  return d ? formatter(lang, zone, 'second', { hour: '2-digit', minute: '2-digit', second: '2-digit', hour12: false }).format(d) : String(at)
}

/** 34,120. */
export function count(n: number): string {
  return String(n).replace(/\B(?=(\d{3})+$)/g, ',')
}

/** A ticket as it is read aloud: 204 778 1365. */
export function ticketGroups(ticket: string): string {
  return ticket.replace(/^(\d{3})(\d{3})(\d{4})$/, '$1 $2 $3')
}

/** A name in the reader's language, or in any. */
export function nameIn(lang: Lang, names: Record<string, string> | undefined): string {
  return names?.[lang] ?? names?.['en'] ?? Object.values(names ?? {})[0] ?? ''
}

/** What stands under a name that came from outside, such as a word. An object knows more names than its own, such as 'constructor': those are none. */
export function named<T>(all: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.prototype.hasOwnProperty.call(all, name) ? all[name] : undefined
}

/** 010-0000-2000 for +821000002000; other countries as they are. */
export function phoneText(e164: string): string {
  const m = /^\+82(\d{2})(\d{3,4})(\d{4})$/.exec(e164)
  return m ? `0${m[1]}-${m[2]}-${m[3]}` : e164
}

/** Reads a phone as it is typed; undefined when it is none. Without a + it is one of the campaign's country, as far as its time zone tells. */
export function readPhone(text: string, zone: string): string | undefined {
  let t = narrow(text).replace(/[\s().\-–—·]/g, '')
  if (t.startsWith('00')) t = '+' + t.slice(2)
  if (t.startsWith('+')) t = t.replace(/^\+820/, '+82')
  else if (zone === 'Asia/Seoul' && /^0\d{8,10}$/.test(t)) t = '+82' + t.slice(1)
  return /^\+[1-9]\d{6,14}$/.test(t) && (!t.startsWith('+82') || /^\+82\d{8,10}$/.test(t)) ? t : undefined
}

/**
 * Reads a birth date as people write it: 1968-04-12, 1968.4.12, 19680412, 680412. Two digits of a year are of the last hundred years; the page
 * reads the whole date back. undefined when there is no such day.
 */
export function readBirthDate(text: string, today: Date): string | undefined {
  const t = narrow(text).trim()
  const apart = /^(\d{4}|\d{2})\D+(\d{1,2})\D+(\d{1,2})\D*$/.exec(t) ?? /^(\d{4}|\d{2})(\d{2})(\d{2})$/.exec(t)
  if (!apart) return undefined
  let year = Number(apart[1])
  if (apart[1]?.length === 2) {
    const century = Math.floor(today.getUTCFullYear() / 100) * 100
    year += year + century > today.getUTCFullYear() ? century - 100 : century
  }
  const month = Number(apart[2])
  const day = Number(apart[3])
  const d = new Date(Date.UTC(year, month - 1, day))
  if (d.getUTCMonth() !== month - 1 || d.getUTCDate() !== day || year < 1890 || d.getTime() > today.getTime()) return undefined
  return d.toISOString().slice(0, 10)
}

/** Full-width digits and signs as plain ones. */
export function narrow(text: string): string {
  return text.replace(/[\uff01-\uff5e]/g, (c) => String.fromCharCode(c.charCodeAt(0) - 0xfee0)).replace(/\u3000/g, ' ')
}

/** 1968년 4월 12일; 12 April 1968. */
export function birthDateText(lang: Lang, day: string): string {
  return formatter(lang, 'UTC', 'birth', { year: 'numeric', month: 'long', day: 'numeric' }).format(new Date(day + 'T00:00:00Z'))
}

/** The day of an instant at a place, as the contract writes days: 2021-07-27. */
export function dayIn(zone: string, at: string | number): string {
  const parts = formatter('en', zone, 'date', { year: 'numeric', month: '2-digit', day: '2-digit' }).formatToParts(new Date(at))
  const of = (type: string): string => parts.find((p) => p.type === type)?.value ?? ''
  return `${of('year')}-${of('month')}-${of('day')}`
}

/** The time of day of an instant at a place, as the contract writes it: 14:30. */
export function clockIn(zone: string, at: string | number): string {
  const f = formatter('en', zone, 'clock', { hour: '2-digit', minute: '2-digit', hour12: false })
  return f.format(new Date(at)).replace(/^24/, '00') // older browsers call midnight 24
}
