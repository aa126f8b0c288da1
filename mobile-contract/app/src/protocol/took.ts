import type { OperationID, Problem, Receipt, SyncAnswer, SyncResult, SyncedEntry } from './contract.ts'
import { decide, ends } from './decide.ts'
import { between, instant } from './instant.ts'
import type { Batch, SentEntry } from './next.ts'
import { note, unsay } from './notice.ts'
import { asked, firstPause, grown, longest, mostPause, second } from './pace.ts'
import { held, indexOf, keep, opens, outboxOf, pause, personOf, proves, remove, takeOut } from './state.ts'
import type { Operation, Person, State } from './state.ts'
import { turn } from './wishes.ts'

/** An answer that does not fit what was asked. Everything is kept, and sent again. */
export class Misfit extends Error {
  constructor(what = 'an answer that does not fit what was asked') {
    super(what)
    this.name = 'Misfit'
  }
}

/** When and with what luck an answer is taken. */
export interface Taking {
  now: number
  dice: number
  /** Seconds, for entries that do not say. */
  askAgain: number
}

/** Takes the answer to a batch. dice is in [0, 1). It throws Misfit, and then has changed nothing. */
export function took(s: State, b: Batch, a: SyncAnswer, now: number, dice: number): void {
  if (a.entries.length !== b.sent.length) throw new Misfit()
  b.sent.forEach((sent, i) => {
    const results = a.entries[i]?.results ?? []
    if (results.length > sent.operations.length || !results.every((r, j) => fits(r, sent.operations[j]))) throw new Misfit()
  })
  for (const name of ['tries', 'rest', 'asked', 'narrow'] as const) delete s[name]
  a.entries.forEach((e, i) => {
    const sent = b.sent[i]
    const p = sent && personOf(s, sent.person)
    if (p === undefined || p.secret !== sent?.secret) return // forgotten or begun afresh meanwhile
    tookEntry(s, p, sent, e, { now, dice, askAgain: a.ask_again_seconds })
  })
  forgetDone(s)
}

/** Stands in a result for the id of an operation that the server could not read so far. */
const unread = '00000000-0000-0000-0000-000000000000'

/** Whether a result can be the one of an operation. */
function fits(r: SyncResult, id: OperationID | undefined): boolean {
  return (r.operation_id === id && (r.done || r.problem !== undefined)) || (r.operation_id === unread && !r.done && r.problem !== undefined)
}

function tookEntry(s: State, p: Person, sent: SentEntry, e: SyncedEntry, t: Taking): void {
  if (e.reference) p.reference = e.reference
  e.results.forEach((r, j) => tookResult(s, p, sent.operations[j] ?? '', r, t))
  if (e.problem !== undefined && ends(e.problem) && (sent.named || p.reference !== undefined)) {
    const dropped = outboxOf(p).length
    remove(s, p.id)
    note(s, { person: sent.person, why: 'gone', problem: e.problem, dropped })
    return
  }
  leave(p, sent, e, t)
  if (e.registration !== undefined) {
    p.told = e.registration
    keep(p, 'reference', e.registration.reference)
    keep(p, 'cursor', e.cursor)
  } else if (e.cursor !== undefined) keep(p, 'cursor', e.cursor)
  turn(p)
  rest(p, e, t)
}

/** Gives operations a pause that were sent and have no result although nothing says why: otherwise they would go round at once. */
function leave(p: Person, sent: SentEntry, e: SyncedEntry, t: Taking): void {
  const first = outboxOf(p)[indexOf(p, sent.operations[0] ?? '')]
  if (e.results.length === 0 && first !== undefined) again(first, e.problem, t)
}

/** Says when to ask about the entry again. */
function rest(p: Person, e: SyncedEntry, t: Taking): void {
  let seconds = t.askAgain
  if (e.problem !== undefined) seconds = Math.max(e.problem.retry_after_seconds ?? 0, firstPause / second)
  else if (p.told !== undefined) seconds = p.told.ask_again_seconds
  p.ask = pause(t.now, asked(seconds, t.dice))
}

/** Takes what became of one operation. */
function tookResult(s: State, p: Person, id: OperationID, r: SyncResult, t: Taking): void {
  const o = outboxOf(p)[indexOf(p, id)]
  if (o === undefined) return // not waited for any more: a code that was entered meanwhile
  if (r.done) {
    did(p, o, r.receipt)
    unsay(s, p.id, o.kind)
    drop(p, id)
  } else if (r.problem !== undefined) refused(s, p, o, r.problem, t)
}

