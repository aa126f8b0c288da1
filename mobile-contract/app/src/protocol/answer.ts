import type {
  Appointment, CurrentWishes, Place, Problem, Receipt, Registration, SyncAnswer, SyncResult, SyncedEntry, Weekday,
} from './contract.ts'
import { list, record, saysSomething, shape, text, whole, yes } from './read.ts'
import type { Reader } from './read.ts'
import { Misfit } from './took.ts'

const appointment = shape<Appointment>({ id: text, site: text, starts: text, ends: text, state: text }, {})

const place = shape<Place>({ queue: text, late: yes }, { number: whole, estimate: whole, after_draw: yes, draw_id: text })

const wishes = shape<CurrentWishes>(
  { sites: list(text), weekdays: list<Weekday>(text) },
  {
    max_km: whole, not_before: text, not_after: text, notice_hours: whole, needs: list(text), times: list(shape({ from: text, to: text }, {})),
    household: shape({ code: text, size: whole }, {}),
  },
)

/** Reads an entry as the server tells it. */
export const registration: Reader<Registration> = shape<Registration>(
  { reference: text, state: text, received_at: text, next: text, ask_again_seconds: whole },
  {
    ticket: text, masked_name: text, place, appointment, swap_asked: yes, region: text, wishes, helper: text, revision: text,
  },
)

/** Reads a problem. */
export const problem: Reader<Problem> = shape<Problem>(
  { type: text, title: text, status: whole, code: text },
  {
    detail: text, field: text, reason: text, at: text, now: text, cohort: text, retry_after_seconds: whole, stamp: text,
  },
)

const receipt = shape<Receipt>({ reference: text, state: text, received_at: text, next: text, ask_again_seconds: whole }, { stamp: text })

const result = shape<SyncResult>({ operation_id: text, done: yes }, { receipt, problem })

// An empty cursor says something: everything is told again.
const entry = shape<SyncedEntry>({ results: list(result) }, { reference: text, cursor: text, registration, problem }, () => true)

const answer = shape<SyncAnswer>({ entries: list(entry), campaigns: record(text), ask_again_seconds: whole }, {})

/** Reads the body of a 200 of sync. It throws Misfit for anything that is not the contract's, such as a login page on the way. */
export function readAnswer(value: unknown): SyncAnswer {
  try {
    return answer(value)
  } catch {
    throw new Misfit()
  }
}

/** Reads problem details; undefined where the answer holds none. */
export function readProblem(value: unknown): Problem | undefined {
  try {
    const p = problem(value)
    return saysSomething(p.code) ? p : undefined
  } catch {
    return undefined
  }
}
