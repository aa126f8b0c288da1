// A device that many use. Whoever looks up an application on one is here for a while only: everything about them goes when they say so, when they have
// been away for some minutes, and when the tab they used is gone. So does what is half typed. (Whoever applies on one goes by the protocol itself,
// as soon as there is an answer.)
import type { Device } from './device.ts'
import type { Drafts } from './drafts.ts'
import { readTab, writeTab } from './tab.ts'
import type { Person } from '../protocol/index.ts'

const tabName = 'jari-shared'
const touchedName = 'jari-touched' // when somebody was here last, in milliseconds: also for a tab that is opened again
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
    if (this.overdue()) await this.end()
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
    const ids = await this.device.store.brief().catch(() => undefined)
    if (!ids) return
    this.ids = ids
    const here = ofThisTab()
    setTab(here.filter((id) => ids.includes(id))) // the others were forgotten, here or elsewhere
    for (const id of ids) if (!here.includes(id)) void this.watch(id)
  }

  has(id: string): boolean {
    return this.ids.includes(id) || ofThisTab().includes(id)
  }

  /** Whether what is typed about the person lasts as long as the tab only. */
  brief(p: Person): boolean {
    return p.forget_after === true || this.has(p.id)
  }

  /** The person was written down as one who is here for a while only, and is shown in this tab. */
  add(id: string): void {
    this.ids = [...this.ids, id]
    setTab([...ofThisTab(), id])
    hold(id)
    this.touch()
  }

  /** Forgets the person as soon as all is sent; at once if nothing waits. What cannot be stored is tried again by whoever opens the app next. */
  async leave(id: string): Promise<void> {
    await this.device.write((pen) => pen.forgetAfter(id)).catch(() => undefined) // gone already, or still on the list
    setTab(ofThisTab().filter((i) => i !== id))
  }

  /** The page is looked at again: timers stand still while a device sleeps. */
  wake(): void {
    if (this.overdue()) void this.all()
  }

  /** Nobody has been here for so long that it need not be the same person any more. */
  private overdue(): boolean {
    if (ofThisTab().length === 0 && !this.drafts.brief()) return false
    return Date.now() - Number(readTab(touchedName) ?? Date.now()) > idle
  }

  /** Somebody is here. */
  touch(): void {
    if (this.overdue()) {
      void this.all()
      return
    }
    clearTimeout(this.timer)
    if (ofThisTab().length > 0 || this.drafts.brief()) writeTab(touchedName, String(Date.now()))
    else writeTab(touchedName, undefined)
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
    clearTimeout(this.timer)
    this.warning = false
    await this.end()
    this.away()
    this.touch()
  }

  private async end(): Promise<void> {
    writeTab(touchedName, undefined) // whoever comes next is somebody else
    this.drafts.dropBrief()
    for (const id of ofThisTab()) await this.leave(id)
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

/** Forgets everybody who is here for a while only and in no tab; the service worker does it when the last tab is closed. */
export async function forgetShared(device: Device): Promise<void> {
  for (const id of await device.store.brief()) {
    if (await nobodyHolds(id)) await device.write((pen) => pen.forgetAfter(id)).catch(() => undefined) // gone already, or still on the list
  }
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
    return JSON.parse(readTab(tabName) ?? '[]') as string[]
  } catch {
    return []
  }
}

function setTab(ids: string[]): void {
  writeTab(tabName, ids.length === 0 ? undefined : JSON.stringify(ids))
}
