// The main scenario, written against the client that openapi-typescript and openapi-fetch make of openapi.yaml. The test
// TestTypeScriptClient (cmd/jari) compiles it as strictly as TypeScript can and runs it against a sandbox:
//
//   node main.mjs http://127.0.0.1:8080
//
// It is short, not a model for an app: it keeps nothing on disk. For that see OFFLINE.md and the folder app.
import { webcrypto as crypto } from 'node:crypto'

import createClient from 'openapi-fetch'

import type { components, paths } from './contract.mjs'

type Schemas = components['schemas']
type Problem = Schemas['Problem']
type Registration = Schemas['Registration']

const base = process.argv[2] ?? 'http://127.0.0.1:8080'
const api = createClient<paths>({ baseUrl: base, headers: { 'Accept-Language': 'en' } })

class Refused extends Error {
  constructor(what: string, readonly problem: Problem) {
    super(`${what}: ${problem.status} ${problem.code}: ${problem.title}. ${problem.detail ?? ''}`)
  }
}

/** The answer's body, or the problem as an error. */
function body<T>(what: string, answer: { data?: T; error?: Problem; response: Response }): T {
  if (answer.error !== undefined) throw new Refused(what, answer.error)
  if (answer.data === undefined) throw new Error(`${what}: ${answer.response.status} without a body`)
  return answer.data
}

function expect(what: string, holds: boolean): void {
  if (!holds) throw new Error(`not so: ${what}`)
}

function done(step: string, what: string): void {
  console.log(`${step}: ${what}`)
}

const operationID = (): string => crypto.randomUUID()

/** 32 random bytes as base64url without padding. */
function makeSecret(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(32))
  return btoa(String.fromCharCode(...bytes)).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '')
}

/** Asks every half second until there is an answer, for a minute at most. */
async function until<T>(what: string, ask: () => Promise<T | undefined>): Promise<T> {
  for (let tries = 0; tries < 120; tries++) {
    const got = await ask()
    if (got !== undefined) return got
    await new Promise((go) => setTimeout(go, 500))
  }
  throw new Error(`waited a minute in vain for ${what}`)
}

/** What the person can do now, in words. The default is what the contract says of values that a client does not know. */
function toDo(next: Schemas['Next']): string {
  switch (next) {
    case 'verify':
      return 'prove the phone'
    case 'answer':
      return 'confirm or decline'
    case 'come':
      return 'be there'
    case 'call':
      return 'call us'
    case 'apply':
      return 'apply again if wanted'
    default:
      return 'nothing; we will text'
  }
}

// ── before ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

const service = body('the service', await api.GET('/v1/service', {}))
expect('the server speaks contract 1', service.contract.startsWith('1.'))
expect('this is a sandbox', service.sandbox)
done('service', `contract ${service.contract}`)

const people = body('the people', await api.GET('/sandbox/people', {}))
const somebody = people.people.find((p) => p.case === 'ordinary')
if (somebody === undefined) throw new Error('the sandbox has nobody ordinary')
const campaign = people.campaign

const document = await api.GET('/v1/campaigns/{campaign}', { params: { path: { campaign } } })
const form = body('the campaign', document)
const cohort = form.cohorts.find((c) => c.born_from <= somebody.person.birth_date && somebody.person.birth_date <= c.born_to)
expect('somebody may apply', cohort !== undefined)
const again = await api.GET('/v1/campaigns/{campaign}', {
  params: { path: { campaign }, header: { 'If-None-Match': document.response.headers.get('ETag') ?? '' } },
  parseAs: 'text',
})
expect('the campaign is not sent twice', again.response.status === 304)
done('campaign', form.names['en'] ?? campaign)

// ── apply, and again ───────────────────────────────────────────────────────────────────────────────────────────────────

const secret = makeSecret()
const headers = { Authorization: `Bearer ${secret}` }
const application: Schemas['RegistrationRequest'] = {
  operation_id: operationID(),
  person: somebody.person,
  lang: 'en',
  ...(somebody.region === undefined ? {} : { region: somebody.region }),
}
const apply = () =>
  api.POST('/v1/campaigns/{campaign}/registrations', { params: { path: { campaign } }, headers, body: application })
const first = body('applying', await apply())
const second = body('applying again', await apply())
expect('the repetition is answered alike', JSON.stringify(first) === JSON.stringify(second))
done('apply', toDo(first.next))

