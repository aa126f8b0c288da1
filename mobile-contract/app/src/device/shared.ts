// A device that many use. Whoever looks up an application on one is here for a while only: everything about them goes when they say so, when they have
// been away for some minutes, and when the tab they used is gone. So does what is half typed. (Whoever applies on one goes by the protocol itself,
// as soon as there is an answer.)
import type { Device } from './device.ts'
import type { Drafts } from './drafts.ts'

const listName = 'shared'
const tabName = 'jari-shared'
const idle = 5 * 60_000 // milliseconds
const warned = 60_000 // milliseconds before that: whoever is slow is asked, and can stay
const reload = 10_000 // milliseconds that a tab may take to come back

export class Shared {
  /** Soon all is deleted, because nobody has touched anything. */
  warning = false
  private ids: string[] = []
  private timer: ReturnType<typeof setTimeout> | undefined
  private readonly watched = new Set<string>()
  /** The list is read and written by one at a time. */
  private turn: Promise<unknown> = Promise.resolve()

  /** away is called when nobody has been here for long: then the page shows nothing of anybody. */
  constructor(private readonly device: Device, private readonly drafts: Drafts, private readonly away: () => void) {}

  /** Forgets those whose tab is gone. */
  async open(): Promise<void> {
    await this.refresh()
    const here = new Set(ofThisTab())
    for (const id of this.ids) {
      if (here.has(id)) hold(id)
      else if (await nobodyHolds(id)) await this.leave(id)
    }
    addEventListener('pagehide', () => {
      if (ofThisTab().length > 0) navigator.serviceWorker?.controller?.postMessage('away') // it looks whether a tab is left
    })
    this.touch()
  }

  /** Reads who is here for a while; another tab may have changed it. */
  refresh(): Promise<void> {
    return this.list((ids) => ids)
  }

  /** Changes the stored list. */
  private list(change: (ids: string[]) => string[]): Promise<void> {
    const mine = async (): Promise<void> => {
      const had = (await this.device.store.get<string[]>('documents', listName).catch(() => undefined)) ?? []
      const ids = change(had)
      this.ids = ids
      const here = new Set(ofThisTab())
      for (const id of ids) if (!here.has(id)) void this.watch(id)
      if (ids.join() !== had.join()) await this.device.store.put('documents', listName, ids.length > 0 ? ids : undefined)
    }
    const done = this.turn.then(mine)
    this.turn = done.catch(() => undefined)
    return done
  }

  has(id: string): boolean {
    return this.ids.includes(id) || ofThisTab().includes(id)
  }

  /** From now on the person is here for a while only. Throws NotSaved: then nothing may be typed in. */
  async add(id: string): Promise<void> {
    setTab([...ofThisTab(), id])
    hold(id)
    await this.list((ids) => [...ids, id])
    this.touch()
  }

  /** Forgets the person as soon as all is sent; at once if nothing waits. */
  async leave(id: string): Promise<void> {
    setTab(ofThisTab().filter((i) => i !== id))
    await this.device.write((pen) => pen.forgetAfter(id)).catch(() => undefined) // gone already
    await this.list((ids) => ids.filter((i) => i !== id)).catch(() => undefined) // then the next opening finds nobody of that id
  }

  /** Somebody is here. */
  touch(): void {
    clearTimeout(this.timer)
    if (this.warning) {
      this.warning = false
      this.device.tell()
    }
    if (ofThisTab().length > 0 || this.drafts.brief()) this.timer = setTimeout(() => this.warn(), idle - warned)
  }

  private warn(): void {
    this.warning = true
    this.timer = setTimeout(() => void this.all(), warned)
    this.device.tell()
  }

  private async all(): Promise<void> {
    this.warning = false
    this.drafts.dropBrief()
    for (const id of ofThisTab()) await this.leave(id)
    this.away()
  }

  /** Forgets somebody whom another tab has brought here once that tab is closed. */
  private async watch(id: string): Promise<void> {
    if (this.watched.has(id) || !locks()) return
    this.watched.add(id)
    await locks()?.request(lockOf(id), () => undefined)
    await new Promise((done) => setTimeout(done, reload))
    this.watched.delete(id)
    if (!this.has(id)) return
    if (await nobodyHolds(id)) await this.leave(id)
    else void this.watch(id)
  }
}

/** Forgets everybody who is here for a while only; the service worker does it when the last tab is closed. */
export async function forgetShared(device: Device): Promise<void> {
  const ids = (await device.store.get<string[]>('documents', listName)) ?? []
  for (const id of ids) await device.write((pen) => pen.forgetAfter(id)).catch(() => undefined) // gone already
  await device.store.put('documents', listName, undefined)
}

function locks(): LockManager | undefined {
  return navigator.locks as LockManager | undefined
}

function lockOf(id: string): string {
  return `jari-here-${id}`
}

/** Shows other tabs that somebody is here, for as long as this tab is open. */
function hold(id: string): void {
  void locks()?.request(lockOf(id), { mode: 'shared' }, () => new Promise(() => undefined)).catch(() => undefined)
}

/** Whether no open tab has the person. Where there are no locks, only this one is known. */
async function nobodyHolds(id: string): Promise<boolean> {
  const l = locks()
  return l ? l.request(lockOf(id), { ifAvailable: true }, (held) => held !== null) : true
}

function ofThisTab(): string[] {
  try {
    return JSON.parse(sessionStorage.getItem(tabName) ?? '[]') as string[]
  } catch {
    return []
  }
}

function setTab(ids: string[]): void {
  try {
    if (ids.length === 0) sessionStorage.removeItem(tabName)
    else sessionStorage.setItem(tabName, JSON.stringify(ids))
  } catch {
    // without it the person is forgotten at the next reload
  }
}
