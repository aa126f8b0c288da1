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

  /** Keeps a form that is one value. */
  replace(name: string, d: Draft, brief: boolean): void {
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

  /** Whether something is half typed on a device that many use. */
  brief(): boolean {
    return briefNames().length > 0
  }

  /** Deletes that. */
  dropBrief(): void {
    for (const name of briefNames()) this.drop(name)
  }

  /** Nothing is kept any more: all was deleted. */
  forget(): void {
    this.held.clear()
  }

  /** Deletes what was typed about people who are not on this device any more, however they went. */
  async tidy(ids: ReadonlySet<string>): Promise<void> {
    const stored = await this.store.keys('drafts').catch(() => [])
    for (const name of new Set([...stored, ...this.held.keys(), ...tabKeys().map((k) => k.slice(prefix.length))])) {
      const id = /^(?:p|code)-([0-9a-f-]{36})(?:-|$)/.exec(name)?.[1]
      if (id !== undefined && !ids.has(id)) this.drop(name)
    }
  }

  drop(name: string): void {
    this.held.delete(name)
    writeTab(name, undefined)
    void this.store.put('drafts', name, undefined).catch(() => undefined)
  }
}

const prefix = 'jari-draft-'

function tabKeys(): string[] {
  try {
    return Object.keys(sessionStorage).filter((k) => k.startsWith(prefix))
  } catch {
    return []
  }
}

/** Forms that last as long as the tab, but for those in which it is not said yet whose device it is: nobody's typing goes because they were slow. */
function briefNames(): string[] {
  return tabKeys().map((k) => k.slice(prefix.length)).filter((name) => !/^(?:new|find)-/.test(name) || readTab(name)?.['device'] !== undefined)
}

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
