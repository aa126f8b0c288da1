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
const patience = 5_000 // milliseconds, for other tabs to let go
const now = 'now' // the record
const before = 'before' // the copy before it, for when the last one is damaged
const nothing = JSON.stringify(emptyState()) // what need not be stored

export class Store {
  /** There was no record when it was read last: none was written yet, or the storage was cleared. */
  empty = false
  private db: IDBDatabase | undefined
  private destroyed = false

  /** lost is called when the browser takes the storage away while it is open. */
  constructor(private readonly name: string, private readonly lost: () => void = () => undefined) {}

  /**
   * Reads the record, lets work change it, and stores it, in one transaction: other tabs see all of it or nothing. work must not wait
   * for anything. Throws what work throws, Newer, and NotSaved; then nothing is changed.
   */
  async change<T>(work: (state: State) => T): Promise<T> {
    const tx = await this.begin('record', 'readwrite')
    const area = tx.objectStore('record')
    return new Promise<T>((resolve, reject) => {
      let made: { value: T } | undefined
      let why: unknown
      tx.oncomplete = () => (made ? resolve(made.value) : reject(why))
      tx.onabort = () => reject(why ?? new NotSaved(String(tx.error)))
      readRecord(area, (text, old) => {
        this.empty = text === undefined
        try {
          const state = open(text, old)
          const had = new Set(state.people.map((p) => p.id + p.secret))
          const value = work(state)
          const next = JSON.stringify(state)
          made = { value }
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

  /** Deletes all that is stored, and stores nothing any more. Throws NotSaved, and then goes on as before. */
  async destroy(): Promise<void> {
    for (const area of areas) {
      const tx = await this.begin(area, 'readwrite')
      await done(tx, tx.objectStore(area).clear()) // before anything else: another tab may keep the database itself open
    }
    this.destroyed = true
    this.db?.close()
    this.db = undefined
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

  private async begin(area: Area, mode: IDBTransactionMode): Promise<IDBTransaction> {
    if (this.destroyed) throw new NoStorage('deleted')
    for (let tries = 0; ; tries++) {
      this.db ??= await this.open()
      try {
        return this.db.transaction(area, mode, { durability: 'strict' })
      } catch (e) {
        this.db = undefined // closed meanwhile: opened once more
        if (tries > 0) throw new NoStorage(String(e))
      }
    }
  }

  private open(): Promise<IDBDatabase> {
    return new Promise((resolve, reject) => {
      let request: IDBOpenDBRequest
      try {
        request = indexedDB.open(this.name, 1)
      } catch (e) {
        reject(new NoStorage(String(e)))
        return
      }
      request.onupgradeneeded = () => {
        for (const area of areas) request.result.createObjectStore(area)
      }
      request.onerror = () => reject(new NoStorage(String(request.error)))
      request.onblocked = () => reject(new NoStorage('blocked'))
      request.onsuccess = () => {
        const db = request.result
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

function readRecord(area: IDBObjectStore, then: (text: string | undefined, old: string | undefined) => void): void {
  const text = area.get(now)
  const old = area.get(before)
  old.onsuccess = () => then(text.result as string | undefined, old.result as string | undefined)
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
