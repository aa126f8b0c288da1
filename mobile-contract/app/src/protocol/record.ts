import { problem, registration } from './answer.ts'
import type { ContractPerson, Weekday, Wishes } from './contract.ts'
import { instant } from './instant.ts'
import type { Notice } from './notice.ts'
import { Unreadable, list, object, saysSomething, shape, text, whole, yes } from './read.ts'
import { format, mostPeople } from './state.ts'
import type { Form, Operation, Pause, Person, State } from './state.ts'

/** What is stored is damaged. */
export class Damaged extends Error {
  constructor(why: string) {
    super(`what is stored is damaged: ${why}`)
    this.name = 'Damaged'
  }
}

/** What is stored was written by a newer version of this program. Nothing of it may be touched. */
export class Newer extends Error {
  constructor() {
    super('what is stored was written by a newer version of this program')
    this.name = 'Newer'
  }
}

/** What is stored has no zeros and no "no" either. */
const stored = (value: unknown): boolean => saysSomething(value) && value !== 0 && value !== false

const pause = (value: unknown): Pause => {
  const p = shape<Pause>({ from: text, millis: whole }, {})(value)
  if (instant(p.from) === undefined) throw new Unreadable('no instant')
  return p
}

const person = shape<ContractPerson>({ name: text, birth_date: text, phone: text }, { number: text })

const wishes = shape<Wishes>({}, {
  sites: list(text), max_km: whole, not_before: text, not_after: text, weekdays: list<Weekday>(text), times: list(shape({ from: text, to: text }, {})),
  needs: list(text), notice_hours: whole, household: shape({ code: text, size: whole }, {}),
})

const form = shape<Form>({ person, lang: text }, { region: text, wishes })

const body = (value: unknown): Record<string, unknown> => {
  if (value === undefined || value === null) throw new Unreadable('no body')
  return object(value)
}

/** An operation, of whatever kind: what the body holds is the server's to read. */
const operation = shape<Omit<Operation, 'body'> & { body: Record<string, unknown> }>(
  { id: text, kind: text, body },
  { stamp: text, sent: yes, tries: whole, rest: pause, proof: yes },
  stored,
) as unknown as (value: unknown) => Operation

const somebody = shape<Person>(
  { id: text, campaign: text, secret: text, form },
  {
    reference: text, cursor: text, told: registration, outbox: list(operation), ask: pause, applied: yes, spent: yes, forget_after: yes,
  },
  stored,
)

const notice = shape<Notice>({ number: whole, why: text }, { person: text, kind: text, problem, dropped: whole }, stored)

const state = shape<State>(
  { format: whole, people: list(somebody) },
  {
    notices: list(notice), tries: whole, rest: pause, asked: yes, narrow: yes, ahead: whole, serial: whole,
  },
  stored,
)

/** Reads a record that this program stored, or the client in Go. It throws Damaged or Newer. */
export function decode(value: unknown): State {
  const s = readable(value)
  if (s.format !== format || s.people.length > mostPeople) throw new Damaged('format')
  const seen = new Set<string>()
  for (const p of s.people) {
    if (p.id === '' || p.secret === '' || p.campaign === '' || seen.has(p.id)) throw new Damaged('a person')
    seen.add(p.id)
    if ((p.outbox ?? []).some((o) => o.id === '')) throw new Damaged('an operation')
  }
  return s
}

function readable(value: unknown): State {
  try {
    // First of all: what a newer version wrote may look damaged to this one, and is not.
    const written = object(value)['format']
    if (Number.isInteger(written) && (written as number) > format) throw new Newer()
    return state(value)
  } catch (e) {
    throw e instanceof Unreadable ? new Damaged(e.message) : e
  }
}
