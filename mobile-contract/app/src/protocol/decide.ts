import type { Problem, ProblemCode } from './contract.ts'

/**
 * What a problem makes the client do with an operation. OFFLINE.md has the table.
 * - repeat: the same again after a pause
 * - give up: never again unchanged; the person is told
 * - conflict: given up as well: the server's state counts, and is shown
 * - hold: kept until the phone on file is proven
 * - wait: kept until the opening
 */
export type Decision = 'repeat' | 'give up' | 'conflict' | 'hold' | 'wait'

// A code that the contract gains does not compile here until somebody has decided.
const decisions: Record<ProblemCode, Decision> = {
  internal: 'repeat',
  overloaded: 'repeat',
  conflict: 'conflict',
  verify_first: 'hold',
  not_open_yet: 'wait',
  invalid: 'give up',
  unauthorized: 'give up',
  secret_malformed: 'give up',
  agent_unauthorized: 'give up',
  closed: 'give up',
  not_eligible: 'give up',
  no_campaign: 'give up',
  no_queue: 'give up',
  no_ticket: 'give up',
  not_found: 'give up',
  method_not_allowed: 'give up',
  too_large: 'give up',
  unsupported_media: 'give up',
  operation_reused: 'give up',
  wrong_code: 'give up',
  live_campaign: 'give up',
  too_many: 'give up',
}

/** Decides about an operation's problem, from the code and, when that is unknown, from the status. */
export function decide(p: Problem): Decision {
  // The code is a stranger's word: "constructor" must not find what every object has.
  if (Object.prototype.hasOwnProperty.call(decisions, p.code)) return decisions[p.code]
  return p.status >= 500 || p.status < 400 ? 'repeat' : 'give up'
}

/** Whether an entry's own problem means that this device has nothing there any more. */
export function ends(p: Problem): boolean {
  return p.code === 'unauthorized' || p.code === 'no_campaign'
}
