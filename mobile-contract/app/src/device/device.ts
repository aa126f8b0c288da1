// The device: the record, the way to the server, and the other tabs. Writes what a person does, sends it when it is due, and tells
// whoever shows it that something has changed.
import { emptyState, fresh, fullPause, next, sending, waits, Newer, Pen } from '../protocol/index.ts'
import type { Batch, State } from '../protocol/index.ts'
import { Documents } from './documents.ts'
import { getDocument, postSync } from './http.ts'
import type { Answer } from './http.ts'
import { NoStorage, NotSaved, Store } from './store.ts'
import type { Beside } from './store.ts'
import { tabNames, writeTab } from './tab.ts'
import { absorb, lineOf } from './taking.ts'
import type { Line } from './taking.ts'

/** What went wrong last with storing or reading; it is shown until it is over. */
export type Trouble = 'newer' | 'no_storage' | 'not_saved' | 'cleared'

export const tag = 'jari-outbox' // of Background Sync
const channel = 'jari'
const lock = 'jari-sync'
const worthKeeping = 5_000 // milliseconds
const leastPause = 50 // milliseconds
const leased = 30_000 // milliseconds: a little longer than a request may take
const elsewhere = 5_000 // milliseconds, while another tab sends: it may be closed before it is done
const storagePause = 5_000 // milliseconds
const probePause = 30_000 // milliseconds
const jitter = 3_000 // milliseconds: those who come out of a tunnel together do not come at once

export class Device {
  readonly store: Store
  readonly documents: Documents
  /** The record as it was read last; undefined before it was read. */
  state: State | undefined
  trouble: Trouble | undefined
  line: Line = 'unknown'
  /** Everything was deleted: this page has nothing to keep anything in. */
  wiped = false
  /** A request is under way. */
  sending = false
  private readonly listeners = new Set<() => void>()
  private readonly tabs = typeof BroadcastChannel === 'undefined' ? undefined : new BroadcastChannel(channel)
  private timer: ReturnType<typeof setTimeout> | undefined
  private reading = 0
  private looking: ReturnType<typeof setTimeout> | undefined
  private halted = false
  /** It is being seen to what is due; again: and something was written meanwhile. */
  private running = false
  private again = false
  private keptAhead: number | undefined
  private probed = 0
  private persisted = false
  /** Milliseconds by which the server's clock is ahead; undefined before this tab has heard of it. */
  private ahead: number | undefined

  constructor(public lang: string) {
    this.store = new Store('jari', () => void this.lost())
    this.documents = new Documents(this.store, () => this.lang, () => this.tell(), (date) => this.clock(date))
    if (this.tabs) this.tabs.onmessage = (e) => (e.data === 'wiped' ? this.emptied() : void this.look())
  }

  /** Calls listener after every change, of this tab or another. */
  on(listener: () => void): void {
    this.listeners.add(listener)
  }

  tell(): void {
    for (const l of this.listeners) l()
  }

  /** Reads what is stored, and what the public documents of it are. */
  async open(): Promise<void> {
    await this.look()
    this.keptAhead = await this.store.get<number>('documents', 'ahead').catch(() => undefined)
    this.ahead ??= this.keptAhead
    await this.documents.open((this.state?.people ?? []).map((p) => p.campaign))
    this.tell()
  }

  /** Reads the record again. */
  async look(): Promise<void> {
    if (this.wiped) return
    const turn = ++this.reading
    try {
      const state = await this.store.read()
      if (turn !== this.reading) return
      if (this.trouble === 'newer' || this.trouble === 'no_storage') this.trouble = undefined
      this.seen(state)
    } catch (e) {
      this.trouble = e instanceof Newer ? 'newer' : 'no_storage'
      if (this.trouble === 'no_storage') this.lookAgain()
    }
    this.soon()
    this.tell()
  }

  /** Storage that does not answer may do so later. */
  private lookAgain(): void {
    if (this.halted) return
    clearTimeout(this.looking)
    this.looking = setTimeout(() => void this.look(), storagePause)
  }

  /** This is what is stored now. */
  private seen(state: State): void {
    if (this.store.empty && this.state !== undefined && this.state.people.length > 0) this.trouble = 'cleared'
    this.state = state
  }

  /** The storage was taken away. As long as the browser is clearing it, it cannot be opened. */
  private async lost(): Promise<void> {
    for (let tries = 0; tries < 10; tries++) {
      await this.look()
      if (this.trouble !== 'no_storage') return
      await new Promise((resolve) => setTimeout(resolve, 300))
    }
  }

