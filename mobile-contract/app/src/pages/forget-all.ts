// Deleting everything from this device, the app's own copy included.
import { h, type Kid } from '../ui/dom.ts'
import { button, linkButton, redrawTo } from '../ui/parts.ts'
import { go, href } from '../ui/router.ts'
import type { MorePage as Page, MoreView as View } from '../ui/view.ts'
import { waiting } from './forget.ts'

interface Kept {
  asking?: boolean
  failed?: boolean
}

export const forgetAll: Page = {
  name: 'forget-all',
  title: (v) => v.w.forgetAllTitle,
  body: (v) => {
    const kept = v.keep<Kept>(() => ({}))
    const n = v.state.people.length
    return [
      h('p', {}, n > 0 ? v.w.forgetAllIntro(n) : v.w.forgetAllNobody), h('p', {}, v.w.forgetIntro), n > 0 && h('p', {}, v.w.forgetFindAgain),
      unsent(v), kept.failed && h('p', { class: 'bad', role: 'alert', key: 'failed' }, v.w.forgetAllFailed),
      kept.asking ? asking(v, kept) : first(v, kept),
    ]
  },
}

function unsent(v: View): Kid {
  const all = v.state.people.map((p) => waiting(v.state, p))
  const sum = (of: (w: ReturnType<typeof waiting>) => number): number => all.reduce((n, w) => n + of(w), 0)
  const kept = sum((w) => w.unsent)
  const sent = sum((w) => w.sent)
  return [
    all.some((w) => w.application) && h('p', { class: 'bad', key: 'never', 'data-about': 'never' }, v.w.forgetNever),
    kept > 0 && h('p', { class: 'bad', key: 'unsent', 'data-about': 'unsent' }, v.w.forgetUnsent(kept)),
    sent > 0 && h('p', { class: 'note', key: 'sent', 'data-about': 'sent' }, v.w.forgetUnsentSent(sent)),
  ]
}

function first(v: View, kept: Kept): Kid {
  const ask = (): void => {
    kept.asking = true
    redrawTo(v, 'ask')
  }
  return h('section', { key: 'first' },
    v.state.people.length > 1 && [h('h2', {}, v.w.forgetAllOne), h('ul', { class: 'actions' }, v.state.people.map((p) => h('li', { key: p.id }, linkButton(['p', p.id, 'forget'], 'forget', p.form.person.name))))],
    h('p', {}, button('forget-all', v.w.forgetAllTitle, ask, 'danger')))
}

function asking(v: View, kept: Kept): Kid {
  const wipe = async (): Promise<void> => {
    if (await v.wipe()) {
      v.say(v.w.forgetAllDone)
      go(href(), true)
      return
    }
    kept.failed = true
    delete kept.asking
    v.redraw()
  }
  return h('section', { key: 'ask' }, h('h2', { id: 'ask', tabindex: -1 }, v.w.forgetAllAsk),
    h('div', { class: 'row' }, linkButton([], 'forget-no', v.w.no), button('forget-all-yes', v.w.forgetAllYes, () => void wipe(), 'danger')))
}

/** What is left to see when all is deleted; the way on loads the app anew. */
export const wiped: Page = {
  name: 'wiped',
  title: (v) => v.w.forgetTitle,
  body: (v) => [h('p', { 'data-about': 'wiped' }, v.w.forgetAllDone), h('p', {}, button('anew', v.w.home, () => location.replace('/app/')))],
}
