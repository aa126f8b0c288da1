// The public documents: campaigns are kept on the disk, so that the form works on a plane; counts are kept in memory only, because an old one
// says nothing.
import type { Campaign, Campaigns, FreeTimes, QueueDocument, Service } from '../protocol/contract.ts'
import { asked, grown, queueAgain, readCampaign, readCampaigns, readFreeTimes, readQueue, readService } from '../protocol/index.ts'
import { getDocument } from './http.ts'
import type { Store } from './store.ts'

interface Kept {
  etag: string
  /** Milliseconds, the device's clock. */
  fetched: number
  body: unknown
}

/** A document in memory, with when it came and whether it is being fetched. */
export interface Shown<T> {
  body: T | undefined
  /** Milliseconds, the device's clock; 0 when it never came. */
  fetched: number
  etag: string
  busy: boolean
  /** Tries in a row that brought nothing. */
  misses: number
  /** When it was tried last, by the device's clock. */
  tried: number
  /** In [0, 1): its part of the random pause before the next try. */
  luck: number
  /** Milliseconds for which the server asked to be left alone, after the last try. */
  rest: number
}

/** The version of the contract that this app was made for. */
const madeFor = '1.1.0'
const day = 86_400_000

export class Documents {
  private readonly kept = new Map<string, Kept>()
  private readonly shown = new Map<string, Shown<unknown>>()
  private readonly busy = new Set<string>()
  /** Which documents the server wants to be left alone about: since when, by the device's clock, and for how long. Milliseconds. */
  private readonly rests = new Map<string, { from: number; span: number }>()

  constructor(private readonly store: Store, private readonly lang: () => string, private readonly tell: () => void, private readonly clock: (date: number | undefined) => void) {}

  async open(slugs: string[]): Promise<void> {
    for (const name of ['campaigns', 'service', ...new Set(slugs.map(campaignName))]) await this.load(name)
  }

  private async load(name: string): Promise<Kept | undefined> {
    const had = this.kept.get(name)
    if (had) return had
    const stored = await this.store.get<Kept>('documents', name).catch(() => undefined)
    const body = stored && fitting(readerOf(name), stored.body) // of an older version of this app, perhaps
    if (body !== undefined && stored && !this.kept.has(name)) this.kept.set(name, { ...stored, body })
    return this.kept.get(name)
  }

  /** Reads a campaign's copy, or fetches it if there is none. */
  async openCampaign(slug: string): Promise<void> {
    if (!(await this.load(campaignName(slug)))) await this.fetchCampaign(slug)
    this.tell()
  }

  /** This app was made for a version of the contract that is no longer enough. */
  outdated(): boolean {
    const least = this.service()?.minimum
    return least !== undefined && older(madeFor, least)
  }

  campaign(slug: string): Campaign | undefined {
    return this.kept.get(campaignName(slug))?.body as Campaign | undefined
  }

  campaigns(): Campaigns | undefined {
    return this.kept.get('campaigns')?.body as Campaigns | undefined
  }

  service(): Service | undefined {
    return this.kept.get('service')?.body as Service | undefined
  }

  fetchCampaign(slug: string): Promise<boolean> {
    return this.fetch(campaignName(slug), `/v1/campaigns/${encodeURIComponent(slug)}`)
  }

  fetchCampaigns(): Promise<boolean> {
    return this.fetch('campaigns', '/v1/campaigns')
  }

  /** At most once a day. */
  async fetchService(): Promise<void> {
    const had = await this.load('service')
    if (had && Math.abs(Date.now() - had.fetched) < day) return
    await this.fetch('service', '/v1/service')
  }

  /** Fetches again what the server has named another ETag of. */
  stale(etags: Record<string, string>): void {
    for (const [slug, etag] of Object.entries(etags)) {
      if (this.kept.get(campaignName(slug))?.etag !== etag) void this.fetchCampaign(slug)
    }
  }

  /** Somebody looks at a queue's count now: it is fetched when it is due. */
  watch(campaign: string, queue: string): void {
    if (isDue(this.queue(campaign, queue))) void this.fetchQueue(campaign, queue)
  }

  /** Somebody looks at what is free at a site now: it is fetched when it is due. */
  watchFree(campaign: string, site: string): void {
    if (isDue(this.freeTimes(campaign, site))) void this.fetchFreeTimes(campaign, site)
  }

  /** The count of a queue as it is at hand. */
  queue(campaign: string, queue: string): Shown<QueueDocument> {
    return this.look(queuePath(campaign, queue))
  }

  fetchQueue(campaign: string, queue: string): Promise<void> {
    return this.poll(queuePath(campaign, queue), (d) => only(readQueue(d), (q) => q.queue === queue))
  }

  /** What is free at a site, as it is at hand. */
  freeTimes(campaign: string, site: string): Shown<FreeTimes> {
    return this.look(freePath(campaign, site))
  }

