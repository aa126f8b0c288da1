// Putting right what was mistyped about a person. Whoever has applied keeps the place; what was never sent is simply written anew.
import { outboxOf, pending, personOf as inState, prepared, proven, type Campaign, type Form, type Pen, type Person } from '../protocol/index.ts'
import { act, trouble, type Act } from '../ui/act.ts'
import { h, type Kid } from '../ui/dom.ts'
import { readPhone } from '../ui/format.ts'
import { form, linkButton, showWrong, submit, summary } from '../ui/parts.ts'
import { go, href } from '../ui/router.ts'
import { zoneOf, type MoreView as View } from '../ui/view.ts'
import { belowCampaign, unproven } from './nobody.ts'
import { personFields, readPerson, typedOf, type Typed, type Wrong } from './person.ts'
import { standing } from './wanted.ts'

interface Kept extends Act {
  wrong: Wrong
}

/** What a correction is, by where the application stands. */
type Way = 'correct' | 'anew' | 'prepare' | 'unproven' | 'sent'

export const correct = belowCampaign('correct', (v) => v.w.correctTitle, body)

function wayOf(p: Person): Way {
  if (proven(p) && p.told?.state !== 'prepared') return 'correct'
  if (p.applied) return 'unproven'
  if (outboxOf(p).some((o) => o.kind === 'register' && o.sent)) return 'sent'
  if (prepared(p) || p.told !== undefined || outboxOf(p).some((o) => o.kind === 'introduce' && o.sent)) return 'prepare'
  return 'anew'
}

function body(v: View, p: Person, c: Campaign): Kid[] {
  const way = wayOf(p)
  const kept = v.keep<Kept>(() => ({ wrong: {} }))
  if (way === 'sent') return [h('p', { class: 'note' }, v.w.correctSent)]
  const phone = h('section', { key: 'phone', 'data-about': 'wrong-phone' }, h('p', { class: 'hint' }, v.w.correctPhone),
    h('p', {}, linkButton(['new', p.campaign], 'apply-new', v.w.correctApplyNew)))
  if (way === 'unproven') return [unproven(v, p), phone]
  const d = typed(v, p)
  const set = (name: string) => (value: string): void => v.drafts.replace(draftOf(p), { ...typed(v, p), [name]: value }, v.shared.brief(p))
  const number = readPhone(d['phone'] ?? '', zoneOf(c))
  return [
    h('p', {}, { correct: v.w.correctIntro, prepare: v.w.correctPrepared, anew: v.w.correctUnsent }[way]),
    way === 'correct' && h('p', { class: 'hint' }, v.w.correctPrefilled),
    form('correct', () => send(v, p, c, kept, way),
      summary(v, kept.wrong), trouble(kept),
      personFields(v, c, { typed: d, wrong: kept.wrong, set, fills: !v.shared.brief(p), applies: true, entered: way === 'correct' }),
      way === 'correct' && number !== undefined && number !== p.form.person.phone && h('p', { class: 'note', key: 'new-phone', role: 'status', 'data-about': 'new-phone' }, v.w.correctNewPhone),
      submit('send', v.w.correctSend)),
    way === 'correct' && phone,
  ]
}

function draftOf(p: Person): string {
  return `p-${p.id}-correct`
}

function typed(v: View, p: Person): Typed {
  const d = v.drafts.get(draftOf(p))
  return Object.keys(d).length > 0 ? d : typedOf(known(p))
}

/** The form with the region as it stands. */
function known(p: Person): Form {
  const { region } = standing(p)
  return { person: p.form.person, lang: p.form.lang, ...(region !== undefined && { region }) }
}

function send(v: View, p: Person, c: Campaign, kept: Kept, way: 'correct' | 'anew' | 'prepare'): void {
  kept.wrong = {}
  const filled = readPerson(v, c, typed(v, p), kept.wrong)
  if (filled && filled.region === undefined && standing(p).wishes?.max_km) kept.wrong['region'] = v.w.wishKmRegion
  if (!filled || Object.keys(kept.wrong).length > 0) {
    showWrong(v)
    return
  }
  const brief = v.shared.has(p.id)
  void act(v, kept, (pen, beside) => {
    // What is written anew must still be here only: another tab, or the worker, may just have sent it. Then the page says so, and what was typed stays.
    const stands = inState(pen.state, p.id)
    if (stands && wayOf(stands) !== way) return undefined
    const id = write(pen, p.id, filled, way)
    if (brief) beside.brief.add(id)
    return id
  }, (id) => {
    if (id !== undefined) {
      saved(v, p.id, id, way === 'anew' && outboxOf(p).length === 0)
      return
    }
    kept.error = v.w.noticeConflict
    v.say(kept.error)
  })
}

function same(a: Form, b: Form): boolean {
  const of = ({ person: { name, birth_date, phone, number }, region }: Form): string => JSON.stringify([name, birth_date, phone, number ?? '', region ?? ''])
  return of(a) === of(b)
}

/** Writes it, and returns under which id the person is on this device now. */
function write(pen: Pen, id: string, f: Form, way: 'correct' | 'anew' | 'prepare'): string {
  const p = inState(pen.state, id)
  if (!p || way === 'correct') {
    pen.correct(id, f.person, f.region, true)
    return id
  }
  const wishes = p.form.wishes
  if (way === 'prepare' && same({ ...f, ...(p.form.region !== undefined && { region: p.form.region }) }, p.form)) {
    pen.changeWishes(id, f.region, wishes, false) // the same person: only the region is another
    return id
  }
  return anew(pen, p, { ...f, ...(wishes && { wishes }) }, way === 'prepare')
}

/** Somebody whose application never left this device: written anew, nothing is lost by it. With a secret of its own, because who they are has changed. */
function anew(pen: Pen, p: Person, f: Form, prepares: boolean): string {
  const applies = pending(p, 'register')
  const shared = p.forget_after === true
  pen.forget(p.id)
  const id = pen.add(p.campaign, f)
  if (applies) pen.apply(id)
  else if (prepares || pending(p, 'introduce')) pen.recover(id)
  if (shared) pen.forgetAfter(id)
  return id
}

function saved(v: View, was: string, id: string, kept: boolean): void {
  if (was !== id && v.shared.has(was)) v.shared.add(id)
  v.drafts.drop(`p-${was}-correct`)
  v.done(kept ? v.w.changeKept : v.w.changeSaved, !kept)
  go(href('p', id), true)
}
