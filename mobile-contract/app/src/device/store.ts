// What stays on the device: one IndexedDB with the record of the protocol, the public documents and what is half typed. Everything
// that is kept is kept by a transaction that has completed; nothing is said to be saved before.
import { decode, emptyState, mistrust, note, Damaged } from '../protocol/index.ts'
import type { State } from '../protocol/index.ts'

/** It could not be stored, most often because the disk is full: what was to be done was not done. */
export class NotSaved extends Error {}

/** There is no place to store anything: a private window of some browsers, or storage that is switched off. */
export class NoStorage extends Error {}

type Area = 'record' | 'documents' | 'drafts'

const areas: readonly Area[] = ['record', 'documents', 'drafts']
const patience = 5_000 // milliseconds, for other tabs to let go, and for the browser to open what it keeps
const silence = 1_000 // milliseconds: after no answer nobody asks again at once, so that one who asks for many things waits once
const now = 'now' // the record
const before = 'before' // the copy before it, for when the last one is damaged
const nothing = JSON.stringify(emptyState()) // what need not be stored
const brief = 'brief' // the ids of those who are here for a while only, beside the record
const sender = 'sender' // who sends, where a browser has no locks

/** What is kept beside the record and changes with it, in the same transaction: whenever the tab dies, both are as before or both are changed. */
export interface Beside {
  /** The ids of those who are here for a while only. Whoever is forgotten goes from it without being taken out. */
  brief: Set<string>
  /** The forms that are done with: what was typed in them is deleted. */
  done: string[]
}

export class Store {
  /** There was no record when it was read last: none was written yet, or the storage was cleared. */
  empty = false
  private db: IDBDatabase | undefined
  private opening: Promise<IDBDatabase> | undefined
  private destroyed = false
  private silent = 0 // when it was waited for in vain, by the device's clock

  /** lost is called when the browser takes the storage away while it is open. */
  constructor(private readonly name: string, private readonly lost: () => void = () => undefined) {}

  /**
   * Reads the record, lets work change it, and stores it, in one transaction: other tabs see all of it or nothing. work must not wait
   * for anything. Whoever is not in it any more leaves nothing half typed. Throws what work throws, Newer, and NotSaved; then nothing is changed.
   */
  async change<T>(work: (state: State, beside: Beside) => T): Promise<T> {
    const tx = await this.begin(['record', 'drafts'], 'readwrite')
    const area = tx.objectStore('record')
    return new Promise<T>((resolve, reject) => {
      let made: { value: T } | undefined
      let why: unknown
      tx.oncomplete = () => (made ? resolve(made.value) : reject(why))
      tx.onabort = () => reject(why ?? new NotSaved(String(tx.error)))
      readRecord(area, (text, old, here) => {
        this.empty = text === undefined
        try {
          const state = open(text, old)
          const had = new Set(state.people.map((p) => p.id + p.secret))
          const ids = state.people.map((p) => p.id)
          const beside: Beside = { brief: new Set(here), done: [] }
          const value = work(state, beside)
          const next = JSON.stringify(state)
          made = { value }
          putBeside(tx, state, beside, here, ids)
          if (next === (text ?? nothing)) return
          for (const p of state.people) had.delete(p.id + p.secret)
          // Whoever is forgotten must not stay in the copy before.
          if (had.size > 0 || text === undefined) area.delete(before)
          else area.put(text, before)
          area.put(next, now)
          commit(tx)
        } catch (e) {
          made = undefined
          why = e
          tx.abort()
        }
      })
    })
  }

  /** The record as it is stored. Throws Newer. */
  async read(): Promise<State> {
    const tx = await this.begin('record', 'readonly')
    return new Promise<State>((resolve, reject) => {
      tx.onabort = () => reject(new NoStorage(String(tx.error)))
      readRecord(tx.objectStore('record'), (text, old) => {
        this.empty = text === undefined
        try {
          resolve(open(text, old))
        } catch (e) {
          reject(e)
        }
      })
    })
  }

  /** The ids of those who are here for a while only. */
  async brief(): Promise<string[]> {
    const tx = await this.begin('record', 'readonly')
    return (await done<string[] | undefined>(tx, tx.objectStore('record').get(brief))) ?? []
  }

  /** Whether by may send now and for so many milliseconds, because nobody else does: for browsers without locks. */
  async lease(by: string, span: number): Promise<boolean> {
    const tx = await this.begin('record', 'readwrite')
    const area = tx.objectStore('record')
    let mine = false
    const request = area.get(sender)
    request.onsuccess = () => {
      const held = request.result as { by: string; until: number } | undefined
      const left = held ? held.until - Date.now() : 0
      mine = left <= 0 || left > span || held?.by === by // a clock that was set back does not make it longer
      if (mine) area.put({ by, until: Date.now() + span }, sender)
    }
    await done(tx, request)
    return mine
  }

  /** Lets others send. */
  async release(by: string): Promise<void> {
    const tx = await this.begin('record', 'readwrite')
    const area = tx.objectStore('record')
    const request = area.get(sender)
    request.onsuccess = () => {
      if ((request.result as { by: string } | undefined)?.by === by) area.delete(sender)
    }
    await done(tx, request)
  }

  async get<T>(area: 'documents' | 'drafts', key: string): Promise<T | undefined> {
    const tx = await this.begin(area, 'readonly')
    return done<T | undefined>(tx, tx.objectStore(area).get(key))
  }

