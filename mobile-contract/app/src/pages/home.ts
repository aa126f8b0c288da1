// The first page: what can be booked, when it opens, and who is on this device.
import { mostPeople, shownOrder, type Campaign, type Cohort } from '../protocol/index.ts'
import { h, type El, type Kid } from '../ui/dom.ts'
import { nameIn, when } from '../ui/format.ts'
import { linkButton, withPhone } from '../ui/parts.ts'
import { href } from '../ui/router.ts'
import { zoneOf, type Page, type View } from '../ui/view.ts'
import { headline } from './status.ts'

export const home: Page = {
  name: 'home',
  title: (v) => {
    const c = chosen(v)
    return c ? nameIn(v.lang, c.names) : v.w.homeTitle
  },
  body(v) {
    const c = chosen(v)
    return [people(v), c ? campaign(v, c) : choose(v)]
  },
}

/** The campaign that the page is about: the one of the address, or the only one. */
export function chosen(v: View): Campaign | undefined {
  const slug = chosenSlug(v)
  return slug === undefined ? undefined : v.device.documents.campaign(slug)
}

export function chosenSlug(v: View): string | undefined {
  if (v.route[0] === 'c' && v.route[1] !== undefined) return v.route[1]
  const all = v.device.documents.campaigns()?.campaigns ?? []
  if (all.length === 1) return all[0]?.campaign
  const mine = new Set(v.state.people.map((p) => p.campaign))
  return all.length === 0 && mine.size === 1 ? [...mine][0] : undefined
}

function choose(v: View): Kid {
  const all = v.device.documents.campaigns()
  if (!all) return h('p', { 'data-about': 'no-line' }, v.device.line === 'unknown' && navigator.onLine ? v.w.opening : v.w.homeNoLine)
  if (all.campaigns.length === 0) return h('p', {}, v.w.homeNone)
  return h('section', {}, h('h2', {}, v.w.homeChoose),
    h('ul', { class: 'cards' }, all.campaigns.map((c) => h('li', { key: c.campaign }, linkButton(['c', c.campaign], 'choose', nameIn(v.lang, c.names))))))
}

function people(v: View): El | false {
  if (v.state.people.length === 0) return false
  return h('section', { key: 'people' }, h('h2', {}, v.w.homePeople),
    h('ul', { class: 'cards' }, v.state.people.map((p) => {
      const head = headline(v, p)
      return h('li', { key: p.id }, h('a', { class: 'card', href: href('p', p.id), 'data-do': 'person' },
        h('strong', {}, p.form.person.name), h('span', { class: `state ${head.tone}` }, head.text)))
    })))
}

function campaign(v: View, c: Campaign): Kid {
  const open = c.cohorts.some((k) => at(k.opens) <= v.now && v.now < at(k.closes))
  const over = c.cohorts.every((k) => at(k.closes) <= v.now)
  const full = v.state.people.length >= mostPeople
  const started = v.state.people.length > 0
  return h('section', { key: `campaign-${c.campaign}`, 'data-about': 'campaign' },
    started && h('h2', {}, nameIn(v.lang, c.names)),
    countdown(v, c),
    !over && (full ? h('p', { class: 'note' }, v.w.homeFull) : h('p', {},
      linkButton(['new', c.campaign], open ? 'apply' : 'prepare', started ? v.w.homeAddPerson : open ? v.w.homeApply : v.w.homePrepare, started ? '' : 'main big'),
      !open && !started && h('span', { class: 'hint block' }, v.w.homePrepareHint))),
    !full && h('p', {}, linkButton(['find', c.campaign], 'find', v.w.homeFind), h('span', { class: 'hint block' }, v.w.homeFindHint)),
    who(v, c),
    withPhone(v.w.call(c.phone), c.phone))
}

function who(v: View, c: Campaign): Kid {
  return h('section', {}, h(v.state.people.length > 0 ? 'h3' : 'h2', {}, v.w.homeWho),
    c.cohorts.some((k) => shownOrder(k.order) !== 'draw') && h('p', {}, v.w.homeArrival),
    h('ul', { class: 'cohorts' }, c.cohorts.map((k) => h('li', { key: k.code },
      h('strong', {}, nameIn(v.lang, k.names)), h('span', { class: 'block' }, openWords(v, c, k)),
      drawWords(v, c, k)))))
}

function openWords(v: View, c: Campaign, k: Cohort): string {
  const zone = zoneOf(c)
  if (v.now < at(k.opens)) return v.w.homeOpensAt(when(v.lang, zone, k.opens))
  if (v.now < at(k.closes)) return v.w.homeOpenUntil(when(v.lang, zone, k.closes))
  return v.w.homeClosed(when(v.lang, zone, k.closes))
}

function drawWords(v: View, c: Campaign, k: Cohort): Kid {
  return shownOrder(k.order) === 'draw' && k.window_closes !== undefined && h('span', { class: 'hint block' }, v.w.homeDraw(when(v.lang, zoneOf(c), k.window_closes)))
}

/** Counts down to the next opening of anybody's, by our time. */
export function countdown(v: View, c: Campaign, cohort?: Cohort): El | false {
  const openings = (cohort ? [cohort] : c.cohorts).map((k) => at(k.opens)).filter((t) => t > v.now)
  const someOpen = !cohort && c.cohorts.some((k) => at(k.opens) <= v.now && v.now < at(k.closes))
  if (openings.length === 0 || someOpen) return false
  const left = Math.max(0, Math.ceil((Math.min(...openings) - v.now) / 1000))
  v.tick(1000)
  const days = Math.floor(left / 86_400)
  const clock = [Math.floor(left / 3600) % 24, Math.floor(left / 60) % 60, left % 60].map((n) => String(n).padStart(2, '0')).join(':')
  return h('div', { class: 'countdown', 'data-about': 'countdown' }, h('p', {}, v.w.homeCountdown),
    h('p', { class: 'clock', role: 'timer' }, days > 0 && `${v.w.days(days)} `, clock), h('p', { class: 'hint' }, v.w.clockHint))
}

function at(instant: string): number {
  return Date.parse(instant)
}