  fetchFreeTimes(campaign: string, site: string): Promise<void> {
    return this.poll(freePath(campaign, site), (d) => only(readFreeTimes(d), (f) => f.site === site))
  }

  private look<T>(path: string): Shown<T> {
    let s = this.shown.get(path)
    if (!s) {
      s = { body: undefined, fetched: 0, etag: '', busy: false, misses: 0, tried: 0, luck: Math.random(), rest: 0 }
      this.shown.set(path, s)
    }
    return s as Shown<T>
  }

  private async poll(path: string, read: Reading): Promise<void> {
    const s = this.look<unknown>(path)
    if (s.busy) return
    s.busy = true
    s.tried = Date.now()
    s.luck = Math.random()
    const missed = s.misses + 1
    try {
      const a = await getDocument(path, s.etag, this.lang())
      s.rest = a.status === 503 || a.status === 429 ? asked(a.retryAfter, s.luck) : 0
      const body = a.status === 200 ? fitting(read, a.body) : undefined
      if (body !== undefined) Object.assign(s, { body, etag: a.etag, fetched: Date.now(), misses: 0 })
      else if (a.status === 304 && s.body !== undefined) Object.assign(s, { fetched: Date.now(), misses: 0 })
      else s.misses = missed
    } catch {
      s.misses = missed
    }
    s.busy = false
    this.tell()
  }

  /** Fetches a stored document if there is another one than the one at hand. False: the copy at hand, if any, has to do. */
  private async fetch(name: string, path: string): Promise<boolean> {
    const rest = this.rests.get(name)
    if (this.busy.has(name) || (rest && Math.abs(Date.now() - rest.from) < rest.span)) return false
    this.busy.add(name)
    try {
      const had = await this.load(name)
      const a = await getDocument(path, had?.etag ?? '', this.lang())
      if (a.status === 503 || a.status === 429) this.rests.set(name, { from: Date.now(), span: asked(a.retryAfter, Math.random()) })
      const body = a.status === 200 ? fitting(readerOf(name), a.body) : undefined
      if (body !== undefined) {
        this.clock(a.date) // and not by that of a login page
        this.keep(name, { etag: a.etag, fetched: Date.now(), body })
        return true
      }
      if (a.status === 304 && had) {
        this.clock(a.date)
        this.keep(name, { ...had, fetched: Date.now() })
        return true
      }
    } catch {
      // no line: the copy at hand
    } finally {
      this.busy.delete(name)
    }
    return false
  }

  /** What cannot be stored serves until the tab is closed. */
  private keep(name: string, d: Kept): void {
    this.kept.set(name, d)
    void this.store.put('documents', name, d).catch(() => undefined)
    this.tell()
  }
}

/** Nobody looks at a tab in the background. */
function isDue(s: Shown<{ next_change_seconds: number }>): boolean {
  if (document.hidden || s.busy) return false
  const due = Math.max(s.body ? queueAgain(s.body, s.luck) : 0, s.misses > 0 ? grown(s.misses, s.luck) : 0)
  return Math.abs(Date.now() - Math.max(s.fetched, s.tried)) >= Math.max(due, s.rest) // a clock that was set back ends the pause
}

/** Reads a document as this version of the app knows it, or throws; undefined when it is not the one that was asked for. */
type Reading = (d: unknown) => unknown

/** Reads a document; undefined when it is none of ours: a login page, or one of another place. */
function fitting(read: Reading, d: unknown): unknown {
  if (typeof d !== 'object' || d === null) return undefined
  try {
    return read(d)
  } catch {
    return undefined
  }
}

function only<T>(d: T, fits: (d: T) => boolean): T | undefined {
  return fits(d) ? d : undefined
}

/** How a document that is stored is read. */
function readerOf(name: string): Reading {
  if (name === 'service') return (d) => only(readService(d), (s) => s.contract !== '')
  // A list that is not there is not an empty one: it would say that nothing can be booked.
  if (name === 'campaigns') return (d) => ('campaigns' in (d as object) ? only(readCampaigns(d), (l) => l.campaigns.every((c) => c.campaign !== '')) : undefined)
  return (d) => only(readCampaign(d), (c) => campaignName(c.campaign) === name)
}

function campaignName(slug: string): string {
  return `campaign-${slug}`
}

function queuePath(campaign: string, queue: string): string {
  return `/v1/campaigns/${encodeURIComponent(campaign)}/queues/${encodeURIComponent(queue)}`
}

function freePath(campaign: string, site: string): string {
  return `/v1/campaigns/${encodeURIComponent(campaign)}/sites/${encodeURIComponent(site)}/free-times`
}

/** Compares two versions, number by number. What is no version is not older. */
function older(a: string, b: string): boolean {
  const x = a.split('.').map(Number)
  const y = b.split('.').map(Number)
  for (let i = 0; i < 3; i++) {
    const m = x[i] ?? 0
    const n = y[i] ?? 0
    if (m !== n) return m < n
  }
  return false
}
