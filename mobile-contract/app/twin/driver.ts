// Lets a test drive the protocol from outside: one command for each line of the standard input, one answer for each on the standard
// output. mobile-contract/client's twin tests send the same to the client in Go and compare what comes of it.
import {
  Damaged, Misfit, Newer, Pen, Refusal, Unreadable, asked, before, cohortOf, decide, decode, emptyState, ends, failed, grown, held, instant, mistrust, next,
  note, noteClock, outboxOf, pending, prepared, proven, queueAgain, readAnswer, readCampaign, readProblem, readQueue, sending, shownAppointment, shownMode,
  shownNext, shownOrder, shownRate, shownReason, shownStamp, shownState, took, waitOf,
} from '../src/protocol/index.ts'
import type { Batch, Kind, Place, State } from '../src/protocol/index.ts'

declare const process: {
  readonly stdin: { setEncoding(encoding: string): void; on(event: 'data', take: (chunk: string) => void): void }
  readonly stdout: { write(text: string): void }
}

interface Command {
  do: string
  method: string
  args: unknown[]
  now: number
  dice: number
  random: string // hexadecimal
  campaign: unknown
  batch: number
  value: unknown
  seconds: number
  place: Place
  kind: Kind
  status: number
  word: string
}

let state: State = emptyState()
let batches: Record<number, Batch> = {}

/** Does what a person does, with the random bytes of the command and no more. */
function write(c: Command): unknown {
  let used = 0
  const pen = new Pen(state, {
    now: c.now,
    random(bytes) {
      if (c.random.length / 2 - used < bytes.length) throw new Error('no more randomness')
      for (let i = 0; i < bytes.length; i++) bytes[i] = parseInt(c.random.substr(2 * (used + i), 2), 16)
      used += bytes.length
    },
    dice: () => c.dice,
    campaign: () => (c.campaign === null ? undefined : readCampaign(c.campaign)),
  })
  const methods = pen as unknown as Record<string, (...args: unknown[]) => unknown>
  const method = methods[c.method]
  if (method === undefined) throw new Error(`no method ${c.method}`)
  return method.apply(pen, c.args.map((a) => (a === null ? undefined : a))) ?? null
}

function batchOf(c: Command): Batch {
  const b = batches[c.batch]
  if (b === undefined) throw new Error('no such batch')
  return b
}

const commands: Record<string, (c: Command) => unknown> = {
  new: () => {
    state = emptyState()
    batches = {}
    return null
  },
  pen: write,
  next: (c) => {
    const { batch, wait } = next(state, c.now)
    if (batch === undefined) return { wait }
    batches[c.batch] = JSON.parse(JSON.stringify(batch)) as Batch // as a worker may get it
    return { wait, ...batch }
  },
  wait: (c) => next(state, c.now).wait,
  sending: (c) => sending(state, batchOf(c)) ?? null,
  took: (c) => took(state, batchOf(c), readAnswer(c.value), c.now, c.dice) ?? null,
  failed: (c) => {
    const problem = readProblem(c.value)
    failed(state, batchOf(c), { status: c.status, retryAfter: c.seconds, ...(problem && { problem }) }, c.now, c.dice)
    return null
  },
  mistrust: () => {
    mistrust(state)
    note(state, { why: 'restored' })
    return null
  },
  ahead: (c) => {
    noteClock(state, c.seconds, c.now)
    return null
  },
  decode: (c) => {
    state = decode(c.value)
    return null
  },
  decide: (c) => {
    const p = readProblem(c.value)
    return p === undefined ? null : { decision: decide(p), ends: ends(p) }
  },
  pace: (c) => ({ grown: grown(c.seconds, c.dice), asked: asked(c.seconds, c.dice) }),
  cohort: (c) => cohortOf(readCampaign(c.campaign), c.word)?.code ?? null,
  queue: (c) => {
    const d = readQueue(c.value)
    return { before: before(d, c.place), wait: waitOf(d, c.place), again: queueAgain(d, c.dice) }
  },
  instant: (c) => instant(c.word) ?? null,
  shown: (c) => {
    const all = [shownState, shownNext, shownAppointment, shownOrder, shownMode, shownRate, shownStamp, shownReason] as unknown as ((v: string) => string)[]
    return all.map((shown) => shown(c.word))
  },
}

/** What the pages ask about each person. */
function views(kind: Kind): unknown[] {
  return state.people.map((p) => ({
    proven: proven(p), prepared: prepared(p), pending: pending(p, kind), held: outboxOf(p).map((o) => held(p, o)),
  }))
}

function nameOf(e: unknown): string {
  if (e instanceof Refusal) return e.why
  if (e instanceof Misfit) return 'misfit'
  if (e instanceof Damaged) return 'damaged'
  if (e instanceof Newer) return 'newer'
  if (e instanceof Unreadable) return 'unreadable'
  return e instanceof Error ? `broken: ${e.stack ?? e.message}` : 'broken'
}

function answer(line: string): string {
  const c = JSON.parse(line) as Command
  let error = ''
  let out: unknown = null
  try {
    out = (commands[c.do] ?? (() => { throw new Error(`no command ${c.do}`) }))(c)
  } catch (e) {
    error = nameOf(e)
  }
  return JSON.stringify(sorted({ error, out, state, views: views(c.kind) }))
}

/** The same with the fields of each object in order, so that equal values are equal texts. */
function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(sorted)
  const fields = value as Record<string, unknown>
  const out: Record<string, unknown> = {}
  for (const name of Object.keys(fields).sort()) out[name] = sorted(fields[name])
  return out
}

let rest = ''
process.stdin.setEncoding('utf8')
process.stdin.on('data', (chunk) => {
  const lines = (rest + chunk).split('\n')
  rest = lines.pop() ?? ''
  for (const line of lines) process.stdout.write(`${answer(line)}\n`)
})
