// How somebody's application stands, in steps, each of which is true: what is only on this phone is not said to have arrived.
import { cohortOf, held, outboxOf, proven, shownState } from '../protocol/index.ts'
import type { Campaign, Operation, Person } from '../protocol/index.ts'
import { h, type El } from '../ui/dom.ts'
import { count, onDay, toSecond, when } from '../ui/format.ts'
import { campaignOf, zoneOf, type View } from '../ui/view.ts'

/** How much a step wants to be looked at. */
export type Tone = 'done' | 'now' | 'act'

export interface Step {
  name: string
  tone: Tone
  text: string
  hint?: string | undefined
}

/** The last step in a few words, for the list of people. */
export function headline(v: View, p: Person): Step {
  const all = steps(v, p)
  const number = all.find((s) => s.name === 'number')
  const last = all[all.length - 1] ?? { name: 'none', tone: 'now', text: v.w.stepNotApplied }
  return number && last.name === 'waiting' ? { ...last, text: `${number.text} · ${last.text}` } : last
}

export function statusList(v: View, p: Person, all: Step[]): El {
  return h('section', { 'data-about': 'status' }, h('h2', {}, v.w.stepsTitle),
    h('ol', { class: 'steps' }, all.map((s) => h('li', { class: s.tone, key: s.name, 'data-step': s.name },
      h('strong', {}, s.text), s.hint !== undefined && h('span', { class: 'hint block' }, s.hint)))), asOf(v, p))
}

/** When the server told it last: what stands here may be some minutes old. */
function asOf(v: View, p: Person): El | false {
  const heard = p.told && p.ask ? Date.parse(p.ask.from) + v.now - Date.now() : Number.NaN
  const at = Math.max(heard, Date.parse(p.told?.received_at ?? '') || 0) // our clock is known to a second: it was not told before it was received
  return !Number.isNaN(at) && h('p', { class: 'hint', 'data-about': 'as-of' }, v.w.asOf(toSecond(v.lang, zoneOf(campaignOf(v, p)), at)))
}

export function steps(v: View, p: Person): Step[] {
  const application = last(p, 'register')
  if (application) return [...prepared(v, p), unsent(v, p, application)]
  const t = p.told
  if (!t) {
    const introduction = last(p, 'introduce')
    return [introduction ? unsent(v, p, introduction) : { name: 'none', tone: 'act', text: v.w.stepNotApplied, hint: v.w.stepNotAppliedHint }]
  }
  switch (shownState(t.state)) {
    case 'introduced':
    case 'prepared':
      return prepared(v, p)
    case 'withdrawn':
      return [{ name: 'withdrawn', tone: 'done', text: v.w.stepWithdrawn }]
    default:
      return registered(v, p, campaignOf(v, p))
  }
}

function last(p: Person, kind: string): Operation | undefined {
  return [...outboxOf(p)].reverse().find((o) => o.kind === kind)
}

function prepared(v: View, p: Person): Step[] {
  if (p.told?.state === 'introduced') return [{ name: 'introduced', tone: 'act', text: v.w.stepIntroduced, hint: v.w.stepIntroducedHint }]
  if (p.told?.state === 'prepared') return [{ name: 'prepared', tone: last(p, 'register') ? 'done' : 'act', text: v.w.stepPrepared, hint: last(p, 'register') ? undefined : v.w.stepPreparedHint }]
  return []
}

/** What is still on this phone: saved, on its way, or sent without an answer. */
function unsent(v: View, p: Person, o: Operation): Step {
  const c = campaignOf(v, p)
  const opens = c && cohortOf(c, p.form.person.birth_date)?.opens
  if (o.kind === 'register' && opens !== undefined && v.now < Date.parse(opens)) {
    return { name: 'early', tone: 'now', text: v.w.stepWaitsOpening(when(v.lang, zoneOf(c), opens)), hint: v.w.stepWaitsOpeningHint }
  }
  if (o.stamp !== undefined) return { name: 'stamped', tone: 'now', text: v.w.stepStamped, hint: v.w.stepStampedHint }
  if (v.device.sending) return { name: 'sending', tone: 'now', text: v.w.stepSending, hint: p.forget_after ? v.w.sharedWait : undefined }
  if (o.sent && v.device.line === 'down') return { name: 'saved', tone: 'now', text: v.w.stepSaved, hint: p.forget_after ? v.w.sharedWait : v.w.stepTriedHint }
  if (o.sent) return { name: 'sent', tone: 'now', text: v.w.stepSent, hint: p.forget_after ? v.w.sharedWait : v.w.stepSentHint }
  if (o.kind === 'register' && o.rest && !o.tries) return { name: 'saved', tone: 'now', text: v.w.stepSpread }
  return { name: 'saved', tone: 'now', text: v.w.stepSaved, hint: p.forget_after ? v.w.sharedWait : v.w.stepSavedHint }
}

function registered(v: View, p: Person, c: Campaign | undefined): Step[] {
  const t = p.told
  if (!t) return []
  const out: Step[] = [{ name: 'registered', tone: 'done', text: v.w.stepRegistered(`${onDay(v.lang, zoneOf(c), t.received_at)} ${toSecond(v.lang, zoneOf(c), t.received_at)}`) }]
  if (!proven(p)) return [...out, { name: 'verify', tone: 'act', text: v.w.stepVerify, hint: v.w.codeSms }]
  const place = t.place
  if (place?.number !== undefined) out.push({ name: 'number', tone: 'done', text: v.w.stepNumber(count(place.number)), hint: place.late ? v.w.stepLate : v.w.stepNumberHint })
  else if (place?.after_draw) out.push({ name: 'draw', tone: 'now', text: v.w.stepDraw, hint: v.w.stepDrawHint })
  else if (place) out.push({ name: 'no-number', tone: 'now', text: v.w.stepNoNumber, hint: place.estimate === undefined ? undefined : v.w.stepEstimate(count(place.estimate)) })
  const waiting: Step = { name: 'waiting', tone: 'now', text: v.w.stepWaiting, hint: t.wishes?.household ? v.w.stepWaitingFamily : v.w.stepWaitingHint }
  const at: Record<string, Step> = {
    waiting,
    received: waiting,
    offered: { name: 'offered', tone: 'act', text: v.w.stepOffered },
    confirmed: { name: 'confirmed', tone: 'done', text: v.w.stepConfirmed },
    attended: { name: 'attended', tone: 'done', text: v.w.stepAttended },
    missed: { name: 'missed', tone: 'done', text: v.w.stepMissed },
  }
  const step = at[shownState(t.state)]
  if (step) out.push(step)
  return out
}

/** What else waits in the outbox, so that what stands on the page and what was wished are both seen. */
export function pendingList(v: View, p: Person): El | false {
  const waiting = outboxOf(p).filter((o) => o.kind !== 'register' && o.kind !== 'introduce')
  if (waiting.length === 0) return false
  return h('section', { class: 'pending', 'data-about': 'pending' }, h('h2', {}, v.w.pendingTitle),
    h('ul', {}, waiting.map((o) => h('li', { key: o.id, 'data-kind': o.kind },
      h('strong', {}, v.w.kinds[o.kind] ?? v.w.pendingOther), h('span', { class: 'hint block' }, held(p, o) ? v.w.pendingHeld : v.w.pendingLater)))))
}
