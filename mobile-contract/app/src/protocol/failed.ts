import type { Problem } from './contract.ts'
import { decide } from './decide.ts'
import { sizeOf } from './next.ts'
import type { Batch } from './next.ts'
import { asked, grown } from './pace.ts'
import { indexOf, outboxOf, pause, personOf } from './state.ts'
import type { State } from './state.ts'
import { forgetDone, refused } from './took.ts'

/** A request without a usable answer. status 0 and nothing else is a connection that broke or was never there. */
export interface Failure {
  status: number
  /** Seconds, if the answer said. */
  retryAfter?: number
  /** If the answer held one. */
  problem?: Problem
}

/** Takes the failure of a batch: nothing is lost by it but time. dice is in [0, 1). */
export function failed(s: State, b: Batch, f: Failure, now: number, dice: number): void {
  s.tries = (s.tries ?? 0) + 1
  s.rest = pause(now, grown(s.tries, dice))
  delete s.asked
  if (f.status === 429 || f.status === 503) {
    const header = f.retryAfter ?? 0
    const seconds = header > 0 ? header : f.problem?.retry_after_seconds ?? 0
    if (seconds > 0) {
      s.rest = pause(now, asked(seconds, dice))
      s.asked = true
    }
  } else if (f.problem !== undefined && whole(f)) pieces(s, b, f.problem, now, dice)
}

/** Whether the server itself refused the request as a whole; what merely stands between us and it says no problem details. */
function whole(f: Failure): boolean {
  return f.status === 400 || f.status === 413 || f.status === 422
}

/** Goes on in smaller pieces, until the one that the server cannot take stands alone and is given up. */
function pieces(s: State, b: Batch, problem: Problem, now: number, dice: number): void {
  if (sizeOf(b) > 1 || b.sent.length > 1) {
    s.narrow = true
    return
  }
  const sent = b.sent[0]
  const p = sent && personOf(s, sent.person)
  if (p === undefined || p.secret !== sent?.secret) return
  const o = outboxOf(p)[indexOf(p, sent.operations[0] ?? '')]
  if (o === undefined) return
  const unlike: Problem = decide(problem) === 'give up' ? problem : { ...problem, code: 'invalid' }
  refused(s, p, o, unlike, { now, dice, askAgain: 0 })
  forgetDone(s)
}