  /** The trouble that was shown has been read. */
  calm(): void {
    this.trouble = undefined
    this.tell()
  }

  /** Deletes all that is kept in this browser. Nothing is kept or sent any more until the page is loaded anew. False: something is left. */
  async wipe(): Promise<boolean> {
    const had = this.state
    this.halt()
    this.state = emptyState()
    try {
      await this.store.destroy(() => this.tabs?.postMessage('wiped'))
      clearTab()
      const workers = 'serviceWorker' in navigator ? await navigator.serviceWorker.getRegistrations() : []
      for (const w of workers) if (new URL(w.scope).pathname === '/app/') await w.unregister()
      if ('caches' in self) for (const name of await caches.keys()) await caches.delete(name)
      this.wiped = true
    } catch {
      this.state = had
      this.halted = false
      await this.look()
    }
    this.tabs?.postMessage('changed')
    this.tell()
    return this.wiped
  }

  /** Another tab has deleted all that is kept. What is in this one must not bring anything back. */
  private emptied(): void {
    this.halt()
    this.store.abandon()
    clearTab()
    this.state = emptyState()
    this.wiped = true
    this.tell()
  }

  /** Does nothing by itself any more: whoever has called sends and stops as it likes. */
  halt(): void {
    clearTimeout(this.timer)
    this.halted = true
  }

  /** Writes what the person did. When it returns, it is on the disk, and is sent at once. Throws Refusal, NotSaved, NoStorage, Newer. */
  async write<T>(work: (pen: Pen, beside: Beside) => T): Promise<T> {
    let kept: State | undefined
    try {
      const value = await this.store.change((state, beside) => {
        const v = work(this.pen(state), beside)
        kept = state
        return v
      })
      this.state = kept
      this.trouble = undefined
      this.changed()
      this.soon()
      this.persist()
      return value
    } catch (e) {
      if (e instanceof NotSaved) this.trouble = 'not_saved'
      else if (e instanceof Newer) this.trouble = 'newer'
      else if (e instanceof NoStorage) this.trouble = 'no_storage'
      this.tell()
      throw e
    }
  }

  private pen(state: State): Pen {
    return new Pen(state, {
      now: Date.now(),
      random: (bytes) => void crypto.getRandomValues(bytes),
      dice: Math.random,
      campaign: (slug) => this.documents.campaign(slug),
    })
  }

  /** Asks the browser once not to clear what is stored here when space grows short. It may refuse; then all goes on. */
  private persist(): void {
    if (this.persisted) return
    this.persisted = true
    const storage = navigator.storage as StorageManager | undefined
    void storage?.persist?.().catch(() => undefined)
  }

  private changed(): void {
    this.tabs?.postMessage('changed')
    void this.wakeLater()
    this.tell()
  }

  /** Asks the browser to wake the service worker when there is a line again, also when all tabs are closed. */
  private async wakeLater(): Promise<void> {
    if (!this.state || !waits(this.state) || !('serviceWorker' in navigator)) return
    const ready = (await navigator.serviceWorker.getRegistration('/app/')) as (ServiceWorkerRegistration & { sync?: { register(tag: string): Promise<void> } }) | undefined
    await ready?.sync?.register(tag).catch(() => undefined) // where it is forbidden, the open app sends
  }

  /** Our time: the device's clock, put right by the server's last answer. Milliseconds. */
  now(): number {
    return Date.now() + (this.ahead ?? (this.state?.ahead ?? 0) * 1000)
  }

  /** The server's clock, as an answer that has just come said. */
  private clock(date: number | undefined): void {
    if (date === undefined) return
    const ahead = date - Date.now()
    // Kept for the next time without a connection, when it is another one by more than the answer's way.
    if (Math.abs(ahead - (this.keptAhead ?? 0)) > worthKeeping) {
      this.keptAhead = ahead
      void this.store.put('documents', 'ahead', ahead).catch(() => undefined)
    }
    this.ahead = ahead
  }

  /** The person is there and wants it tried now. */
  async tryNow(): Promise<void> {
    await this.store.change((s) => stir(s)).catch(() => undefined)
    await this.look()
  }

  /** The line seems to be back. The service worker may send before this tab does, so nothing says any more that there is none. */
  online(): void {
    if (this.line === 'down') {
      this.line = 'unknown'
      this.tell()
    }
    setTimeout(() => void this.tryNow(), Math.random() * jitter)
  }

