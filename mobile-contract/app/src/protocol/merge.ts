import type { Bodies, Kind, Operation, Person } from './state.ts'
import { keep } from './state.ts'

/** Kinds of which a later one takes the place of an earlier one that was never sent. */
const replaced: readonly Kind[] = ['change_wishes', 'ask_swap', 'introduce', 'verify', 'set_helper']

const answers = (o: Operation): o is Extract<Operation, { kind: 'confirm' | 'decline' }> => o.kind === 'confirm' || o.kind === 'decline'

/**
 * Puts a new operation in the place of the last one in the outbox, where the last one can make no difference any more. Only what was
 * certainly never sent is replaced, and always under the new id: an id never stands for two bodies. It says whether there is nothing left
 * to append.
 */
export function merge(who: Person, next: Operation): boolean {
  const outbox = who.outbox ?? []
  const last = outbox[outbox.length - 1]
  if (last === undefined) return false
  if (last.kind === next.kind && same(last.body, next.body)) return true // tapped twice
  if (last.sent === true) return false
  const put = (o: Operation): true => {
    outbox[outbox.length - 1] = o
    return true
  }
  if (next.kind === 'change_wishes' && (last.kind === 'register' || last.kind === 'introduce')) {
    return put({ ...last, id: next.id, body: withWishes(last.body, next.body) } as Operation)
  }
  if (next.kind === last.kind && replaced.includes(next.kind)) keepRevision(last, next)
  else if (!answers(next) || !answers(last) || next.body.appointment !== last.body.appointment) return false
  keep(next, 'rest', last.rest)
  keep(next, 'proof', last.proof)
  return put(next)
}

/** Compares two bodies without their ids. */
function same(a: object, b: object): boolean {
  return alike({ ...a, operation_id: '' }, { ...b, operation_id: '' })
}

/** Compares two values as JSON: the order of fields says nothing. */
export function alike(a: unknown, b: unknown): boolean {
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return a === b
  if (Array.isArray(a) !== Array.isArray(b)) return false
  const x = a as Record<string, unknown>
  const y = b as Record<string, unknown>
  const names = Object.keys(x)
  return names.length === Object.keys(y).length && names.every((n) => Object.prototype.hasOwnProperty.call(y, n) && alike(x[n], y[n]))
}

/** Changed wishes inside an application or introduction that was not sent yet. */
function withWishes<B extends Bodies['register' | 'introduce']>(body: B, wanted: Bodies['change_wishes']): B {
  const changed: B = { ...body, operation_id: wanted.operation_id }
  keep(changed, 'region', wanted.region)
  keep(changed, 'wishes', wanted.wishes)
  return changed
}

/** Lets the later body name the revision that the earlier one named: the person wrote both on the same view. */
function keepRevision(last: Operation, next: Operation): void {
  const revision = 'if_revision' in last.body ? last.body.if_revision : undefined
  if (revision !== undefined) (next.body as Bodies['change_wishes']).if_revision = revision
}
