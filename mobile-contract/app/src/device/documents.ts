// The public documents: campaigns are kept on the disk, so that the form works on a plane; counts are kept in memory only, because an old one
// says nothing.
import type { Campaign, Campaigns, FreeTimes, QueueDocument, Service } from '../protocol/contract.ts'
import { queueAgain, readCampaign, readCampaigns, readFreeTimes, readQueue, readService } from '../protocol/index.ts'
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
  /** The last try to fetch it brought nothing. */
  missed: boolean
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
const again = 5_000 // milliseconds, after a try that brought nothing

export class Documents {
  private readonly kept = new Map<string, Kept>()
  private readonly shown = new Map<string, Shown<unknown>>()
  private readonly busy = new Set<string>()

  constructor(private readonly store: Store, private readonly lang: () => string, private readonly tell: () => void, private readonly clock: (date: number | undefined) => void) {}

  async open(slugs: string[]): Promise<void> {
    for (const name of ['campaigns', 'service', ...new Set(slugs.map(campaignName))]) await this.load(name)
  }

  private async load(name: string): Promise<Kept | undefined> {
    const had = this.kept.get(name)
    if (had) return had
    const stored = await this.store.get<Kept>('documents', name).catch(() => undefined)
    if (stored && !this.kept.has(name)) this.kept.set(name, stored)
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
    return this.fetch(campaignName(slug), `/v1/campaigns/${encodeURIComponent(slug)}`, (d) => readCampaign(d).campaign === slug)
  }

  fetchCampaigns(): Promise<boolean> {
    return this.fetch('campaigns', '/v1/campaigns', (d) => readCampaigns(d).campaigns.every((c) => c.campaign !== ''))
  }

  /** At most once a day. */
  async fetchService(): Promise<void> {
    const had = await this.load('service')
    if (had && Math.abs(Date.now() - had.fetched) < day) return
    await this.fetch('service', '/v1/service', (d) => readService(d).contract !== '')
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
    return this.poll(queuePath(campaign, queue), (d) => readQueue(d).queue === queue)
  }

  /** What is free at a site, as it is at hand. */
  freeTimes(campaign: string, site: string): Shown<FreeTimes> {
    return this.look(freePath(campaign, site))
  }

  fetchFreeTimes(campaign: string, site: string): Promise<void> {
    return this.poll(freePath(campaign, site), (d) => readFreeTimes(d).site === site)
  }

  private look<T>(path: string): Shown<T> {
    let s = this.shown.get(path)
    if (!s) {
      s = { body: undefined, fetched: 0, etag: '', busy: false, missed: false, tried: 0, luck: Math.random(), rest: 0 }
      this.shown.set(path, s)
    }
    return s as Shown<T>
  }

  /** fits reads the document, and throws or says no when it is not what was asked for: a login page, or one of another place. */
  private async poll(path: string, fits: (d: unknown) => boolean): Promise<void> {
    const s = this.look<unknown>(path)
    if (s.busy) return
    s.busy = true
    s.tried = Date.now()
    s.luck = Math.random()
    try {
      const a = await getDocument(path, s.etag, this.lang())
      this.clock(a.date)
      s.missed = false
      s.rest = a.status === 503 || a.status === 429 ? a.retryAfter * 1000 * (1 + s.luck / 4) : 0
      if (a.status === 200 && isObject(a.body) && fits(a.body)) {
        s.body = a.body
        s.etag = a.etag
        s.fetched = Date.now()
      } else if (a.status === 304) {
        s.fetched = Date.now()
      } else {
        s.missed = true
      }
    } catch {
      s.missed = true
    }
    s.busy = false
    this.tell()
  }

  /** Fetches a stored document if there is another one than the one at hand. False: the copy at hand, if any, has to do. */
  private async fetch(name: string, path: string, fits: (d: unknown) => boolean): Promise<boolean> {
    if (this.busy.has(name)) return false
    this.busy.add(name)
    try {
      const had = await this.load(name)
      const a = await getDocument(path, had?.etag ?? '', this.lang())
      this.clock(a.date)
      if (a.status === 200 && isObject(a.body) && fits(a.body)) {
        this.keep(name, { etag: a.etag, fetched: Date.now(), body: a.body })
        return true
      }
      if (a.status === 304 && had) {
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
  const due = s.body ? queueAgain(s.body, s.luck) : again
  return Date.now() - Math.max(s.fetched, s.tried) >= Math.max(due, s.rest)
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

function isObject(v: unknown): boolean {
  return typeof v === 'object' && v !== null
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
