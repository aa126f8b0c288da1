// The page: opens the device, draws what it knows, and draws again whenever that changes.
import { Device } from './device/device.ts'
import { Drafts } from './device/drafts.ts'
import { Shared } from './device/shared.ts'
import { install } from './device/install.ts'
import { emptyState, personOf, waits } from './protocol/index.ts'
import { fetchMore, pageOf } from './pages/pages.ts'
import { h, patch } from './ui/dom.ts'
import { keepFocus } from './ui/focus.ts'
import { frame, noticeText } from './ui/frame.ts'
import { button } from './ui/parts.ts'
import { go, href, parts } from './ui/router.ts'
import type { Page, View } from './ui/view.ts'
import { Voice } from './ui/voice.ts'
import { all, langOf } from './words/words.ts'
import type { Lang } from './words/words.ts'

const refreshPause = 4 * 60_000 // milliseconds

class App {
  private readonly device: Device
  private readonly drafts: Drafts
  private readonly shared: Shared
  private lang: Lang
  private kept: unknown
  private shownAt = ''
  private drawing = false
  private people: Set<string> | undefined
  private done: { text: string; sends: boolean; serial: number | undefined; at?: string } | undefined
  private timer: ReturnType<typeof setTimeout> | undefined
  private ticks = Infinity // milliseconds: the shortest that the page asked for
  private update: (() => void) | undefined

  private readonly voice = new Voice()

  constructor(private readonly root: Element) {
    this.lang = langOf(navigator.languages)
    this.device = new Device(this.lang)
    this.drafts = new Drafts(this.device.store)
    this.shared = new Shared(this.device, this.drafts, () => {
      this.kept = undefined
      go(href(), true)
    })
  }

  async open(): Promise<void> {
    const asked = new URLSearchParams(location.search).get('lang') // whoever comes from another page of ours has chosen there
    const chosen = asked ?? (await this.device.store.get<string>('documents', 'lang').catch(() => undefined))
    if (chosen === 'ko' || chosen === 'en') this.lang = chosen
    if (asked === this.lang) void this.device.store.put('documents', 'lang', asked).catch(() => undefined)
    this.device.lang = this.lang
    this.device.on(() => {
      this.tidy()
      this.redraw()
    })
    addEventListener('hashchange', () => void this.arrive())
    addEventListener('online', () => this.device.online())
    addEventListener('offline', () => {
      this.device.line = 'down'
      this.redraw()
    })
    document.addEventListener('visibilitychange', () => {
      if (document.hidden) return
      this.shared.wake()
      void this.device.look().then(() => this.refresh())
    })
    addEventListener('pageshow', (e) => {
      if (!e.persisted) return
      this.shared.wake()
      void this.device.look() // as it was left, maybe long ago
    })
    for (const kind of ['pointerdown', 'keydown']) addEventListener(kind, () => this.shared.touch(), { passive: true })
    await this.device.open()
    await this.shared.open()
    await this.arrive()
    await this.refresh()
    void this.complete()
    this.refreshLater()
    void install((use) => {
      this.update = use
      this.redraw()
    })
  }

  /** Somebody who is gone leaves nothing behind that was half typed. */
  private tidy(): void {
    const state = this.device.state
    if (this.device.wiped) this.drafts.forget()
    if (!state || this.device.trouble || this.device.wiped) return
    const ids = new Set(state.people.map((p) => p.id))
    if (this.people && ids.size === this.people.size && [...ids].every((id) => this.people?.has(id))) return
    this.people = ids
    this.voice.hush() // it may have named whoever is gone
    void this.drafts.tidy(ids)
    void this.shared.refresh().then(() => this.redraw())
  }

  /** Fetches the pages that are not needed at once; without a line it is tried again. */
  private async complete(): Promise<void> {
    try {
      await fetchMore()
      this.redraw()
    } catch {
      setTimeout(() => void this.complete(), refreshPause / 20)
    }
  }

  /** Fetches the public documents that the page needs. */
  private async refresh(): Promise<void> {
    const d = this.device.documents
    const got = await d.fetchCampaigns()
    if (!got && this.device.line === 'unknown') this.device.line = 'down'
    if (got && this.device.line === 'down') this.device.online()
    const slugs = new Set(this.device.state?.people.map((p) => p.campaign))
    const all = d.campaigns()?.campaigns ?? []
    if (all.length === 1 && all[0]) slugs.add(all[0].campaign)
    const named = this.named()
    if (named !== undefined) slugs.add(named)
    await Promise.all([...slugs].map((s) => d.fetchCampaign(s)))
    await d.fetchService()
    this.redraw()
  }

  /** An opening can be put off: whoever waits in front of the page is told within some minutes. */
  private refreshLater(): void {
    setTimeout(() => {
      this.refreshLater()
      if (!document.hidden) void this.refresh()
    }, refreshPause * (1 + Math.random()))
  }

  /** The campaign that the address names. */
  private named(): string | undefined {
    const route = parts(location.hash)
    return route[0] === 'c' || route[0] === 'new' || route[0] === 'find' ? route[1] : undefined
  }

