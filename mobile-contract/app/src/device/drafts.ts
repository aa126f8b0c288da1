// What is half typed: kept with every stroke, so that a reload, a call or a dead battery loses nothing. On a shared device it lasts as long as the
// tab, and nothing of it is written to the disk by us.
import type { Store } from './store.ts'

export type Draft = Record<string, string>

export class Drafts {
  private readonly held = new Map<string, Draft>()

  constructor(private readonly store: Store) {}

  /** Reads a form's draft, so that get has it. */
  async open(name: string): Promise<Draft> {
    const had = this.held.get(name)
    if (had) return had
    const d = (await this.store.get<Draft>('drafts', name).catch(() => undefined)) ?? readTab(name) ?? {}
    const raced = this.held.get(name)
    if (raced) return raced
    this.held.set(name, d)
    return d
  }

  /** The draft as far as it has been opened. */
  get(name: string): Draft {
    return this.held.get(name) ?? {}
  }

  /** Keeps one field. brief: for as long as the tab only. */
  set(name: string, field: string, value: string, brief: boolean): void {
    const d = { ...this.get(name), [field]: value }
    this.held.set(name, d)
    this.keep(name, d, brief)
  }

  /** Keeps the whole form, when it is decided that it must not be on the disk, or may. */
  keep(name: string, d: Draft, brief: boolean): void {
    if (brief) {
      writeTab(name, d)
      void this.store.put('drafts', name, undefined).catch(() => undefined)
    } else {
      writeTab(name, undefined)
      void this.store.put('drafts', name, d).catch(() => undefined) // a full disk: it stays on the screen
    }
  }

  drop(name: string): void {
    this.held.delete(name)
    writeTab(name, undefined)
    void this.store.put('drafts', name, undefined).catch(() => undefined)
  }
}

const prefix = 'jari-draft-'

function readTab(name: string): Draft | undefined {
  try {
    const text = sessionStorage.getItem(prefix + name)
    return text === null ? undefined : (JSON.parse(text) as Draft)
  } catch {
    return undefined
  }
}

function writeTab(name: string, d: Draft | undefined): void {
  try {
    if (d === undefined) sessionStorage.removeItem(prefix + name)
    else sessionStorage.setItem(prefix + name, JSON.stringify(d))
  } catch {
    // switched off or full: it stays on the screen
  }
}
