// Which days and places suit. It reads what stands, or what was half typed, and says beside each field what cannot be asked for.
import { outboxOf, personOf as inState, prepared, shownState } from '../protocol/index.ts'
import type { Campaign, Pen, Person } from '../protocol/index.ts'
import { act, trouble, type Act } from '../ui/act.ts'
import { h, type El, type Kid } from '../ui/dom.ts'
import { button, checks, field, focusSoon, form, group, redrawTo, select, showWrong, submit, summary } from '../ui/parts.ts'
import { go, href } from '../ui/router.ts'
import { zoneOf, type MoreView as View } from '../ui/view.ts'
import { dayIn, named } from '../ui/format.ts'
import { codeText } from './household.ts'
import { belowCampaign } from './nobody.ts'
import { regionField, type Wrong } from './person.ts'
import { places } from './places.ts'
import { check, mostTimes, needText, presets, standing, wantedOf, weekdays, wishesOf, type Wanted } from './wanted.ts'

/** What the parts of the page work on. */
export interface Wishing {
  w: Wanted
  wrong: Wrong
  /** Keeps a change; with again the page is drawn anew. */
  set(change: Partial<Wanted>, again?: boolean): void
}

interface Kept extends Act {
  wrong: Wrong
  clearing?: boolean
  /** Counts how often the form was filled in by us: its fields are made anew then. */
  turn: number
  moved?: boolean
  /** The lower part of the form is there, too. */
  whole?: boolean
}

export const wishes = belowCampaign('wishes', (v) => v.w.wishesTitle, body)

function draftOf(p: Person): string {
  return `p-${p.id}-wishes`
}

/** What stands, as a text to compare: somebody else may change it while this form is open. */
function basis(p: Person): string {
  return JSON.stringify(wantedOf(standing(p)))
}

/** The form as it was left, or what stands. */
function filled(v: View, p: Person): Wanted {
  const d = v.drafts.get(draftOf(p))
  try {
    if (d['wanted'] !== undefined) return JSON.parse(d['wanted']) as Wanted
  } catch {
    // of another version: what stands
  }
  return wantedOf(standing(p))
}

function body(v: View, p: Person, c: Campaign): Kid[] {
  const kept = v.keep<Kept>(() => ({ wrong: {}, turn: 0 }))
  if (kept.whole === undefined) {
    // In two steps: drawn at once, the longest form of all would keep a slow phone busy for longer than a tap may.
    kept.whole = false
    setTimeout(() => {
      kept.whole = true
      v.redraw()
    })
  }
  const set: Wishing['set'] = (change, again = true) => {
    const d = v.drafts.get(draftOf(p))
    const next = { base: d['base'] ?? basis(p), wanted: JSON.stringify({ ...filled(v, p), ...change }) }
    v.drafts.replace(draftOf(p), next, v.shared.brief(p))
    if (again) v.redraw()
  }
  const w = filled(v, p)
  const all: Wishing = { w, wrong: kept.wrong, set }
  const household = standing(p).wishes?.household
  const state = p.told && shownState(p.told.state)
  return [
    h('p', {}, v.w.wishesIntro),
    household && h('p', { class: 'note', 'data-about': 'household' }, v.w.wishesHousehold(codeText(household.code))),
    (state === 'offered' || state === 'confirmed') && h('p', { class: 'note' }, v.w.wishesAppointed),
    mine(v, p, kept, set),
    h('div', { key: `form-${kept.turn}`, id: 'form', tabindex: -1 }, form('wishes', () => send(v, p, c, kept),
      summary(v, kept.wrong), trouble(kept), kept.moved && moved(v, p, kept),
      c.regions.length > 0 && regionField(v, c, w.region, (region) => set({ region }, false), v.w.wishRegionHint, kept.wrong['region']),
      places(v, c, all),
      kept.whole && [days(v, all), times(v, all), needs(v, c, all), notice(v, all), submit('send', v.w.wishesSend), h('p', { class: 'hint' }, v.w.wishesStays)])),
    kept.whole && clear(v, p, kept),
  ]
}