  /** A page is come to: its form is as it was left, and whoever listens is told where they are. */
  private async arrive(): Promise<void> {
    const route = parts(location.hash)
    await Promise.all([route.slice(0, 2).join('-'), `code-${route[1] ?? ''}`, route.join('-')].map((name) => this.drafts.open(name)))
    if (route.join('/') !== parts(location.hash).join('/')) return // gone on meanwhile
    this.opened = route.join('/')
    const slug = this.named()
    if (slug !== undefined && !this.device.documents.campaign(slug)) void this.device.documents.openCampaign(slug)
    this.draw()
    if (this.moved) {
      this.moved = false
      const at = document.activeElement
      requestAnimationFrame(() => { // a task of its own: giving the focus makes the browser lay the page out
        if (document.activeElement !== at && this.root.contains(document.activeElement)) return // whoever was quicker, in a field already, stays there
        scrollTo(0, 0)
        this.root.querySelector('h1')?.focus({ preventScroll: true })
      })
    }
  }

  private moved = false
  /** The address whose drafts have been read. Fields take what was typed when they are made, so no page is drawn before. */
  private opened: string | undefined

  private redraw(): void {
    if (this.drawing) return
    this.drawing = true
    requestAnimationFrame(() => {
      this.drawing = false
      this.draw()
    })
    // A tab in the background gets no frames, and must not show what has been forgotten when it comes back.
    if (document.hidden) setTimeout(() => this.draw(), 0)
  }

  private draw(): void {
    clearTimeout(this.timer)
    this.ticks = Infinity
    const route = parts(location.hash)
    const address = route.join('/')
    if (address !== this.opened) return
    if (address !== this.shownAt) {
      this.moved = this.shownAt !== '' || address !== ''
      this.shownAt = address
      this.kept = undefined
    }
    if (this.leaves(route)) return
    // What was done is said until the next page, or until something must be read about it.
    if (this.done && ((this.done.at ??= address) !== address || this.done.serial !== this.device.state?.serial)) this.done = undefined
    const v = this.view(route)
    document.documentElement.lang = this.lang
    try {
      this.show(v, pageOf(v))
    } catch (e) {
      // A page that cannot be drawn must not look like an application that is gone.
      patch(this.root, [h('main', {}, h('h1', {}, v.w.brand), h('p', { role: 'alert' }, v.w.broken), button('reload', v.w.reload, () => location.reload()))])
      throw e
    }
  }

  /** Somebody is gone whose page this is, and why is to be read: it is read on the first page, and no way leads back. */
  private leaves(route: string[]): boolean {
    const s = this.device.state
    if (!s || route[0] !== 'p' || personOf(s, route[1] ?? '')) return false
    const why = (s.notices ?? []).filter((n) => n.person === route[1])
    if (why.length === 0) return false
    this.voice.say(why.map((n) => `${noticeText(all[this.lang], n, why)} ${n.problem?.title ?? ''} ${n.problem?.detail ?? ''}`).join(' '))
    go(href(), true)
    return true
  }

  /** What was done, and whether it has been sent meanwhile. What was refused has a notice of its own. */
  private doneText(): string | undefined {
    const sent = !this.device.state || !waits(this.device.state)
    return this.done?.sends && sent ? all[this.lang].doneSent : this.done?.text || undefined
  }

  private show(v: View, page: Page): void {
    document.title = `${page.name === 'entry' ? v.w.entryTitle : page.title(v)} · ${v.w.brand}` // titles stand in the browser's history: no names
    const kids = frame(v, page, {
      choose: (lang) => this.choose(lang), update: this.update, outdated: this.device.documents.outdated(), done: this.doneText(),
    })
    keepFocus(this.root, () => patch(this.root, kids))
  }

  private view(route: string[]): View {
    return {
      device: this.device, drafts: this.drafts, shared: this.shared, state: this.device.state ?? emptyState(), lang: this.lang, w: all[this.lang],
      now: this.device.now(), route,
      keep: <T>(init: () => T): T => (this.kept ??= init()) as T,
      redraw: () => this.redraw(),
      tick: (ms) => {
        if (ms >= this.ticks) return
        this.ticks = ms
        clearTimeout(this.timer)
        this.timer = setTimeout(() => this.redraw(), ms - (this.device.now() % ms))
      },
      say: (text) => this.voice.say(text),
      done: (text, sends) => {
        this.done = { text, sends, serial: this.device.state?.serial }
        if (text !== '') this.voice.say(text)
      },
      wipe: () => this.device.wipe(),
    }
  }

  private choose(lang: Lang): void {
    this.lang = lang
    this.device.lang = lang
    void this.device.store.put('documents', 'lang', lang).catch(() => undefined) // then it is chosen again next time
    this.redraw()
  }
}

function start(): void {
  const root = document.getElementById('app')
  if (!root) return
  root.textContent = ''
  void new App(root).open()
}

start()
