// Withdrawing, in two steps: the place is lost by it.
import { pending } from '../protocol/index.ts'
import type { Person } from '../protocol/index.ts'
import { act, trouble, type Act } from '../ui/act.ts'
import { h, type Kid } from '../ui/dom.ts'
import { button, linkButton, redrawTo } from '../ui/parts.ts'
import { go, href } from '../ui/router.ts'
import type { MoreView as View } from '../ui/view.ts'
import { belowProven } from './nobody.ts'
import { standing } from './wanted.ts'

interface Kept extends Act {
  asking?: boolean
}

export const cancel = belowProven('cancel', (v) => v.w.cancelTitle, body)

function body(v: View, p: Person): Kid[] {
  const kept = v.keep<Kept>(() => ({}))
  if (pending(p, 'cancel')) return [h('p', { class: 'note' }, v.w.cancelPending)]
  if (p.told?.state === 'withdrawn') return [h('p', {}, v.w.stepWithdrawn)]
  const ask = (): void => {
    kept.asking = true
    redrawTo(v, 'ask')
  }
  const leave = (): void => void act(v, kept, (pen) => pen.cancel(p.id), () => {
    v.done(v.w.cancelSaved, true)
    go(href('p', p.id), true)
  })
  return [
    h('p', { class: 'bad' }, v.w.cancelIntro), h('p', {}, v.w.cancelAgain),
    standing(p).wishes?.household && h('p', { class: 'note', 'data-about': 'family-left' }, v.w.cancelFamily), trouble(kept),
    kept.asking
      ? h('section', { key: 'ask' }, h('h2', { id: 'ask', tabindex: -1 }, v.w.cancelAsk(p.form.person.name)),
          h('div', { class: 'row' }, linkButton(['p', p.id], 'cancel-no', v.w.no, 'main'), button('cancel-yes', v.w.cancelYes, leave, 'danger')))
      : h('section', { key: 'first' }, h('p', {}, v.w.cancelOther), h('p', {}, linkButton(['p', p.id, 'wishes'], 'wishes', v.w.doWishes)),
          h('p', {}, button('cancel', v.w.cancelFirst, ask, 'danger'))),
  ]
}
