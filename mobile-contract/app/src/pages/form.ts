// Who the appointment is for: the one form for applying, preparing and finding again.
import { cohortOf } from '../protocol/index.ts'
import type { Campaign, Cohort, Form, Person, State } from '../protocol/index.ts'
import { act, trouble, type Act } from '../ui/act.ts'
import { h, type Kid } from '../ui/dom.ts'
import { readBirthDate } from '../ui/format.ts'
import { awaited, form, radios, showWrong, submit, summary } from '../ui/parts.ts'
import { go, href } from '../ui/router.ts'
import type { Page, View } from '../ui/view.ts'
import { countdown } from './home.ts'
import { personFields, readPerson, type Typed, type Wrong } from './person.ts'

interface Kept extends Act {
  wrong: Wrong
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
      return c ? body(v, c) : [awaited(v)]
    },
  }
}

function campaign(v: View): Campaign | undefined {
  return v.device.documents.campaign(v.route[1] ?? '')
}

/** Whose group has not opened yet prepares, also while others of the campaign apply. */
function purpose(v: View, c: Campaign): Purpose {
  if (v.route[0] === 'find') return 'find'
  const own = group(v, c)
  return (own ? [own] : c.cohorts).some((k) => Date.parse(k.opens) <= v.now) ? 'apply' : 'prepare'
}

/** The group of the birth date as it is typed. */
function group(v: View, c: Campaign): Cohort | undefined {
  const born = readBirthDate(v.drafts.get(draftOf(v))['birth'] ?? '', new Date(v.now))
  return born === undefined ? undefined : cohortOf(c, born)
}

/** The draft's name. It holds what is typed until the person is saved. */
function draftOf(v: View): string {
  return `${v.route[0]}-${v.route[1]}`
}

function body(v: View, c: Campaign): Kid[] {
  const kept = v.keep<Kept>(() => ({ wrong: {} }))
  const name = draftOf(v)
  const d = v.drafts.get(name)
  // Nothing goes to the disk before it is said whose device this is.
  const set = (key: string) => (value: string): void => v.drafts.set(name, key, value, v.drafts.get(name)['device'] !== 'own')
  const what = purpose(v, c)
  return [
    what === 'find' && h('p', {}, v.w.formFindHint),
    what === 'prepare' && countdown(v, c, group(v, c)),
    form('person', () => void send(v, c, kept),
      summary(v, kept.wrong), trouble(kept),
      radios({
        name: 'device', label: v.w.formDevice, value: d['device'] ?? '', wrong: kept.wrong['device'],
        options: [
          { value: 'own', text: v.w.formDeviceOwn, hint: v.w.formDeviceOwnHint },
          { value: 'shared', text: v.w.formDeviceShared, hint: what === 'apply' ? v.w.formDeviceSharedHint : v.w.formDeviceSharedFind },
        ],
        choose: (value) => {
          v.drafts.replace(name, { ...v.drafts.get(name), device: value }, value !== 'own')
          v.redraw()
        },
      }),
      personFields(v, c, { typed: d, wrong: kept.wrong, set, fills: d['device'] === 'own', applies: what !== 'find' }),
      what !== 'find' && h('p', { class: 'hint', key: 'wishes' }, v.w.formWishesHint),
      submit('send', { apply: v.w.formSendApply, prepare: v.w.formSendPrepare, find: v.w.formSendFind }[what])),
  ]
}

async function send(v: View, c: Campaign, kept: Kept): Promise<void> {
  const d = v.drafts.get(draftOf(v))
  const filled = read(v, c, d, kept)
  if (!filled) {
    showWrong(v)
    return
  }
  const what = purpose(v, c)
  const shared = d['device'] === 'shared'
  const name = draftOf(v)
  // One write: whenever the tab dies, it is known of whoever is on a shared device that they are, and nothing half typed is left of whoever is saved.
  await act(v, kept, (pen, beside) => {
    const id = there(pen.state, c, filled) ?? pen.add(c.campaign, filled)
    if (what === 'apply') pen.apply(id)
    else pen.recover(id)
    if (shared && what === 'apply') pen.forgetAfter(id)
    if (shared && what !== 'apply') beside.brief.add(id)
    beside.done.push(name)
    return id
  }, (id) => saved(v, name, id, shared, what))
}

/** Somebody who is on this device already, such as from another tab in which the same form was open. */
function there(state: State, c: Campaign, f: Form): string | undefined {
  const same = (p: Person): boolean => p.campaign === c.campaign && p.form.person.name === f.person.name &&
    p.form.person.birth_date === f.person.birth_date && p.form.person.phone === f.person.phone && p.form.person.number === f.person.number
  return state.people.find(same)?.id
}

function saved(v: View, draft: string, id: string, shared: boolean, what: Purpose): void {
  if (shared && what !== 'apply') v.shared.add(id)
  v.drafts.drop(draft)
  v.say(what === 'apply' ? v.w.applied : v.w.codeAsked)
  go(href('p', id), true)
}

/** Reads the form; kept.wrong says what is wrong with it. */
function read(v: View, c: Campaign, d: Typed, kept: Kept): Form | undefined {
  kept.wrong = {}
  if (d['device'] !== 'own' && d['device'] !== 'shared') kept.wrong['device'] = v.w.wrongDevice
  return readPerson(v, c, d, kept.wrong)
}
