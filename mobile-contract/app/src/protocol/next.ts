import type { SyncEntry, SyncOperation, SyncRequest } from './contract.ts'
import { longAway } from './pace.ts'
import { held, indexOf, left, opens, outboxOf, personOf, proves } from './state.ts'
import type { Operation, Person, State } from './state.ts'
import { maybe } from './wishes.ts'

/** How many operations of one entry go into one request; the contract's limit. */
const mostOperations = 10

/** One request of sync, and which of the device's operations it carries. */
export interface Batch {
  request: SyncRequest
  sent: SentEntry[]
}

/** What an entry of the request stands for. */
export interface SentEntry {
  person: string
  secret: string
  /** The request named a reference. */
  named: boolean
  operations: string[]
}

/** How many operations a batch carries. */
export function sizeOf(b: Batch): number {
  return b.sent.reduce((n, e) => n + e.operations.length, 0)
}

/**
 * Makes the request that is due now. Before it leaves, sending must have noted that and the state must be stored. When nothing is due there
 * is no batch, and wait says in how many milliseconds something will be.
 */
export function next(s: State, now: number): { batch?: Batch; wait: number } {
  const rest = left(s.rest, now)
  if (rest > 0) return { wait: rest }
  const batch: Batch = { request: { entries: [] }, sent: [] }
  let wait = longAway
  for (const p of s.people) {
    const { ready, later } = readyOf(p, now)
    wait = Math.min(wait, later)
    if (p.reference !== undefined) {
      const ask = left(p.ask, now)
      wait = Math.min(wait, ask)
      if (ready.length === 0 && ask > 0) continue
    } else if (ready.length === 0) continue
    add(batch, p, s.narrow === true ? ready.slice(0, 1) : ready)
    if (s.narrow === true) break
  }
  return batch.sent.length === 0 ? { wait } : { batch, wait: 0 }
}

/**
 * The operations that may be sent now, and when another one may be. They go in the order in which they were written, but that what follows
 * on one that waits stays behind it; that what proves the phone goes ahead of what may need that; that an application or introduction goes
 * ahead of what waits for the proof (written wishes are in it); and that nothing else goes beside one, because it might be carried out
 * although that was not.
 */
function readyOf(p: Person, now: number): { ready: Operation[]; later: number } {
  const { proofs, later } = proofsOf(p, now)
  const proving = p.applied === true && proofs.some((o) => o.kind === 'verify')
  const others: Operation[] = []
  let blocked = false
  let waits = false
  let opened = p.reference !== undefined
  for (const o of outboxOf(p)) {
    const first = opens(o.kind)
    if (proofs.length + others.length === mostOperations || proves(o.kind)) continue
    if (held(p, o) && !proving) {
      waits = true // behind a code they may go where there is an entry: if it is wrong, they are all refused alike
    } else if (left(o.rest, now) > 0 || blocked || (waits && !first) || (!opened && !first)) {
      blocked = blocked || !waits || first
    } else {
      others.push(o)
      opened = opened || first
      blocked = first
    }
  }
  if (p.reference !== undefined) return { ready: [...proofs, ...others], later }
  return { ready: others.length === 0 ? [] : [...others, ...proofs], later } // the first one names the person
}

/** What proves the phone and may be sent now, and when any operation may be that rests. */
function proofsOf(p: Person, now: number): { proofs: Operation[]; later: number } {
  const proofs: Operation[] = []
  let later = longAway
  for (const o of outboxOf(p)) {
    const rest = left(o.rest, now)
    if (rest > 0) later = Math.min(later, rest)
    else if (proves(o.kind) && proofs.length < mostOperations / 2) proofs.push(o)
  }
  return { proofs, later }
}

/** Puts a person's operations into the request. */
function add(b: Batch, p: Person, ready: Operation[]): void {
  const entry: SyncEntry = {
    campaign: p.campaign, secret: p.secret, ...maybe('reference', p.reference), ...maybe('cursor', p.cursor), ...maybe('operations', ready.map(wire)),
  }
  b.request.entries.push(entry)
  b.sent.push({ person: p.id, secret: p.secret, named: p.reference !== undefined, operations: ready.map((o) => o.id) })
}

/** Notes that a batch's operations may have reached the server from now on: they are never changed again. */
export function sending(s: State, b: Batch): void {
  for (const e of b.sent) {
    const p = personOf(s, e.person)
    if (p === undefined) continue
    for (const id of e.operations) {
      const o = outboxOf(p)[indexOf(p, id)]
      if (o !== undefined) o.sent = true
    }
  }
}

/** Takes every operation for one that was sent: the copy that would say so is damaged. So none of them gets another id or body. */
export function mistrust(s: State): void {
  for (const p of s.people) for (const o of outboxOf(p)) o.sent = true
}

/** An operation as the contract has it. */
function wire(o: Operation): SyncOperation {
  const request = o.kind === 'register' && o.stamp !== undefined ? { ...o.body, stamp: o.stamp } : o.body
  return { kind: o.kind, request } as SyncOperation
}