  /** undefined deletes. Throws NotSaved. */
  async put(area: 'documents' | 'drafts', key: string, value: unknown): Promise<void> {
    const tx = await this.begin(area, 'readwrite')
    const request = value === undefined ? tx.objectStore(area).delete(key) : tx.objectStore(area).put(value, key)
    commit(tx)
    await done(tx, request)
  }

  async keys(area: 'documents' | 'drafts'): Promise<string[]> {
    const tx = await this.begin(area, 'readonly')
    return done<string[]>(tx, tx.objectStore(area).getAllKeys())
  }

  /** Stores nothing any more: somebody else deletes all. */
  abandon(): void {
    this.destroyed = true
    this.db?.close()
    this.db = undefined
  }

  /**
   * Deletes all that is stored, and stores nothing any more. emptied is called when nothing of anybody is left, and only the empty database has to go.
   * Throws NotSaved, and then goes on as before.
   */
  async destroy(emptied: () => void): Promise<void> {
    for (const area of areas) {
      const tx = await this.begin(area, 'readwrite')
      await done(tx, tx.objectStore(area).clear()) // before anything else: another tab may keep the database itself open
    }
    emptied()
    this.abandon()
    try {
      await new Promise<void>((resolve, reject) => {
        const request = indexedDB.deleteDatabase(this.name)
        request.onsuccess = () => resolve()
        request.onerror = () => reject(new NotSaved(String(request.error)))
        setTimeout(() => reject(new NotSaved('blocked')), patience)
      })
    } catch (e) {
      this.destroyed = false
      throw e
    }
  }

  private async begin(area: Area | Area[], mode: IDBTransactionMode): Promise<IDBTransaction> {
    if (this.destroyed) throw new NoStorage('deleted')
    for (let tries = 0; ; tries++) {
      this.db ??= await (this.opening ??= this.open().finally(() => (this.opening = undefined)))
      try {
        return this.db.transaction(area, mode, { durability: 'strict' })
      } catch (e) {
        this.db = undefined // closed meanwhile: opened once more
        if (tries > 0) throw new NoStorage(String(e))
      }
    }
  }

  private open(): Promise<IDBDatabase> {
    if (Math.abs(Date.now() - this.silent) < silence) return Promise.reject(new NoStorage('no answer'))
    return new Promise((resolve, reject) => {
      let request: IDBOpenDBRequest
      try {
        request = indexedDB.open(this.name, 1)
      } catch (e) {
        reject(new NoStorage(String(e)))
        return
      }
      // A browser that is just clearing its storage may never answer; the app goes on without, and asks again.
      let late = false
      const timer = setTimeout(() => {
        late = true
        this.silent = Date.now()
        reject(new NoStorage('no answer'))
      }, patience)
      request.onupgradeneeded = () => {
        for (const area of areas) request.result.createObjectStore(area)
      }
      request.onerror = () => {
        clearTimeout(timer)
        reject(new NoStorage(String(request.error)))
      }
      request.onblocked = () => reject(new NoStorage('blocked'))
      request.onsuccess = () => {
        clearTimeout(timer)
        const db = request.result
        if (late) {
          db.close()
          return
        }
        db.onclose = () => {
          this.db = undefined
          this.lost()
        }
        db.onversionchange = () => {
          db.close()
          this.db = undefined
          this.lost()
        }
        resolve(db)
      }
    })
  }
}

/** Lets the browser finish without us: what is written in the last moment before the page goes is kept, too. */
function commit(tx: IDBTransaction): void {
  ;(tx as { commit?(): void }).commit?.()
}

function readRecord(area: IDBObjectStore, then: (text: string | undefined, old: string | undefined, here: string[]) => void): void {
  const text = area.get(now)
  const old = area.get(before)
  const here = area.get(brief)
  here.onsuccess = () => then(text.result as string | undefined, old.result as string | undefined, (here.result as string[] | undefined) ?? [])
}

/** Stores what stands beside the record: nothing of those who were in it and are not any more. */
function putBeside(tx: IDBTransaction, state: State, beside: Beside, had: string[], people: string[]): void {
  const ids = new Set(state.people.map((p) => p.id))
  const here = [...beside.brief].filter((id) => ids.has(id))
  const area = tx.objectStore('record')
  if (here.length === 0 && had.length > 0) area.delete(brief)
  else if (here.join() !== had.join()) area.put(here, brief)
  const drafts = tx.objectStore('drafts')
  for (const name of beside.done) drafts.delete(name)
  for (const id of people.filter((p) => !ids.has(p))) {
    for (const name of [`p-${id}`, `code-${id}`]) drafts.delete(IDBKeyRange.bound(name, `${name}\uffff`))
  }
}

/** Opens a stored record; from the copy before when it is damaged. */
function open(text: string | undefined, old: string | undefined): State {
  if (text === undefined) return emptyState()
  try {
    return decode(parse(text))
  } catch (e) {
    if (!(e instanceof Damaged)) throw e
  }
  let state = emptyState()
  try {
    if (old !== undefined) state = decode(parse(old))
  } catch (e) {
    if (!(e instanceof Damaged)) throw e
  }
  mistrust(state)
  note(state, { why: 'restored' })
  return state
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (e) {
    throw new Damaged(String(e))
  }
}

function done<T>(tx: IDBTransaction, request: IDBRequest): Promise<T> {
  return new Promise((resolve, reject) => {
    tx.oncomplete = () => resolve(request.result as T)
    tx.onabort = () => reject(new NotSaved(String(tx.error)))
  })
}
