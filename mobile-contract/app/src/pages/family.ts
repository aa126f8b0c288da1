// Coming together: who of this device and of other phones, under one code.
import { held, outboxOf, personOf as inState, proven, shownState, type Pen, type Person, type Wishes } from '../protocol/index.ts'
import { act, trouble, type Act } from '../ui/act.ts'
import { h, type El, type Kid } from '../ui/dom.ts'
import { checks, field, focusSoon, form, radios, showWrong, submit, summary } from '../ui/parts.ts'
import type { MoreView as View } from '../ui/view.ts'
import { codeText, newCode, readCode } from './household.ts'
import { below } from './nobody.ts'
import type { Typed, Wrong } from './person.ts'
import { standing } from './wanted.ts'

type Household = NonNullable<Wishes['household']>

interface Kept extends Act {
  wrong: Wrong
  /** Counts the forms that were saved: fields are made anew for the next. */
  turn: number
}

const mostFamily = 4

export const family = below('family', (v) => v.w.familyTitle, body)

function body(v: View, p: Person): Kid[] {
  const kept = v.keep<Kept>(() => ({ wrong: {}, turn: 0 }))
  const people = v.state.people.filter((o) => o.campaign === p.campaign && o.told?.state !== 'withdrawn')
  return [
    h('p', {}, v.w.familyIntro), h('ul', {}, v.w.familyHow.map((t) => h('li', {}, t))),
    people.some((o) => ['offered', 'confirmed'].includes(o.told ? shownState(o.told.state) : '')) && h('p', { class: 'note' }, v.w.familyAppointed),
    h('section', { key: 'state', 'data-about': 'family' }, h('h2', { id: 'state', tabindex: -1 }, v.w.familyState), shared(v, p, people),
      h('ul', { class: 'cohorts' }, people.map((o) => state(v, o, kept)))),
    h('section', { key: `change-${kept.turn}-${householdOf(p)?.code ?? ''}` }, h('h2', {}, v.w.familyChange), change(v, p, people, kept)),
  ]
}

function householdOf(p: Person): Household | undefined {
  return standing(p).wishes?.household
}

/** The code in large figures, to be told by phone. */
function shared(v: View, p: Person, people: Person[]): El | undefined {
  const mine = householdOf(p)
  if (!mine) return undefined
  const here = people.filter((o) => householdOf(o)?.code === mine.code).length
  const left = v.state.people.some((o) => o.campaign === p.campaign && o.told?.state === 'withdrawn' && householdOf(o)?.code === mine.code)
  return h('div', { class: 'countdown', key: 'code' }, h('p', {}, v.w.familyCode), h('p', { class: 'code', 'data-about': 'family-code' }, codeText(mine.code)),
    h('p', {}, v.w.familyPeople(mine.size), '. ', left && here < mine.size ? '' : v.w.familyTell(Math.max(0, mine.size - here))),
    // The others would wait for somebody who does not come.
    left && here < mine.size && h('p', { class: 'note', role: 'status', 'data-about': 'family-left' }, v.w.familyGone))
}

function state(v: View, o: Person, kept: Kept): El {
  const mine = householdOf(o)
  const name = o.form.person.name
  const waiting = outboxOf(o).find((w) => w.kind === 'change_wishes' || w.kind === 'register' || w.kind === 'introduce')
  const sent = waiting ? (held(o, waiting) ? v.w.familyHeld : v.w.familySending) : mine && !o.applied && !proven(o) ? v.w.familyKept : undefined
  const leave = (): void => void act(v, kept, (pen) => join(pen, o.id, undefined), () => {
    v.done(v.w.familyLeft(name), false)
    focusSoon('state')
  })
  return h('li', { key: o.id, 'data-person': o.id }, h('strong', {}, name), h('span', { class: 'block' }, mine ? v.w.familyWith(codeText(mine.code), mine.size) : v.w.familyAlone),
    sent !== undefined && h('span', { class: 'hint block' }, sent),
    mine && h('button', { type: 'button', 'data-do': 'family-leave', 'aria-label': v.w.familyLeaveOf(name), onclick: leave }, v.w.familyLeave))
}

function draftOf(p: Person): string {
  return `p-${p.id}-family`
}

