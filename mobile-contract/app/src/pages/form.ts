// Who the appointment is for: the one form for applying, preparing and finding again.
import { cohortOf, type Campaign, type Form, type Person, type State } from '../protocol/index.ts'
import { act, trouble, type Act } from '../ui/act.ts'
import { h, type Kid } from '../ui/dom.ts'
import { birthDateText, nameIn, readBirthDate, readPhone } from '../ui/format.ts'
import { field, form, radios, select, submit, summary } from '../ui/parts.ts'
import { go, href } from '../ui/router.ts'
import { zoneOf, type Page, type View } from '../ui/view.ts'
import { countdown } from './home.ts'

interface Kept extends Act {
  wrong: Record<string, string>
}

type Purpose = 'apply' | 'prepare' | 'find'

export const newPerson: Page = page('new')
export const find: Page = page('find')

function page(name: 'new' | 'find'): Page {
  return {
    name,
    title: (v) => {
      const c = campaign(v)
      return { apply: v.w.formTitleApply, prepare: v.w.formTitlePrepare, find: v.w.formTitleFind }[c ? purpose(v, c) : 'apply']
    },
    body: (v) => {
      const c = campaign(v)
      return c ? body(v, c) : [h('p', {}, v.device.line === 'down' ? v.w.homeNoLine : v.w.opening)]
    },
  }
}

function campaign(v: View): Campaign | undefined {
  return v.device.documents.campaign(v.route[1] ?? '')
}

function purpose(v: View, c: Campaign): Purpose {
  if (v.route[0] === 'find') return 'find'
  return c.cohorts.some((k) => Date.parse(k.opens) <= v.now) ? 'apply' : 'prepare'
}

/** The draft's name. It holds what is typed until the person is saved. */
function draftOf(v: View): string {
  return `${v.route[0]}-${v.route[1]}`
}

function body(v: View, c: Campaign): Kid[] {
  const kept = v.keep<Kept>(() => ({ wrong: {} }))
  const name = draftOf(v)
  const d = v.drafts.get(name)
  const shared = d['device'] === 'shared'
  const set = (key: string) => (value: string): void => v.drafts.set(name, key, value, v.drafts.get(name)['device'] === 'shared')
  const born = readBirthDate(d['birth'] ?? '', new Date(v.now))
  // On a shared device the browser is asked to remember nothing; on an own one it may fill in what it knows.
  const fill = (kind: string): string => (shared ? 'off' : kind)
  const what = purpose(v, c)
  return [
    what === 'find' && h('p', {}, v.w.formFindHint),
    what === 'prepare' && countdown(v, c),
    form('person', () => void send(v, c, kept),
      summary(v, kept.wrong), trouble(kept),
      radios({
        name: 'device', label: v.w.formDevice, value: d['device'] ?? '', wrong: kept.wrong['device'],
        options: [
          { value: 'own', text: v.w.formDeviceOwn, hint: v.w.formDeviceOwnHint },
          { value: 'shared', text: v.w.formDeviceShared, hint: v.w.formDeviceSharedHint },
        ],
        choose: (value) => {
          set('device')(value)
          v.drafts.keep(name, { ...v.drafts.get(name), device: value }, value === 'shared')
          v.redraw()
        },
      }),
      field({ name: 'name', label: v.w.formName, hint: v.w.formNameHint, wrong: kept.wrong['name'], value: d['name'] ?? '', input: set('name'), more: { autocomplete: fill('name'), maxlength: 100 } }),
      field({
        name: 'birth', label: v.w.formBirth, wrong: kept.wrong['birth'], value: d['birth'] ?? '', more: { inputmode: 'decimal', autocomplete: fill('bday'), maxlength: 20 },
        hint: v.w.formBirthHint,
        input: (value) => {
          set('birth')(value)
          v.redraw()
        },
      }),
      born !== undefined && h('p', { class: 'read-back', key: 'born', 'data-about': 'born' }, v.w.formBirthRead(birthDateText(v.lang, born))),
      born !== undefined && what !== 'find' && !cohortOf(c, born) && h('p', { class: 'bad', key: 'no-cohort', role: 'status', 'data-about': 'no-cohort' }, v.w.formNoCohort),
      field({ name: 'phone', label: v.w.formPhone, hint: v.w.formPhoneHint, wrong: kept.wrong['phone'], value: d['phone'] ?? '', input: set('phone'), more: { type: 'tel', autocomplete: fill('tel'), maxlength: 24 } }),
      c.number_asked && field({ name: 'number', label: v.w.formNumber, wrong: kept.wrong['number'], value: d['number'] ?? '', input: set('number'), more: { maxlength: 64 } }),
      what !== 'find' && c.regions.length > 0 && select({
        name: 'region', label: v.w.formRegion, hint: v.w.formRegionHint, value: d['region'] ?? '', choose: set('region'),
        options: [{ value: '', text: v.w.formRegionAny }, ...c.regions.map((r) => ({ value: r.code, text: nameIn(v.lang, r.names) }))],
      }),
      what !== 'find' && h('p', { class: 'hint', key: 'wishes' }, v.w.formWishesHint),
      submit('send', { apply: v.w.formSendApply, prepare: v.w.formSendPrepare, find: v.w.formSendFind }[what])),
  ]
}

