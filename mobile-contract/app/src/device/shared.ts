// Whoever looks up an application on a device that many use: everything about them goes when they say so, when they have been away for some minutes, and
// when the tab they used is gone. (Whoever applies on one goes by the protocol itself, as soon as there is an answer.)
import type { Device } from './device.ts'

const listName = 'shared'
const tabName = 'jari-shared'
const idle = 5 * 60_000 // milliseconds

export class Shared {
  private ids: string[] = []
  private timer: ReturnType<typeof setTimeout> | undefined

  constructor(private readonly device: Device) {}

  /** Forgets those whose tab is gone. */
  async open(): Promise<void> {
    this.ids = (await this.device.store.get<string[]>('documents', listName).catch(() => undefined)) ?? []
    const here = new Set(ofThisTab())
    for (const id of this.ids) if (!here.has(id)) await this.leave(id)
    this.touch()
  }

  has(id: string): boolean {
    return this.ids.includes(id)
  }

  /** From now on the person is here for a while only. Throws NotSaved: then nothing may be typed in. */
  async add(id: string): Promise<void> {
    this.ids.push(id)
    setTab([...ofThisTab(), id])
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
    if (this.ids.length > 0) this.timer = setTimeout(() => void this.all(), idle)
  }

  private async all(): Promise<void> {
    for (const id of this.ids) await this.leave(id)
  }
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