const path = { campaign, reference: first.reference }
const read = async (): Promise<Registration> =>
  body('the entry', await api.GET('/v1/campaigns/{campaign}/registrations/{reference}', { params: { path }, headers }))
expect('an unproven device reads no ticket', (await read()).ticket === undefined)

const early = await api.POST('/v1/campaigns/{campaign}/registrations/{reference}/cancellations', {
  params: { path },
  headers,
  body: { operation_id: operationID() },
})
expect('an unproven device changes nothing', early.error?.code === 'verify_first' && early.response.status === 403)
const page = await fetch(new URL(early.error?.type ?? '', base))
expect('the type of a problem is the address of a page', page.ok && (await page.text()).includes('verify_first'))
done('refusal', early.error?.title ?? '')

// ── prove the phone ────────────────────────────────────────────────────────────────────────────────────────────────────

const inbox = async (): Promise<string[]> =>
  body('the texts', await api.GET('/sandbox/texts', { params: { query: { phone: somebody.person.phone } } })).texts
const before = (await inbox()).length
body('asking for a code', await api.POST('/v1/campaigns/{campaign}/registrations/{reference}/code-requests', {
  params: { path },
  headers,
  body: { operation_id: operationID() },
}))
const code = await until('a code by text', async () =>
  (await inbox()).slice(before).map((text) => /\b\d{6}\b/.exec(text)?.[0]).find((found) => found !== undefined))
body('proving the phone', await api.POST('/v1/campaigns/{campaign}/registrations/{reference}/verifications', {
  params: { path },
  headers,
  body: { operation_id: operationID(), code },
}))
const proven = await read()
expect('a proven device reads the ticket', /^[0-9]{10}$/.test(proven.ticket ?? ''))
done('verify', proven.masked_name ?? '')

// ── wishes: only if nobody changed anything meanwhile ──────────────────────────────────────────────────────────────────

const wished = await until('the wishes to be taken', async () => {
  const { revision, region } = await read()
  const change: Schemas['WishesRequest'] = {
    operation_id: operationID(),
    wishes: { notice_hours: 24 },
    ...(region === undefined ? {} : { region }),
    ...(revision === undefined ? {} : { if_revision: revision }),
  }
  const answer = await api.POST('/v1/campaigns/{campaign}/registrations/{reference}/wishes', { params: { path }, headers, body: change })
  if (answer.error?.code === 'conflict') return undefined // an offer came in between: look, and say it again
  return body('the wishes', answer)
})
expect('they are the last ones', wished.state !== 'withdrawn' && (await read()).wishes?.notice_hours === 24)
done('wishes', 'a day of notice')

// ── the offer, confirmed ───────────────────────────────────────────────────────────────────────────────────────────────

const appointment = await until('an offer', async () => (await read()).appointment)
expect('an offer is to be answered', toDo((await read()).next) === 'confirm or decline')
const yes: Schemas['AnswerRequest'] = { operation_id: operationID(), appointment: appointment.id }
body('confirming', await api.POST('/v1/campaigns/{campaign}/registrations/{reference}/confirmations', { params: { path }, headers, body: yes }))
const confirmed = await read()
expect('it is confirmed', confirmed.state === 'confirmed' && confirmed.appointment?.state === 'confirmed')
done('confirm', `${appointment.site} ${appointment.starts}`)

// ── sync: the same confirmation once more, and what has changed ────────────────────────────────────────────────────────

const entry: Schemas['SyncEntry'] = { campaign, secret, reference: first.reference }
const synced = body('sync', await api.POST('/v1/sync', {
  body: { entries: [{ ...entry, operations: [{ kind: 'register', request: application }, { kind: 'confirm', request: yes }] }] },
}))
const mine = synced.entries[0]
expect('what was done before is done', mine?.results.length === 2 && mine.results.every((r) => r.done))
expect('the entry comes whole', mine?.registration?.ticket === proven.ticket && mine?.registration?.state === 'confirmed')
const cursor = mine?.cursor
if (cursor === undefined) throw new Error('no cursor')
const quiet = body('sync again', await api.POST('/v1/sync', { body: { entries: [{ ...entry, cursor }] } }))
expect('nothing has changed, so nothing is sent', quiet.entries[0]?.registration === undefined && quiet.entries[0]?.problem === undefined)
done('sync', `ask again in ${quiet.ask_again_seconds} s`)
