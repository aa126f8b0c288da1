// All that a device knows, beside the public documents. It is plain JSON, the same that the client in Go stores, and is stored as a
// whole, so that it is never half-changed. What is zero, false or empty is left out, as there.
import type { ContractPerson, OperationID, Registration, SyncOperation, Wishes } from './contract.ts'
import { instant, text } from './instant.ts'
import type { Notice } from './notice.ts'
import { longest } from './pace.ts'

/** For how many people one device speaks; the contract's limit. */
export const mostPeople = 6
/** How many operations of one person may wait to be sent. */
export const mostPending = 50
/** How many notices are kept; the oldest go first. */
export const mostNotices = 50
/** The number of the stored record's form. */
export const format = 1

/** All that a device knows. */
export interface State {
  format: number
  people: Person[]
  /** What the person has not been shown yet, oldest first. */
  notices?: Notice[]
  /** How many syncs failed in a row. */
  tries?: number
  /** How long to leave the server alone. */
  rest?: Pause
  /** The server itself named that time: then nothing shortens it. */
  asked?: boolean
  /** The next requests are as small as they can be, one operation: a larger one was refused as a whole. */
  narrow?: boolean
  /** How many seconds the server's clock is ahead of ours, as its last answer said. For showing and spreading only. */
  ahead?: number
  /** Numbers the notices. */
  serial?: number
}

/** One person for whom this device speaks. */
export interface Person {
  /** Local: never sent. */
  id: string
  campaign: string
  secret: string
  form: Form
  /** Once the server gave one. */
  reference?: string
  cursor?: string
  /** The entry as the server told it last. */
  told?: Registration
  outbox?: Operation[]
  /** Until when asking again makes no sense. */
  ask?: Pause
  /** An application was acknowledged. */
  applied?: boolean
  /** The secret's entry was withdrawn, so that applying takes a new secret. */
  spent?: boolean
  /** A shared device: everything about the person goes as soon as the outbox is empty. */
  forget_after?: boolean
}

/** What was typed about a person. It is kept so that an application takes one tap. */
export interface Form {
  person: ContractPerson
  region?: string
  wishes?: Wishes
  lang: string
}

/** The name of an operation, as the contract has it. */
export type Kind = SyncOperation['kind']

/** The body that each kind's own path takes, without the stamp. */
export type Bodies = { [O in SyncOperation as O['kind']]: O['request'] }

/** An operation of one kind. */
export interface OperationOf<K extends Kind> {
  id: OperationID
  kind: K
  body: Bodies[K]
  /** The first one that the server gave. */
  stamp?: string
  /** It may have reached the server. */
  sent?: boolean
  /** Answers that said: again. */
  tries?: number
  /** Not before. */
  rest?: Pause
  /** Waits until the phone on file is proven. */
  proof?: boolean
}

/** Something the person did that the server has not answered for good. id and body never change once it was sent. */
export type Operation = { [K in Kind]: OperationOf<K> }[Kind]

/**
 * A time during which something is left alone. It is a span since an instant and not an end, because a device's clock may be set: a
 * clock that went back ends every pause, and one that went forward shortens it; both harm nobody.
 */
export interface Pause {
  from: string
  millis: number
}

/** What a device knows that knows nothing. */
export function emptyState(): State {
  return { format, people: [] }
}

/** Whether an operation can stand first, before there is a reference. */
export function opens(kind: Kind): boolean {
  return kind === 'introduce' || kind === 'register'
}

/** Whether an operation is about proving the phone. */
export function proves(kind: Kind): boolean {
  return kind === 'request_code' || kind === 'verify'
}

/** Whether the server takes the operation only from a device that has proven the phone on file. */
export function needsProof(kind: Kind): boolean {
  return !opens(kind) && !proves(kind) && kind !== 'remove_devices'
}

/** A pause from now on. */
export function pause(now: number, millis: number): Pause {
  return { from: text(now), millis }
}

/** How long a pause goes on. */
export function left(p: Pause | undefined, now: number): number {
  if (p === undefined) return 0
  const from = instant(p.from)
  if (from === undefined || now < from.millis || (now === from.millis && from.nanos > 0)) return 0
  return Math.max(0, Math.min(p.millis, longest) - (now - from.millis) + (from.nanos > 0 ? 1 : 0))
}

/** Notes how far the server's clock is ahead of ours, as the date of an answer says; both in milliseconds since 1970. */
export function noteClock(s: State, server: number, now: number): void {
  keep(s, 'ahead', Math.trunc((server - now) / 1000))
}

/** The outbox of a person, also where it is left out because it is empty. */
export function outboxOf(p: Person): readonly Operation[] {
  return p.outbox ?? []
}

/** Puts a value into a field, or leaves the field out where Go would: so the stored records are the same. */
export function keep<T extends object, K extends keyof T>(into: T, name: K, value: T[K] | undefined): void {
  if (value === undefined || value === 0 || value === false || value === '' || (Array.isArray(value) && value.length === 0)) delete into[name]
  else into[name] = value
}

/** Finds somebody on this device. */
export function personOf(s: State, id: string): Person | undefined {
  return s.people.find((p) => p.id === id)
}

/** Deletes everything about a person but what was said about the deletion. */
export function remove(s: State, id: string): void {
  s.people = s.people.filter((p) => p.id !== id)
  keep(s, 'notices', (s.notices ?? []).filter((n) => n.person !== id))
}

/** Whether this device has been told what only one that proved the phone is told. */
export function proven(p: Person): boolean {
  return p.told !== undefined && p.told.next !== 'verify' && p.told.state !== 'received' && p.told.state !== 'introduced'
}

/** Whether an operation waits for the phone to be proven. What this device has been told is enough to know: it is not sent in vain. */
export function held(p: Person, o: Operation): boolean {
  return !proven(p) && (o.proof === true || (needsProof(o.kind) && p.told !== undefined))
}

/** Whether anything of anybody waits to be sent or answered. */
export function waits(s: State): boolean {
  return s.people.some((p) => outboxOf(p).length > 0)
}

/** Whether an operation of a kind waits to be sent or answered. */
export function pending(p: Person, kind: Kind): boolean {
  return outboxOf(p).some((o) => o.kind === kind)
}

/** Where an operation stands in the outbox; -1 if it does not. */
export function indexOf(p: Person, id: OperationID): number {
  return outboxOf(p).findIndex((o) => o.id === id)
}

/** Takes the operations out of the outbox of which it is true. */
export function takeOut(p: Person, which: (o: Operation) => boolean): void {
  keep(p, 'outbox', outboxOf(p).filter((o) => !which(o)))
}