/** A change that was refused, or overtaken by somebody else's, is still in the form: nothing that was chosen is lost. */
function mine(v: View, p: Person, kept: Kept, set: Wishing['set']): El | false {
  const last = wantedOf({ region: p.form.region, wishes: p.form.wishes })
  const empty = JSON.stringify(wantedOf({ region: undefined, wishes: undefined }))
  if (v.drafts.get(draftOf(p))['wanted'] !== undefined || JSON.stringify(last) === basis(p) || JSON.stringify({ ...last, region: '' }) === empty) return false
  const load = (): void => {
    kept.turn++
    set(last)
    focusSoon('form')
  }
  return h('div', { class: 'note', key: 'mine', 'data-about': 'mine' }, h('p', {}, v.w.wishesMine), button('mine', v.w.wishesMineLoad, load))
}

/** Whether this browser has a field for days; an old one shows a plain text field. */
function hasDays(): boolean {
  const input = document.createElement('input')
  input.setAttribute('type', 'date')
  return input.type === 'date'
}

function days(v: View, { w, wrong, set }: Wishing): Kid {
  const day = (name: 'from' | 'to', label: string): El => field({
    name, label, hint: hasDays() ? v.w.wishDayOpen : v.w.wishDayHint, wrong: wrong[name], value: w[name], input: (value) => set({ [name]: value }, false), more: { type: 'date', max: '2099-12-31' },
  })
  return [
    h('h2', { key: 'days' }, v.w.wishDays), day('from', v.w.wishFrom), day('to', v.w.wishTo),
    checks('weekdays', v.w.wishWeekdays, [...new Set([...weekdays, ...w.weekdays])].map((d) => ({ value: d, text: named(v.w.weekdayNames, d) ?? d })), w.weekdays,
      (d, on) => set({ weekdays: toggled(w.weekdays, d, on) }), { hint: v.w.wishWeekdaysHint, wrong: wrong['weekdays'] }),
  ]
}

function times(v: View, { w, wrong, set }: Wishing): Kid {
  const names = Object.keys(presets) as (keyof typeof presets)[]
  const change = (i: number, part: Partial<Wanted['own'][number]>): void => set({ own: w.own.map((t, j) => (j === i ? { ...t, ...part } : t)) }) // drawn anew, so that the next stroke builds on it
  const remove = (i: number) => (): void => {
    set({ own: w.own.filter((_, j) => j !== i) })
    focusSoon('own-add')
  }
  const add = (): void => {
    set({ own: [...w.own, { from: '', to: '' }] })
    focusSoon(`f-from-${w.own.length}`)
  }
  return [
    checks('parts', v.w.wishTimes, names.map((n) => ({ value: n, text: v.w.partNames[n] })), w.parts,
      (n, on) => set({ parts: names.filter((m) => (m === n ? on : w.parts.includes(m))) }), { hint: v.w.wishTimesHint, wrong: wrong['parts'] }),
    w.own.map((t, i) => group({ name: `time-${i}`, label: v.w.wishOwnOf(i + 1), hint: v.w.wishOwnHint, wrong: wrong[`time-${i}`] },
      h('div', { class: 'two' },
        field({ name: `from-${i}`, label: v.w.wishOwnFrom, value: t.from, input: (from) => change(i, { from }), more: { inputmode: 'numeric', maxlength: 8 } }),
        field({ name: `to-${i}`, label: v.w.wishOwnTo, value: t.to, input: (to) => change(i, { to }), more: { inputmode: 'numeric', maxlength: 8 } })),
      button(`own-remove-${i}`, v.w.wishOwnRemove(i + 1), remove(i)))),
    w.parts.length + w.own.length < mostTimes && h('p', { key: 'own-add' }, h('button', { type: 'button', id: 'own-add', 'data-do': 'own-add', onclick: add }, v.w.wishOwnAdd)),
  ]
}

