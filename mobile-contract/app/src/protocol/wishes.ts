import type { ContractPerson, IntroductionRequest, Registration, Wishes } from './contract.ts'
import { outboxOf, pending, takeOut } from './state.ts'
import type { Form, Person } from './state.ts'

/** A field that is there if the value says anything; left out like this in Go as well, so that "nothing" is written in one way. */
export function maybe<K extends string, V>(name: K, value: V | undefined): { [P in K]?: V } {
  return empty(value) ? {} : ({ [name]: value } as { [P in K]?: V })
}

function empty(value: unknown): boolean {
  return value === undefined || value === null || value === '' || (typeof value === 'object' && Object.keys(value).length === 0)
}

/** Wishes without what says nothing; undefined if that is all. */
export function tidyWishes(w: Wishes | undefined): Wishes | undefined {
  if (w === undefined) return undefined
  const tidy: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(w)) if (!empty(value)) tidy[name] = value
  return empty(tidy) ? undefined : (tidy as Wishes)
}

/** A person without what says nothing. */
export function tidyPerson({ name, birth_date, phone, number }: ContractPerson): ContractPerson {
  return { name, birth_date, phone, ...maybe('number', number) }
}

/** A form as it is kept. */
export function tidyForm(f: Form): Form {
  return { person: tidyPerson(f.person), lang: f.lang, ...maybe('region', f.region), ...maybe('wishes', tidyWishes(f.wishes)) }
}

/** Says for whom the device speaks, and what they wish. */
export function introduction(f: Form, operationID: string): IntroductionRequest {
  return { operation_id: operationID, ...f }
}

/** Whether this person has proven the phone, and has no entry: neither one that was told nor one that is on its way. */
export function prepared(p: Person): boolean {
  return p.told !== undefined && p.told.state === 'prepared' && p.applied !== true && !pending(p, 'register')
}

/** Takes out the wishes that were certainly not carried out: the form holds them, or later ones. */
export function supersede(p: Person): void {
  takeOut(p, (o) => o.kind === 'change_wishes' && (o.sent !== true || o.proof === true))
}

/** Makes an introduction of wishes that waited for the proof, where that has shown that there is no entry to change. None of them was sent. */
export function turn(p: Person): void {
  if (!prepared(p)) return
  const at = outboxOf(p).findIndex((o) => o.kind === 'change_wishes' && o.sent !== true)
  const id = outboxOf(p)[at]?.id
  if (id === undefined) return
  supersede(p)
  const outbox = [...outboxOf(p)]
  outbox.splice(Math.min(at, outbox.length), 0, { id, kind: 'introduce', body: introduction(p.form, id) })
  p.outbox = outbox
}

/**
 * The revision that the person saw. While an own change is under way there is none: it will make another one, and the person wrote this
 * one knowing of it.
 */
export function saw(p: Person, wanted: boolean): Registration['revision'] {
  const proofOnly = outboxOf(p).every((o) => o.kind === 'request_code' || o.kind === 'verify' || o.kind === 'remove_devices')
  return wanted && proofOnly ? p.told?.revision : undefined
}
