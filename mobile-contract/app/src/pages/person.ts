// What is asked about a person, and how it is read: the same for applying, finding again and correcting.
import { cohortOf, type Campaign, type Form } from '../protocol/index.ts'
import { h, type Kid } from '../ui/dom.ts'
import { birthDateText, nameIn, narrow, phoneText, readBirthDate, readPhone, when } from '../ui/format.ts'
import { field, select } from '../ui/parts.ts'
import { zoneOf, type View } from '../ui/view.ts'

/** What is typed, by the names of the fields. */
export type Typed = Record<string, string>

/** What is wrong with each field, in words. */
export type Wrong = Record<string, string>

/** Where the fields take what was typed from and keep it. */
export interface Asked {
  typed: Typed
  wrong: Wrong
  set(name: string): (value: string) => void
  /** The browser may fill in what it knows: not on a device that many use. */
  fills: boolean
  /** A region is asked for, and it is said if nobody born then can apply. */
  applies: boolean
  /** The person has applied: that it has closed meanwhile does not matter. */
  entered?: boolean
}

export function personFields(v: View, c: Campaign, a: Asked): Kid[] {
  const { typed: d, wrong, set } = a
  const fill = (kind: string): string => (a.fills ? kind : 'off')
  const born = readBirthDate(d['birth'] ?? '', new Date(v.now))
  const phone = readPhone(d['phone'] ?? '', zoneOf(c))
  const vain = born === undefined || (a.entered && cohortOf(c, born)) ? undefined : inVain(v, c, born)
  const reading = (name: string) => (value: string): void => {
    set(name)(value)
    v.redraw()
  }
  return [
    field({ name: 'name', label: v.w.formName, hint: v.w.formNameHint, wrong: wrong['name'], value: d['name'] ?? '', input: set('name'), more: { autocomplete: fill('name'), maxlength: 100 } }),
    field({
      name: 'birth', label: v.w.formBirth, hint: v.w.formBirthHint, wrong: wrong['birth'], value: d['birth'] ?? '', input: reading('birth'),
      more: { inputmode: 'decimal', autocomplete: fill('bday'), maxlength: 20 },
    }),
    born !== undefined && h('p', { class: 'read-back', role: 'status', key: 'born', 'data-about': 'born' }, v.w.formBirthRead(birthDateText(v.lang, born))),
    a.applies && vain !== undefined && h('p', { class: 'bad', key: 'no-cohort', role: 'status', 'data-about': 'no-cohort' }, vain),
    field({
      name: 'phone', label: v.w.formPhone, hint: v.w.formPhoneHint, wrong: wrong['phone'], value: d['phone'] ?? '', input: reading('phone'),
      more: { type: 'tel', autocomplete: fill('tel'), maxlength: 24 },
    }),
    phone !== undefined && h('p', { class: 'read-back', role: 'status', key: 'phone-read', 'data-about': 'phone-read' }, v.w.formPhoneRead(phoneText(phone))),
    c.number_asked && field({ name: 'number', label: v.w.formNumber, wrong: wrong['number'], value: d['number'] ?? '', input: set('number'), more: { maxlength: 64 } }),
    a.applies && c.regions.length > 0 && regionField(v, c, d['region'] ?? '', set('region'), v.w.formRegionHint, wrong['region']),
  ]
}

/** Why an application of somebody born then seems to be in vain; the server has the last word. */
export function inVain(v: View, c: Campaign, born: string): string | undefined {
  if (cohortOf({ ...c, cohorts: c.cohorts.filter((k) => Date.parse(k.closes) > v.now) }, born)) return undefined
  const over = cohortOf(c, born)
  return over ? v.w.formClosed(when(v.lang, zoneOf(c), over.closes)) : v.w.formNoCohort
}

export function regionField(v: View, c: Campaign, value: string, choose: (value: string) => void, hint: string, wrong?: string): Kid {
  return select({
    name: 'region', label: v.w.formRegion, hint, value, wrong, choose,
    options: [{ value: '', text: v.w.formRegionAny }, ...c.regions.map((r) => ({ value: r.code, text: nameIn(v.lang, r.names) }))],
  })
}

/** What is known of a person as somebody would type it. */
export function typedOf(f: Form): Typed {
  const { name, birth_date, phone, number } = f.person
  return { name, birth: birth_date, phone: phoneText(phone), number: number ?? '', region: f.region ?? '' }
}

/** Reads what was typed; wrong gets what is wrong with it, and nothing is returned then. */
export function readPerson(v: View, c: Campaign, d: Typed, wrong: Wrong): Form | undefined {
  const person: Form['person'] = {
    name: (d['name'] ?? '').trim().replace(/\s+/g, ' '),
    birth_date: readBirthDate(d['birth'] ?? '', new Date(v.now)) ?? '',
    phone: readPhone(d['phone'] ?? '', zoneOf(c)) ?? '',
  }
  if (person.name === '') wrong['name'] = v.w.wrongName
  if (/\d/.test(narrow(person.name))) wrong['name'] = v.w.wrongNameDigits
  if (person.birth_date === '') wrong['birth'] = v.w.wrongBirth
  if (person.phone === '') wrong['phone'] = v.w.wrongPhone
  if (c.number_asked) {
    person.number = (d['number'] ?? '').trim()
    if (person.number === '') wrong['number'] = v.w.wrongNumber
  }
  if (Object.keys(wrong).length > 0) return undefined
  const form: Form = { person, lang: c.langs.includes(v.lang) ? v.lang : (c.langs[0] ?? 'ko') }
  const region = d['region'] ?? ''
  return region === '' ? form : { ...form, region }
}