function needs(v: View, c: Campaign, { w, wrong, set }: Wishing): Kid {
  const tags = [...new Set([...w.needs, ...c.sites.reduce<string[]>((all, s) => all.concat(s.tags), [])])].sort()
  return tags.length > 0 && checks('needs', v.w.wishNeeds, tags.map((t) => ({ value: t, text: needText(v.w, t) })), w.needs,
    (t, on) => set({ needs: toggled(w.needs, t, on) }), { hint: v.w.wishNeedsHint, wrong: wrong['needs'] })
}

const notices = [24, 48, 72, 168, 336] // hours

function notice(v: View, { w, wrong, set }: Wishing): El {
  const hours = [...new Set([...notices, ...(Number(w.notice) > 0 ? [Number(w.notice)] : [])])].sort((a, b) => a - b)
  return select({
    name: 'notice', label: v.w.wishNotice, hint: v.w.wishNoticeHint, value: w.notice, wrong: wrong['notice'], choose: (n) => set({ notice: n }, false),
    options: [{ value: '', text: v.w.wishNoticeAny }, ...hours.map((n) => ({ value: String(n), text: v.w.noticeHours(n) }))],
  })
}

function toggled(all: string[], one: string, on: boolean): string[] {
  return on ? [...all.filter((o) => o !== one), one] : all.filter((o) => o !== one)
}

/** It was changed elsewhere meanwhile. */
function moved(v: View, p: Person, kept: Kept): El {
  const theirs = (): void => {
    v.drafts.drop(draftOf(p))
    delete kept.moved
    kept.turn++
    redrawTo(v, 'form')
  }
  return h('div', { class: 'bad', role: 'alert', id: 'moved', tabindex: -1, 'data-about': 'moved' }, h('p', {}, v.w.wishesMoved), button('theirs', v.w.wishesTheirs, theirs))
}

function send(v: View, p: Person, c: Campaign, kept: Kept): void {
  const w = filled(v, p)
  kept.wrong = check(v.w, c, w, dayIn(zoneOf(c), v.now))
  if (Object.keys(kept.wrong).length > 0) {
    showWrong(v)
    return
  }
  const base = v.drafts.get(draftOf(p))['base']
  if (base !== undefined && base !== basis(p) && !kept.moved) {
    kept.moved = true
    redrawTo(v, 'moved')
    return
  }
  write(v, p, kept, w)
}

function write(v: View, p: Person, kept: Kept, w: Wanted): void {
  void act(v, kept, (pen) => wish(pen, p.id, w), () => {
    v.drafts.drop(draftOf(p))
    v.done(nothingToSend(p) ? v.w.changeKept : v.w.changeSaved, !nothingToSend(p))
    go(href('p', p.id), true)
  })
}

/** Writes the wishes; the household stays as it is now. */
function wish(pen: Pen, id: string, w: Wanted): void {
  const now = inState(pen.state, id)
  pen.changeWishes(id, w.region === '' ? undefined : w.region, wishesOf(w, now && standing(now).wishes?.household), true)
}

function nothingToSend(p: Person): boolean {
  return p.reference === undefined && outboxOf(p).length === 0 && !prepared(p)
}

/** All wishes back, after it was asked whether that is meant. */
function clear(v: View, p: Person, kept: Kept): El {
  const ask = (): void => {
    kept.clearing = true
    redrawTo(v, 'clear-ask')
  }
  const keep = (): void => {
    delete kept.clearing
    redrawTo(v, 'clear')
  }
  const none = wantedOf({ region: filled(v, p).region, wishes: undefined })
  return h('section', { key: 'clear' }, kept.clearing
    ? h('div', { class: 'note' }, h('p', { id: 'clear-ask', tabindex: -1 }, v.w.wishesClearAsk),
        h('div', { class: 'row' }, button('clear-yes', v.w.wishesClearYes, () => write(v, p, kept, none)), button('clear-no', v.w.no, keep)))
    : h('button', { type: 'button', class: 'plain', id: 'clear', 'data-do': 'clear', onclick: ask }, v.w.wishesClear))
}
