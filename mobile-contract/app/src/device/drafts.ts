// What is half typed: kept with every stroke, so that a reload, a call or a dead battery loses nothing. On a shared device it lasts as long as the
// tab, and nothing of it is written to the disk by us.
import type { Store } from './store.ts'
import { readTab, tabNames, writeTab } from './tab.ts'

export type Draft = Record<string, string>

export class Drafts {
  private readonly held = new Map<string, Draft>()

  constructor(private readonly store: Store) {}

  /** Reads a form's draft, so that get has it. */
  async open(name: string): Promise<Draft> {
    const had = this.held.get(name)
    if (had) return had
    const d = (await this.store.get<Draft>('drafts', name).catch(() => undefined)) ?? readDraft(name) ?? {}
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
    this.replace(name, { ...this.get(name), [field]: value }, brief)
  }

  /** Keeps the whole form, in the place of what was kept of it: on the disk, or for as long as the tab only. */
  replace(name: string, d: Draft, brief: boolean): void {
    this.held.set(name, d)
    if (brief) {
      writeDraft(name, d)
      void this.store.put('drafts', name, undefined).catch(() => undefined)
    } else {
      writeDraft(name, undefined)
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
    for (const name of new Set([...stored, ...this.held.keys(), ...tabForms()])) {
      const id = /^(?:p|code)-([0-9a-f-]{36})(?:-|$)/.exec(name)?.[1]
      if (id !== undefined && !ids.has(id)) this.drop(name)
    }
  }

  drop(name: string): void {
    this.held.delete(name)
    writeDraft(name, undefined)
    void this.store.put('drafts', name, undefined).catch(() => undefined)
  }
}

const prefix = 'jari-draft-'

/** The names of the forms that last as long as the tab. */
function tabForms(): string[] {
  return tabNames(prefix).map((k) => k.slice(prefix.length))
}

/** Those in which it is said whose device it is: nobody's typing goes because they were slow to say it. */
function briefNames(): string[] {
  return tabForms().filter((name) => !/^(?:new|find)-/.test(name) || readDraft(name)?.['device'] !== undefined)
}

function readDraft(name: string): Draft | undefined {
  const text = readTab(prefix + name)
  try {
    return text === undefined ? undefined : (JSON.parse(text) as Draft)
  } catch {
    return undefined // another program's
  }
}

function writeDraft(name: string, d: Draft | undefined): void {
  writeTab(prefix + name, d && JSON.stringify(d))
}
