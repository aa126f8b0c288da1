// The protocol of a client that works without a connection: OFFLINE.md in code, without a browser. It is the client in Go
// (mobile-contract/client) with the same names and the same stored JSON; a test drives both with the same invented histories.
//
// A State, a Pen that writes into it what the person does, and three functions between state and server: next (what to send now, or
// when), took (an answer came) and failed (none came). Time, ids and chance are arguments. All of them change the state that is handed
// in; whoever holds it stores it, before anything is sent and after anything was taken.
export { readAnswer, readProblem } from './answer.ts'
export { before, queueAgain, waitOf } from './before.ts'
export type { Ahead, Span } from './before.ts'
export type * from './contract.ts'
export { decide, ends } from './decide.ts'
export type { Decision } from './decide.ts'
export { readCampaign, readCampaigns, readExplanation, readFreeTimes, readQueue, readService } from './documents.ts'
export { failed } from './failed.ts'
export type { Failure } from './failed.ts'
export { between, instant } from './instant.ts'
export { alike } from './merge.ts'
export { mistrust, next, sending, sizeOf } from './next.ts'
export type { Batch, SentEntry } from './next.ts'
export { note } from './notice.ts'
export type { Notice, NoticeKind } from './notice.ts'
export { asked, fullPause, grown } from './pace.ts'
export { Pen, Refusal } from './pen.ts'
export { fresh } from './random.ts'
export type { Outside } from './pen.ts'
export { Damaged, Newer, decode } from './record.ts'
export { Unreadable } from './read.ts'
export {
  shownAppointment, shownMode, shownNext, shownOrder, shownRate, shownReason, shownStamp, shownState,
} from './shown.ts'
export { cohortOf } from './spread.ts'
export {
  emptyState, format, held, left, mostPending, mostPeople, needsProof, noteClock, opens, outboxOf, pending, personOf, proven, proves, waits,
} from './state.ts'
export type { Bodies, Form, Kind, Operation, OperationOf, Pause, Person, State } from './state.ts'
export { Misfit, took } from './took.ts'
export { prepared } from './wishes.ts'