  /** Sends and asks at once, or as soon as what is under way is done: the pause that comes of that must not count for what was written meanwhile. */
  private soon(): void {
    if (this.running) this.again = true
    else this.schedule(0)
  }

  /** Sends and asks in so many milliseconds, in the place of what was said before. */
  private schedule(wait: number): void {
    if (this.halted) return
    clearTimeout(this.timer)
    this.timer = setTimeout(() => void this.run(), Math.min(wait, 0x7fffffff))
  }

  private async run(): Promise<void> {
    if (this.running || this.trouble === 'newer') return
    if (typeof document !== 'undefined' && document.hidden && !(this.state && waits(this.state))) return // nobody looks: news can wait
    this.running = true
    this.again = false
    let wait: number | undefined
    try {
      wait = await this.sync()
    } finally {
      this.running = false
      this.schedule(this.again ? 0 : Math.max(wait ?? elsewhere, leastPause))
    }
  }

  /** Sends what is due, once; one tab at a time. Returns in how many milliseconds something will be due again, undefined when another tab sees to it. */
  async sync(): Promise<number | undefined> {
    if (navigator.onLine === false && !(await this.reachable())) {
      this.line = 'down'
      this.tell()
      return probePause
    }
    const locks = navigator.locks as LockManager | undefined
    if (!locks) return this.exchangeLeased()
    return locks.request(lock, { ifAvailable: true }, async (held) => (held ? this.exchange() : undefined))
  }

  /** Where a browser has no locks, it is written down who sends. */
  private async exchangeLeased(): Promise<number | undefined> {
    const by = fresh((bytes) => void crypto.getRandomValues(bytes))
    if (!(await this.store.lease(by, leased).catch(() => true))) return undefined // what cannot be stored is told by exchange
    try {
      return await this.exchange()
    } finally {
      await this.store.release(by).catch(() => undefined) // then it ends by itself
    }
  }

  /**
   * Whether the server answers although the browser says that there is no line: some say so wrongly. Nothing is handed in to find out, so that what is only on
   * this phone is not said to have been sent.
   */
  private async reachable(): Promise<boolean> {
    if (Math.abs(Date.now() - this.probed) < probePause) return false
    this.probed = Date.now()
    return getDocument('/v1/service', '', this.lang).then((a) => a.status === 200, () => false)
  }

  private async exchange(): Promise<number> {
    let due: { batch?: Batch; wait: number; state: State }
    try {
      due = await this.store.change((state) => {
        const d = next(state, Date.now())
        if (d.batch) sending(state, d.batch)
        return { ...d, state }
      })
    } catch (e) {
      return this.unsaved(e)
    }
    this.seen(due.state)
    if (!due.batch) {
      if (!this.tabs) this.tell() // nobody else says what another tab has done
      return due.wait
    }
    this.sending = true
    this.tabs?.postMessage('changed') // what is on its way is not said to be only on this phone
    this.tell()
    let answer: Answer | undefined
    try {
      answer = await postSync(JSON.stringify(due.batch.request), this.lang)
    } catch {
      answer = undefined // no line, or half an answer
    }
    this.sending = false
    return this.take(due.batch, answer)
  }

  private async take(batch: Batch, answer: Answer | undefined): Promise<number> {
    const now = Date.now()
    const dice = Math.random()
    try {
      const { wait, state, got } = await this.store.change((s) => {
        const got = absorb(s, batch, answer, now, dice)
        if (got.ours && answer?.date !== undefined) s.ahead = Math.trunc((answer.date - now) / 1000)
        const due = next(s, now)
        return { wait: due.batch ? 0 : due.wait, state: s, got }
      })
      if (got.ours) this.clock(answer?.date) // and not by that of a login page
      this.seen(state)
      this.line = lineOf(answer, got.etags !== undefined)
      if (this.trouble === 'not_saved') this.trouble = undefined
      this.changed()
      this.documents.stale(got.etags ?? {})
      return wait
    } catch (e) {
      return this.unsaved(e) // the answer was not taken, and is asked for again
    }
  }

  private unsaved(e: unknown): number {
    this.trouble = e instanceof Newer ? 'newer' : e instanceof NoStorage ? 'no_storage' : 'not_saved'
    this.tell()
    return fullPause
  }
}

/** Deletes what belongs to this tab. */
function clearTab(): void {
  for (const name of tabNames('jari')) writeTab(name, undefined)
}

/** Ends a pause that nobody asked for: somebody is there, or the line is back. */
function stir(s: State): void {
  if (s.asked !== true) delete s.rest
}
