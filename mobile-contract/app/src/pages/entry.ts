// A person's page: how the application stands, the code, the appointment, and what can be done.
import { cohortOf, pending, proven, shownState } from '../protocol/index.ts'
import type { Campaign, Person } from '../protocol/index.ts'
import { act, trouble } from '../ui/act.ts'
import type { Act } from '../ui/act.ts'
import { h } from '../ui/dom.ts'
import type { El, Kid } from '../ui/dom.ts'
import { button, linkButton, withPhone } from '../ui/parts.ts'
import { go } from '../ui/router.ts'
import { campaignOf, personOf } from '../ui/view.ts'
import type { Page, View } from '../ui/view.ts'
import { ahead, appointment } from './appointment.ts'
import { beforeMe } from './before.ts'
import { code, toProve } from './code.ts'
import { countdown } from './home.ts'
import { inVain } from './person.ts'
import { pendingList, statusList, steps, type Step } from './status.ts'

interface Kept extends Act {
  /** The steps as they stood when the page was drawn last. */
  told?: string[]
}

export const entry: Page = {
  name: 'entry',
  title: (v) => {
    const p = personOf(v)
    return p ? v.w.entryOf(p.form.person.name) : v.w.nobodyHere
  },
  body: (v) => {
    const p = personOf(v)
    return p ? body(v, p) : [h('p', {}, linkButton([], 'home', v.w.home))]
  },
}

function body(v: View, p: Person): Kid[] {
  const c = campaignOf(v, p)
  const kept = v.keep<Kept>(() => ({}))
  const all = steps(v, p)
  tell(v, all, kept)
  // Whoever looks for an application proves the phone first: "apply" at the head would be taken for the way on.
  const left = again(p)
  const proving = toProve(p) && !p.applied && !pending(p, 'register')
  return [
    trouble(kept),
    appointment(v, p, c),
    !proving && !left && apply(v, p, c, kept),
    statusList(v, p, all),
    code(v, p),
    (proving || left) && apply(v, p, c, kept),
    pendingList(v, p),
    beforeMe(v, p),
    actions(v, p),
    c && withPhone(v.w.call(c.phone), c.phone),
  ]
}

const passing = new Set(['saved', 'sending', 'sent', 'none']) // what goes to and fro while it is tried

/** Says a step that is new to whoever listens: the page changes by itself while it is open. */
function tell(v: View, all: Step[], kept: Kept): void {
  const now = all.filter((s) => !passing.has(s.name))
  const fresh = now.filter((s) => kept.told?.includes(s.name) === false)
  if (fresh.length > 0) v.say(fresh.map((s) => s.text).join('. '))
  kept.told = now.map((s) => s.name)
}

/** Somebody who has withdrawn can apply anew, and is not urged to. */
function again(p: Person): boolean {
  return (p.told && shownState(p.told.state) === 'withdrawn') || p.spent === true
}

/** The one tap. It is there before the opening too: then it waits on this device. */
function apply(v: View, p: Person, c: Campaign | undefined, kept: Act): El | false {
  const state = p.told && shownState(p.told.state)
  const left = again(p)
  if (pending(p, 'register') || (p.applied && !left) || (state !== undefined && state !== 'prepared' && state !== 'introduced' && !left)) return false
  const tap = (): void => void act(v, kept, (pen) => {
    pen.apply(p.id)
    if (v.shared.has(p.id)) pen.forgetAfter(p.id)
  }, () => {
    v.done('', false)
    v.say(v.w.applied)
  })
  const cohort = c && cohortOf(c, p.form.person.birth_date)
  const vain = c && inVain(v, c, p.form.person.birth_date)
  return h('section', { key: 'apply' }, c && !left && countdown(v, c, cohort),
    vain !== undefined && h('p', { class: 'note', 'data-about': 'in-vain' }, vain),
    // Whether somebody may apply is the server's to say: the button is there also when it seems to be in vain.
    button('apply', left ? v.w.applyAgain : v.w.apply, tap, vain === undefined && !left && !toProve(p) ? 'main big' : ''),
    vain === undefined && h('p', { class: 'hint' }, left ? v.w.applyAgainHint : v.w.applyHint))
}

function actions(v: View, p: Person): El {
  const state = p.told ? shownState(p.told.state) : undefined
  const may = proven(p)
  const entered = may && state !== 'prepared' && state !== 'withdrawn'
  const item = (does: string, page: string, text: string, shown: boolean, hint?: string): Kid =>
    shown && h('li', { key: does }, linkButton(['p', p.id, page], does, text), hint !== undefined && h('span', { class: 'hint block', 'data-about': `${does}-hint` }, hint))
  const leave = (): void => void v.shared.leave(p.id).then(() => go('#/', true))
  return h('section', { 'data-about': 'actions' }, h('h2', {}, v.w.actionsTitle),
    h('ul', { class: 'actions' },
      item('ticket', 'ticket', v.w.doTicket, entered && p.told?.ticket !== undefined && !(p.told.appointment && ahead(p.told.appointment))),
      item('wishes', 'wishes', v.w.doWishes, state !== 'withdrawn' && p.forget_after !== true),
      item('correct', 'correct', v.w.doCorrect, state !== 'withdrawn' && p.forget_after !== true),
      item('family', 'family', v.w.doFamily, state !== 'withdrawn' && p.forget_after !== true),
      item('helper', 'helper', v.w.doHelper, entered),
      item('why', 'why', v.w.doWhy, entered),
      item('devices', 'devices', v.w.doDevices, entered, p.applied ? undefined : v.w.devicesFound),
      item('cancel', 'cancel', v.w.doCancel, entered),
      v.shared.has(p.id)
        ? h('li', { key: 'done' }, button('done', v.w.doDone, leave, 'main'))
        : item('forget', 'forget', v.w.doForget, true)))
}