async function send(v: View, c: Campaign, kept: Kept): Promise<void> {
  const d = v.drafts.get(draftOf(v))
  const filled = read(v, c, d, kept)
  if (!filled) {
    v.redraw()
    requestAnimationFrame(() => document.getElementById('wrong')?.focus())
    return
  }
  const what = purpose(v, c)
  const shared = d['device'] === 'shared'
  await act(v, kept, (pen) => {
    const id = there(pen.state, c, filled) ?? pen.add(c.campaign, filled)
    if (what === 'apply') pen.apply(id)
    else pen.recover(id)
    if (shared && what === 'apply') pen.forgetAfter(id)
    return id
  }, (id) => void saved(v, id, shared && what !== 'apply'))
}

/** Somebody who is on this device already, such as from another tab in which the same form was open. */
function there(state: State, c: Campaign, f: Form): string | undefined {
  const same = (p: Person): boolean => p.campaign === c.campaign && p.form.person.name === f.person.name &&
    p.form.person.birth_date === f.person.birth_date && p.form.person.phone === f.person.phone && p.form.person.number === f.person.number
  return state.people.find(same)?.id
}

async function saved(v: View, id: string, brief: boolean): Promise<void> {
  if (brief) await v.shared.add(id)
  v.drafts.drop(draftOf(v))
  v.say(v.w.applied)
  go(href('p', id), true)
}

/** Reads the form; kept.wrong says what is wrong with it. */
function read(v: View, c: Campaign, d: Record<string, string>, kept: Kept): Form | undefined {
  const person: Form['person'] = {
    name: (d['name'] ?? '').trim().replace(/\s+/g, ' '),
    birth_date: readBirthDate(d['birth'] ?? '', new Date(v.now)) ?? '',
    phone: readPhone(d['phone'] ?? '', zoneOf(c)) ?? '',
  }
  const wrong: Record<string, string> = {}
  if (d['device'] !== 'own' && d['device'] !== 'shared') wrong['device'] = v.w.wrongDevice
  if (person.name === '') wrong['name'] = v.w.wrongName
  if (person.birth_date === '') wrong['birth'] = v.w.wrongBirth
  if (person.phone === '') wrong['phone'] = v.w.wrongPhone
  if (c.number_asked) {
    person.number = (d['number'] ?? '').trim()
    if (person.number === '') wrong['number'] = v.w.wrongNumber
  }
  kept.wrong = wrong
  if (Object.keys(wrong).length > 0) return undefined
  const form: Form = { person, lang: c.langs.includes(v.lang) ? v.lang : (c.langs[0] ?? 'ko') }
  const region = d['region'] ?? ''
  return region === '' ? form : { ...form, region }
}
