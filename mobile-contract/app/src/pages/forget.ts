// Deleting from this device: one person, now or when all is sent. What has reached the server stands.
import { held, outboxOf, proven, type Operation, type Person, type State } from '../protocol/index.ts'
import { act, trouble, type Act } from '../ui/act.ts'
import { h, type Kid } from '../ui/dom.ts'
import { button, linkButton, redrawTo } from '../ui/parts.ts'
import { go } from '../ui/router.ts'
import type { MoreView as View } from '../ui/view.ts'
import { below } from './nobody.ts'

interface Kept extends Act {
  asking?: boolean
}

export const forget = below('forget', (v) => v.w.forgetTitle, body)

/** What waits, and how much of it may have arrived. What waits for the code or the opening has certainly not. */
export function waiting(s: State, p: Person): { unsent: number; sent: number; application: boolean } {
  const all = outboxOf(p).filter((o) => o.kind !== 'request_code' && o.kind !== 'verify')
  const sent = all.filter((o) => o.sent && o.proof !== true && !early(s, p, o)).length
  return { unsent: all.length - sent, sent, application: !p.applied && all.some((o) => o.kind === 'register') }
}

/** Whether it was answered that it is too early for it. */
function early(s: State, p: Person, o: Operation): boolean {
  return (s.notices ?? []).some((n) => n.person === p.id && n.why === 'early' && n.kind === o.kind)
}

function body(v: View, p: Person): Kid[] {
  const kept = v.keep<Kept>(() => ({}))
  const w = waiting(v.state, p)
  const left = outboxOf(p).some((o) => !held(p, o) && !early(v.state, p, o))
  return [
    h('p', {}, v.w.forgetIntro), p.reference !== undefined && h('p', {}, v.w.forgetFindAgain),
    p.forget_after && h('p', { class: 'note', role: 'status', key: 'after-set' }, v.w.forgetAfterSet, ' ', v.w.sharedWait),
    w.application && h('p', { class: 'bad', key: 'never', 'data-about': 'never' }, v.w.forgetNever),
    w.unsent > 0 && h('p', { class: 'bad', key: 'unsent', 'data-about': 'unsent' }, v.w.forgetUnsent(w.unsent)),
    w.sent > 0 && h('p', { class: 'note', key: 'sent', 'data-about': 'sent' }, v.w.forgetUnsentSent(w.sent)),
    trouble(kept),
    kept.asking ? asking(v, p, kept) : choices(v, p, kept, left),
  ]
}

function choices(v: View, p: Person, kept: Kept, left: boolean): Kid {
  const ask = (): void => {
    kept.asking = true
    redrawTo(v, 'ask')
  }
  // Whoever deletes afterwards stays on the page; when the person is gone, the app goes to the first page and says so.
  const after = (): void => void act(v, kept, (pen) => pen.forgetAfter(p.id), () => v.say(v.w.forgetAfterSet))
  const shut = (): void => void act(v, kept, (pen) => {
    pen.removeDevices(p.id, 'this')
    pen.forgetAfter(p.id)
  }, () => v.say(v.w.forgetAfterSet))
  return h('section', { key: 'choices' },
    left && !p.forget_after && h('p', {}, button('forget-after', v.w.forgetAfter, after, 'main'), h('span', { class: 'hint block' }, v.w.forgetAfterHint)),
    h('p', {}, button('forget-now', v.w.forgetNow, ask, 'danger')),
    p.reference !== undefined && proven(p) && !p.forget_after && h('p', {}, button('forget-shut', v.w.forgetShut, shut), h('span', { class: 'hint block' }, v.w.forgetShutHint)))
}

function asking(v: View, p: Person, kept: Kept): Kid {
  const now = (): void => void act(v, kept, (pen) => pen.forget(p.id), () => {
    v.done(v.w.forgotten, false)
    go('#/', true)
  })
  return h('section', { key: 'ask' }, h('h2', { id: 'ask', tabindex: -1 }, v.w.forgetAsk(p.form.person.name)),
    h('div', { class: 'row' }, linkButton(['p', p.id], 'forget-no', v.w.no), button('forget-yes', v.w.forgetYes, now, 'danger')))
}
