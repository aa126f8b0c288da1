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
  async refresh(): Promise<void> {
    this.ids = (await this.device.store.get<string[]>('documents', listName).catch(() => undefined)) ?? []
    const here = new Set(ofThisTab())
    for (const id of this.ids) if (!here.has(id)) void this.watch(id)
  }

  has(id: string): boolean {
    return this.ids.includes(id)
  }

  /** From now on the person is here for a while only. Throws NotSaved: then nothing may be typed in. */
  async add(id: string): Promise<void> {
    this.ids = [...this.ids, id]
    setTab([...ofThisTab(), id])
    hold(id)
    await this.device.store.put('documents', listName, this.ids)
    this.touch()
  }

  /** Forgets the person as soon as all is sent; at once if nothing waits. */
  async leave(id: string): Promise<void> {
    this.ids = this.ids.filter((i) => i !== id)
    setTab(ofThisTab().filter((i) => i !== id))
    await this.device.write((pen) => pen.forgetAfter(id)).catch(() => undefined) // gone already
    await this.device.store.put('documents', listName, this.ids.length > 0 ? this.ids : undefined).catch(() => undefined)
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
