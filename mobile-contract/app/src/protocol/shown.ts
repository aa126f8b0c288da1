// An answer may hold words that this client does not know yet. Each is kept as it came, and shown as the contract says.
import type { AppointmentState, CohortOrder, EntryState, FieldReason, Mode, Next, QueueRateState, StampOutcome } from './contract.ts'

/** All words of an enum. One that is missing, or one too many, does not compile. */
type All<T extends string> = Record<T, true>

function known<T extends string>(all: All<T>, otherwise: NoInfer<T>): (v: T) => T {
  return (v) => (Object.prototype.hasOwnProperty.call(all, v) ? v : otherwise)
}

const states: All<EntryState> = {
  received: true, introduced: true, prepared: true, waiting: true, offered: true, confirmed: true, attended: true, missed: true, withdrawn: true,
}
const nexts: All<Next> = { verify: true, nothing: true, answer: true, come: true, call: true, apply: true }
const appointments: All<AppointmentState> = {
  offered: true, confirmed: true, attended: true, missed: true, declined: true, lapsed: true, cancelled: true,
}
const orders: All<CohortOrder> = { arrival: true, draw: true }
const modes: All<Mode> = { rehearsal: true, live: true }
const rates: All<QueueRateState> = { known: true, no_round: true, no_capacity: true, too_few_rounds: true }
const stamps: All<StampOutcome> = { counted: true, invalid: true, expired: true, too_early: true }
const reasons: All<FieldReason> = { value: true, unknown: true, repeated: true, type: true, syntax: true }

/** Where the entry stands, in words that are known here. */
export const shownState = known(states, 'waiting')
/** What the person can do now. */
export const shownNext = known(nexts, 'nothing')
/** What became of an appointment. Where it is not known, the number to call is shown as well. */
export const shownAppointment = known(appointments, 'cancelled')
/** How a cohort is served. */
export const shownOrder = known(orders, 'arrival')
/** Tells a rehearsal from the real thing. */
export const shownMode = known(modes, 'rehearsal')
/** What is known of a queue's pace. */
export const shownRate = known(rates, 'too_few_rounds')
/** What became of a stamp. */
export const shownStamp = known(stamps, 'invalid')
/** What is wrong with a field. */
export const shownReason = known(reasons, 'value')
