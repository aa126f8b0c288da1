// The service worker: keeps the app's own files, so that it opens without a connection, and sends the outbox when the line is back. It keeps no
// answer of the API.
import { waits } from './protocol/index.ts'
import { Device, tag } from './device/device.ts'
import { forgetShared } from './device/shared.ts'

/** The files below /app/ and their digests; package app puts them here. */
declare const SHELL: Record<string, string>
declare const VERSION: string

interface Extendable extends Event {
  waitUntil(p: Promise<unknown>): void
}
interface Fetching extends Extendable {
  request: Request
  respondWith(r: Promise<Response>): void
}
interface Syncing extends Extendable {
  tag: string
}
interface Scope {
  addEventListener(kind: 'install' | 'activate', f: (e: Extendable) => void): void
  addEventListener(kind: 'fetch', f: (e: Fetching) => void): void
  addEventListener(kind: 'sync', f: (e: Syncing) => void): void
  addEventListener(kind: 'message', f: (e: Extendable & { data: unknown }) => void): void
  skipWaiting(): Promise<void>
  clients: { claim(): Promise<void>; matchAll(of: { type: 'window' }): Promise<readonly unknown[]> }
}

const self = globalThis as unknown as Scope
const prefix = 'jari-shell-'
const here = prefix + VERSION

self.addEventListener('install', (e) => e.waitUntil(fill()))

/** Fetches each file and holds it to its digest: while servers are being updated, two versions may answer, and must not be mixed. */
async function fill(): Promise<void> {
  const cache = await caches.open(here)
  await Promise.all(Object.entries(SHELL).map(async ([path, integrity]) => {
    const url = `/app/${path}`
    const res = await fetch(url, { integrity, cache: 'no-cache', credentials: 'omit' })
    if (!res.ok) throw new Error(`${url}: ${res.status}`)
    await cache.put(url, res)
  }))
}

/** After everything was deleted, this worker may be used again without being installed again. */
async function check(): Promise<void> {
  if (!(await caches.has(here))) await fill()
}

self.addEventListener('activate', (e) => e.waitUntil(settle()))

async function settle(): Promise<void> {
  for (const name of await caches.keys()) if (name.startsWith(prefix) && name !== here) await caches.delete(name)
  await self.clients.claim()
}

self.addEventListener('message', (e) => {
  if (e.data === 'use') void self.skipWaiting()
  if (e.data === 'away') e.waitUntil(away())
  if (e.data === 'check') e.waitUntil(check())
})

const reload = 5_000 // milliseconds that a tab may take to come back

/** A tab of a device that many use was left. When no other is open, whoever was here for a while goes. */
async function away(): Promise<void> {
  await new Promise((done) => setTimeout(done, reload))
  if ((await self.clients.matchAll({ type: 'window' })).length > 0) return
  const device = new Device('ko')
  device.halt()
  await forgetShared(device)
}

self.addEventListener('fetch', (e) => {
  const url = new URL(e.request.url)
  if (e.request.method !== 'GET' || url.origin !== location.origin || !url.pathname.startsWith('/app/')) return
  const path = url.pathname.slice('/app/'.length)
  if (path in SHELL) e.respondWith(serve(url.pathname, e.request))
})

/** From the copy, if there is one. Opening the cache would make it anew after everything was deleted. */
async function serve(path: string, request: Request): Promise<Response> {
  const kept = await caches.match(path, { cacheName: here })
  return kept ?? fetch(request)
}

self.addEventListener('sync', (e) => {
  if (e.tag === tag) e.waitUntil(send())
})

const rounds = 20 // of one wake-up; the browser ends a longer one itself

/** Sends what is due. Throws while something is left, so that the browser wakes us again: minutes later, so a pause that nobody asked for ends now. */
async function send(): Promise<void> {
  const device = new Device((navigator.language || 'ko').startsWith('ko') ? 'ko' : 'en')
  device.halt()
  const chosen = await device.store.get<string>('documents', 'lang').catch(() => undefined)
  if (chosen !== undefined) device.lang = chosen // why something was refused is told by the server, and is read later
  await device.tryNow()
  for (let i = 0; i < rounds; i++) {
    const wait = await device.sync()
    if (!device.state || !waits(device.state)) return
    if (wait === undefined || wait > 0) throw new Error('not all is sent yet')
  }
}