/** Does with an operation what its problem says. */
export function refused(s: State, p: Person, o: Operation, problem: Problem, t: Taking): void {
  const kind = o.kind
  let d = decide(problem)
  if (p.forget_after === true && (d === 'hold' || d === 'wait')) d = 'give up' // nobody will be there
  if (opens(kind) && problem.code === 'too_many') d = 'repeat' // nobody stays out because of a limit
  switch (d) {
    case 'repeat':
      again(o, problem, t)
      return
    case 'hold':
      if (kind === 'change_wishes' && superseded(p, o.id)) {
        drop(p, o.id)
        return
      }
      again(o, undefined, t)
      o.proof = true
      note(s, { person: p.id, why: 'unproven', kind, problem })
      return
    case 'wait':
      again(o, undefined, t)
      o.rest = pause(t.now, until(problem))
      note(s, { person: p.id, why: 'early', kind, problem })
      return
    case 'give up':
    case 'conflict':
      if (d === 'conflict' && kind === 'register') p.spent = true
      unsay(s, p.id, kind)
      note(s, { person: p.id, why: d === 'conflict' ? 'conflict' : 'refused', kind, problem, dropped: giveUp(p, o.id) })
  }
}

/** Whether an application or introduction behind an operation holds its wishes, or later ones. */
function superseded(p: Person, id: OperationID): boolean {
  return outboxOf(p).slice(indexOf(p, id)).some((o) => opens(o.kind))
}

/** Gives an operation a pause before it is sent again, and keeps the first stamp that came with it. */
function again(o: Operation, problem: Problem | undefined, t: Taking): void {
  o.tries = (o.tries ?? 0) + 1
  const seconds = problem?.retry_after_seconds ?? 0
  o.rest = pause(t.now, seconds > 0 ? asked(seconds, t.dice) : grown(o.tries, t.dice))
  if (o.stamp === undefined && o.kind === 'register') keep(o, 'stamp', problem?.stamp)
}

/** How far the opening is away, by the server's own two clocks; five minutes if it does not say. */
function until(p: Problem): number {
  const at = instant(p.at ?? '')
  const now = instant(p.now ?? '')
  if (at === undefined || now === undefined) return mostPause
  return Math.min(Math.max(between(now, at), second), longest)
}

/** Notes what an acknowledged operation changes on the device. */
function did(p: Person, o: Operation, receipt: Receipt | undefined): void {
  if (o.kind === 'register') p.applied = true
  if (o.kind === 'cancel') p.spent = true
  if (o.kind === 'verify') {
    for (const waiting of outboxOf(p)) {
      if (waiting.proof !== true) continue
      delete waiting.proof
      delete waiting.rest
    }
  }
  if (!receipt?.reference) return
  p.reference = receipt.reference
  if (p.told !== undefined) return
  const { reference, state, received_at, next, ask_again_seconds } = receipt
  p.told = { reference, state, received_at, next, ask_again_seconds }
}

/**
 * Takes an operation out of the outbox for good, and says how many went with it: where the first one could not even say whom it is about,
 * those behind it have nobody.
 */
function giveUp(p: Person, id: OperationID): number {
  const outbox = [...outboxOf(p)]
  const at = indexOf(p, id)
  let end = at + 1
  const operation = outbox[at]
  if (p.reference === undefined && operation !== undefined && opens(operation.kind)) {
    for (let o = outbox[end]; o !== undefined && !opens(o.kind); o = outbox[end]) end++
  }
  outbox.splice(at, end - at)
  keep(p, 'outbox', outbox)
  return end - at
}

function drop(p: Person, id: OperationID): void {
  takeOut(p, (o) => o.id === id)
}

/**
 * Removes those of a shared device for whom nothing waits but what only a code would let go. What was said to them about refusals stays
 * until it is seen, because the person stands there and waits for it; it holds nothing personal.
 */
export function forgetDone(s: State): void {
  for (const p of [...s.people].reverse()) {
    if (p.forget_after !== true || outboxOf(p).some((o) => proves(o.kind) || !held(p, o))) continue
    const said = (s.notices ?? []).filter((n) => n.person === p.id && (n.why === 'refused' || n.why === 'conflict'))
    remove(s, p.id)
    keep(s, 'notices', [...(s.notices ?? []), ...said])
    note(s, { person: p.id, why: 'left', dropped: outboxOf(p).length })
  }
}
