// The answer to an appointment. What is on its way is said, and may be changed as long as the server cannot have it yet.
import { outboxOf, pending, personOf, shownAppointment, Refusal } from '../protocol/index.ts'
import type { Appointment, Operation, Pen, Person } from '../protocol/index.ts'
import { act, trouble, type Act } from '../ui/act.ts'
import { h, type El, type Kid } from '../ui/dom.ts'
import { button, linkButton, redrawTo } from '../ui/parts.ts'
import type { View } from '../ui/view.ts'

interface Kept extends Act {
  /** The appointment about which it is asked whether it is declined. */
  asking?: string | undefined
  /** It became another one, or was taken back, while that was asked. */
  changed?: boolean
}

/** The appointment's head: where whoever goes by keyboard or listens is once the answer is given. */
export const head = 'appointment'

type Answer = Extract<Operation, { kind: 'confirm' | 'decline' }>

/** The answer to this appointment that was written last and not answered yet. */
export function answerOnItsWay(p: Person, a: Appointment): Answer | undefined {
  const all = outboxOf(p).filter((o): o is Answer => (o.kind === 'confirm' || o.kind === 'decline') && o.body.appointment === a.id)
  return all[all.length - 1]
}

export function sendingAnswer(v: View, p: Person, a: Appointment): El | false {
  const last = answerOnItsWay(p, a)
  return last !== undefined && h('p', { class: 'note', role: 'status', key: 'sending', 'data-about': 'sending', 'data-kind': last.kind },
    h('strong', {}, v.w.apptSending), ' ', last.kind === 'confirm' ? v.w.apptSendingConfirm : v.w.apptSendingDecline)
}

function keptOf(v: View): Kept {
  const kept = v.keep<{ answer?: Kept }>(() => ({}))
  return (kept.answer ??= {})
}

/** Ends a question that is about another appointment than the one that stands now, and says so. It stands above the appointment. */
export function changedMeanwhile(v: View, a: Appointment, may: boolean): El | false {
  const k = keptOf(v)
  if (k.asking !== undefined && (k.asking !== a.id || !may)) {
    k.asking = undefined
    k.changed = true
    v.say(v.w.declineChanged)
  }
  return k.changed === true && h('p', { class: 'bad', key: 'changed', 'data-about': 'changed' }, v.w.declineChanged)
}

/** The buttons, and the question that comes before a decline. */
export function answer(v: View, p: Person, a: Appointment, may: boolean): Kid {
  const k = keptOf(v)
  if (!may || pending(p, 'cancel')) return trouble(k)
  return [trouble(k), k.asking === undefined ? buttons(v, p, a, k) : question(v, p, a, k)]
}

function buttons(v: View, p: Person, a: Appointment, k: Kept): El {
  const last = answerOnItsWay(p, a)
  const ask = (): void => {
    k.asking = a.id
    delete k.changed
    redrawTo(v, 'decline-question')
  }
  // A decline that may have arrived cannot be taken back: the time may be somebody else's already.
  const yes = last?.kind === 'decline' ? last.sent !== true : last === undefined && shownAppointment(a.state) === 'offered'
  return h('div', { class: 'row', key: 'answers' },
    yes && button('confirm', last === undefined ? v.w.apptConfirm : v.w.apptKeep, () => send(v, p, a, k, 'confirm'), 'main big'),
    last?.kind !== 'decline' && button('decline', v.w.apptDecline, ask))
}

function question(v: View, p: Person, a: Appointment, k: Kept): El {
  const stop = (): void => {
    k.asking = undefined
    redrawTo(v, head)
  }
  return h('div', { class: 'note', key: 'question', role: 'group', 'aria-labelledby': 'decline-question', 'data-about': 'decline' },
    h('h3', { id: 'decline-question', tabindex: -1 }, v.w.declineTitle),
    h('p', {}, v.w.declineMeans), h('p', {}, v.w.declineFinal), h('p', {}, v.w.declineSwap),
    h('div', { class: 'row' },
      button('decline-yes', v.w.declineYes, () => send(v, p, a, k, 'decline'), 'danger'),
      linkButton(['p', p.id, 'swap'], 'decline-swap', v.w.doSwap),
      button('decline-no', v.w.declineNo, stop)))
}

function send(v: View, p: Person, a: Appointment, k: Kept, kind: 'confirm' | 'decline'): void {
  void act(v, k, (pen) => {
    stillThere(pen, p.id, a.id)
    pen[kind](p.id, a.id)
  }, () => {
    v.say(v.w.apptSaved)
  }).then(() => {
    k.asking = undefined
    delete k.changed
    redrawTo(v, head)
  })
}

/** The record may be newer than the page: what was taken back meanwhile is not answered. */
function stillThere(pen: Pen, person: string, appointment: string): void {
  const told = personOf(pen.state, person)?.told?.appointment
  const state = told && shownAppointment(told.state)
  if (told?.id !== appointment || (state !== 'offered' && state !== 'confirmed')) throw new Refusal('no_offer')
}
