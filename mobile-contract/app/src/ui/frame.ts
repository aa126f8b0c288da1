// What stands around every page: who we are, the other language, what went wrong, what must be read.
import { personOf, waits } from '../protocol/index.ts'
import type { Notice } from '../protocol/index.ts'
import { langs } from '../words/words.ts'
import type { Lang, Words } from '../words/words.ts'
import { h } from './dom.ts'
import type { El, Kid } from './dom.ts'
import { button } from './parts.ts'
import { href } from './router.ts'
import type { Page, View } from './view.ts'

export interface Frame {
  choose(lang: Lang): void
  /** A new version waits; undefined when there is none. */
  update: (() => void) | undefined
  outdated: boolean
  /** What was done just now. */
  done: string | undefined
}

export function frame(v: View, page: Page, f: Frame): Kid[] {
  const other: Lang = v.lang === 'ko' ? 'en' : 'ko'
  return [
    h('a', { class: 'skip', href: '#main', onclick: toMain }, v.w.skip),
    h('header', {},
      h('a', { class: 'brand', href: href(), 'data-do': 'home' }, v.w.brand),
      h('button', { type: 'button', class: 'plain', lang: other, title: v.w.otherLangHint, 'data-do': 'lang', onclick: () => f.choose(other) }, langs[other]),
      h('div', { class: 'bands' }, bands(v, f))),
    h('main', { id: 'main', tabindex: -1, 'data-page': page.name, key: page.name },
      h('h1', { id: 'title', tabindex: -1 }, page.title(v)),
      f.done !== undefined && h('p', { class: 'band', key: 'done', 'data-about': 'done' }, f.done), notices(v), page.body(v)),
    h('footer', {}, h('a', { href: href(), 'data-do': 'home' }, v.w.home), ' ', !v.device.wiped && h('a', { href: href('forget'), 'data-do': 'forget-all' }, v.w.homeSettings)),
  ]
}

function toMain(e: Event): void {
  e.preventDefault() // the address is for pages
  document.getElementById('main')?.focus()
}

/** What is so with the device and the line, whatever the page. */
function bands(v: View, f: Frame): Kid {
  if (v.device.wiped) return false
  const t = v.device.trouble
  const words = { newer: v.w.troubleNewer, no_storage: v.w.troubleNoStorage, not_saved: v.w.troubleNotSaved, cleared: v.w.troubleCleared }
  const service = v.device.documents.service()
  const slugs = new Set([v.route[1], ...v.state.people.map((p) => p.campaign)])
  const rehearsal = [...slugs].some((s) => s !== undefined && v.device.documents.campaign(s)?.mode === 'rehearsal')
  return [
    t && h('div', { class: 'band bad', role: 'alert', key: 'trouble', 'data-about': `trouble-${t}` }, h('p', {}, words[t]),
      t === 'cleared' && button('close', v.w.close, () => v.device.calm())),
    v.shared.warning && h('div', { class: 'band bad', role: 'alert', key: 'idle', 'data-about': 'idle' }, h('p', {}, v.w.sharedIdle), button('still-here', v.w.stillHere, () => v.shared.touch())),
    v.device.line === 'down' && h('div', { class: 'band', role: 'status', key: 'line', 'data-about': 'line' }, h('p', {}, v.w.lineDown),
      waits(v.state) && button('try-now', v.w.tryNow, () => void v.device.tryNow())),
    v.device.line === 'busy' && h('div', { class: 'band', role: 'status', key: 'busy', 'data-about': 'busy' }, h('p', {}, v.w.lineBusy)),
    f.update && h('div', { class: 'band', role: 'status', key: 'update', 'data-about': 'update' }, h('p', {}, v.w.newVersion), button('update', v.w.useNew, f.update)),
    f.outdated && h('div', { class: 'band', key: 'outdated', 'data-about': 'outdated' }, h('p', {}, v.w.outdated)),
    service?.sandbox ? h('p', { class: 'band quiet', key: 'sandbox' }, v.w.sandbox) : rehearsal && h('p', { class: 'band quiet', key: 'rehearsal' }, v.w.rehearsal),
  ]
}

function notices(v: View): Kid {
  const here = v.route[0] === 'p' ? v.route[1] : undefined
  const all = (v.state.notices ?? []).filter((n) => here === undefined || n.person === here || n.person === undefined)
  // What merely waits is told where it stands: in the steps and in the list of what is being sent.
  return all.filter((n) => n.why !== 'early' && n.why !== 'unproven').map((n) => notice(v, n))
}

function notice(v: View, n: Notice): El {
  const name = personOf(v.state, n.person ?? '')?.form.person.name
  const seen = (): void => {
    void v.device.write((pen) => pen.seen(n.number)).catch(() => undefined) // then it stays, and can be tapped again
  }
  const what = v.w.kinds[n.kind ?? '']
  return h('div', { class: 'note', role: 'status', key: `notice-${n.number}`, 'data-about': `notice-${n.why}` },
    h('p', {}, name !== undefined && h('strong', {}, v.w.noticeFor(name)), name !== undefined && what !== undefined && ': ', what, (name ?? what) !== undefined && h('br'), noticeText(v.w, n, v.state.notices ?? [])),
    n.problem && (n.why === 'refused') && h('p', { lang: '' }, h('strong', {}, n.problem.title), ' ', n.problem.detail),
    button('seen', v.w.seen, seen))
}

/** A notice in words; all are those that stand beside it. */
export function noticeText(w: Words, n: Notice, all: readonly Notice[]): string {
  switch (n.why) {
    case 'gone':
      return w.noticeGone
    case 'left':
      if (all.some((o) => o.person === n.person && (o.why === 'refused' || o.why === 'conflict'))) return w.noticeLeftRefused
      return (n.dropped ?? 0) > 0 ? w.noticeLeftUndone : w.noticeLeft
    case 'restored':
      return w.noticeRestored
    case 'conflict':
      if (n.kind === 'confirm' || n.kind === 'decline') return w.noticeConflictAnswer
      if (n.kind === 'ask_swap' || n.kind === 'drop_swap') return w.noticeConflictSwap
      return n.kind === 'register' ? w.noticeConflictApply : w.noticeConflict
    default:
      return w.noticeRefused
  }
}