/** What was typed, or what stands. */
function typed(v: View, p: Person, people: Person[]): Typed {
  const d = v.drafts.get(draftOf(p))
  if (Object.keys(d).length > 0) return d
  const mine = householdOf(p)
  const with_ = mine ? people.filter((o) => householdOf(o)?.code === mine.code) : people.length <= mostFamily ? people : [p]
  return { who: with_.map((o) => o.id).join(' '), size: mine ? String(mine.size) : '', way: mine ? 'join' : people.length > 1 ? 'new' : '', code: mine ? codeText(mine.code) : '' }
}

function change(v: View, p: Person, people: Person[], kept: Kept): El {
  const d = typed(v, p, people)
  const set = (name: string, again = true) => (value: string): void => {
    v.drafts.replace(draftOf(p), { ...typed(v, p, people), [name]: value }, v.shared.brief(p))
    if (again) v.redraw()
  }
  const who = chosen(d, people)
  return form('family', () => send(v, p, people, kept),
    summary(v, kept.wrong), h('div', { id: 'trouble', tabindex: -1 }, trouble(kept)),
    checks('who', v.w.familyWho, people.map((o) => ({ value: o.id, text: o.form.person.name })), who,
      (id, on) => set('who')(people.map((o) => o.id).filter((o) => (o === id ? on : who.includes(o))).join(' ')), { wrong: kept.wrong['who'] }),
    radios({
      name: 'size', label: v.w.familySize, hint: v.w.familySizeHint, value: d['size'] ?? '', wrong: kept.wrong['size'], choose: set('size'),
      options: [2, 3, 4].map((n) => ({ value: String(n), text: v.w.familyPeople(n) })),
    }),
    radios({
      name: 'way', label: v.w.familyWay, value: d['way'] ?? '', wrong: kept.wrong['way'], choose: set('way'),
      options: [{ value: 'new', text: v.w.familyNew }, { value: 'join', text: v.w.familyJoin }],
    }),
    d['way'] === 'join' && field({
      name: 'code', label: v.w.familyJoinCode, hint: v.w.familyJoinHint, wrong: kept.wrong['code'], value: d['code'] ?? '', input: set('code', false), more: { maxlength: 80, autocapitalize: 'off' },
    }),
    submit('send', v.w.familySend), h('p', { class: 'hint' }, v.w.wishesStays))
}

function chosen(d: Typed, people: Person[]): string[] {
  const ids = (d['who'] ?? '').split(' ')
  return people.map((o) => o.id).filter((id) => ids.includes(id))
}

function send(v: View, p: Person, people: Person[], kept: Kept): void {
  const d = typed(v, p, people)
  const who = chosen(d, people)
  const size = Number(d['size'])
  const code = d['way'] === 'join' ? readCode(d['code'] ?? '') : d['way'] === 'new' ? newCode() : undefined
  const all = new Set([...who, ...people.filter((o) => code !== undefined && householdOf(o)?.code === code).map((o) => o.id)])
  kept.wrong = {}
  if (who.length === 0) kept.wrong['who'] = v.w.familyWhoNone
  if (!(size >= 2 && size <= mostFamily)) kept.wrong['size'] = v.w.familySizeNone
  else if (all.size > size) kept.wrong['size'] = v.w.familySizeSmall
  if (d['way'] !== 'new' && d['way'] !== 'join') kept.wrong['way'] = v.w.familyWayNone
  else if (code === undefined) kept.wrong['code'] = v.w.familyCodeWrong
  if (Object.keys(kept.wrong).length > 0 || code === undefined) {
    showWrong(v)
    return
  }
  // All of them or none: one write.
  void act(v, kept, (pen) => {
    for (const id of who) join(pen, id, { code, size })
  }, () => {
    v.drafts.drop(draftOf(p))
    kept.turn++
    v.done(v.w.changeSaved, true)
    focusSoon('state')
  })
}

/**
 * Names another household, or none; all other wishes stay as they stand. It does not depend on what else happened to the entry meanwhile: a family of
 * which one stays outside, because a time was offered in that minute, would wait in vain.
 */
function join(pen: Pen, id: string, household: Household | undefined): void {
  const p = inState(pen.state, id)
  if (!p) return
  const { region, wishes } = standing(p)
  const { household: _, ...others } = wishes ?? {}
  pen.changeWishes(id, region, { ...others, ...(household && { household }) } as Wishes, false)
}
