// Another time instead of the present one: what is free, as it was counted, and the wish for it. Nothing here reserves anything.
import { outboxOf, pending } from '../protocol/index.ts'
import type { Appointment, Campaign, FreeTime, Person, Wishes } from '../protocol/index.ts'
import { act, trouble, type Act } from '../ui/act.ts'
import { h, type El, type Kid } from '../ui/dom.ts'
import { clockIn, dayIn } from '../ui/format.ts'
import { button, redrawTo } from '../ui/parts.ts'
import { campaignOf, siteOf, zoneOf, type MoreView as View } from '../ui/view.ts'
import { ahead, span } from './appointment.ts'
import { freeTimes, nearFirst, siteChoice } from './free.ts'
import { belowProven } from './nobody.ts'
import { place } from './place.ts'
import { said } from './said.ts'
import { brief, draftOf, wishForm } from './swapform.ts'
import { standing } from './wanted.ts'

interface Kept extends Act {
  /** The time that was tapped, and where. */
  chosen?: { site: string; time: FreeTime } | undefined
  /** How many wishes were sent from here: the form is empty after each. */
  sends?: number
}

export const swap = belowProven('swap', (v) => v.w.swapTitle, body)

function body(v: View, p: Person): Kid[] {
  const c = campaignOf(v, p)
  const a = p.told?.appointment
  if (!a || !ahead(a) || pending(p, 'cancel')) return [h('p', { 'data-about': 'none' }, v.w.swapNone)]
  const k = v.keep<Kept>(() => ({}))
  return [
    trouble(k),
    h('section', { 'data-about': 'present' }, h('h2', {}, v.w.swapNow), h('p', { class: 'big' }, span(v, c, a)), place(v, a.site, siteOf(c, a.site))),
    asked(v, p, c, k),
    p.told?.swap_asked !== true && h('p', { class: 'note' }, v.w.swapMeans),
    standing(p).wishes?.household && h('p', {}, v.w.swapHousehold),
    k.chosen && c ? chosen(v, p, c, k, k.chosen) : [c && free(v, p, c, a, k), wishForm(v, p, c, a, (wishes) => ask(v, p, k, wishes))],
  ]
}

/** What was asked for already, or is on its way. */
function asked(v: View, p: Person, c: Campaign | undefined, k: Kept): El | false {
  const last = [...outboxOf(p)].reverse().find((o) => o.kind === 'ask_swap' || o.kind === 'drop_swap')
  if (last === undefined && p.told?.swap_asked !== true) return false
  const keep = (): void => void act(v, k, (pen) => pen.dropSwap(p.id), () => v.say(v.w.swapKeepSaved))
  if (last?.kind === 'drop_swap') return h('p', { class: 'note', role: 'status', 'data-about': 'dropping' }, h('strong', {}, v.w.apptSending), ' ', v.w.swapDropping)
  const wishes = last?.kind === 'ask_swap' ? last.body.wishes : p.told?.wishes
  return h('section', { class: 'note', 'data-about': 'asked', key: 'asked' },
    h('p', {}, last ? [h('strong', {}, v.w.apptSending), ' ', v.w.swapSending] : h('strong', {}, v.w.swapAsked)),
    h('p', {}, v.w.swapWish, ': ', said(v, c, wishes)),
    h('p', {}, button('keep', v.w.swapKeep, keep)))
}

function free(v: View, p: Person, c: Campaign, a: Appointment, k: Kept): El {
  const sites = nearFirst(c, p, a.site)
  const draft = draftOf(p)
  const d = v.drafts.get(draft)
  const site = sites.some((s) => s.code === d['look']) ? (d['look'] ?? a.site) : a.site
  const set = (name: string, value: string): void => {
    v.drafts.set(draft, name, value, brief(v, p))
    v.redraw()
  }
  return h('section', { 'data-about': 'free', key: 'free' }, h('h2', {}, v.w.swapFreeTitle),
    siteChoice(v, c, sites, {
      site, region: d['region'] ?? '', chooseSite: (code) => set('look', code),
      chooseRegion: (code) => {
        v.drafts.set(draft, 'region', code, brief(v, p))
        set('look', sites.find((s) => s.region === code)?.code ?? site)
      },
    }),
    h('div', { key: `times-${site}` }, freeTimes(v, p, c, a, site, (time) => {
      k.chosen = { site, time }
      redrawTo(v, 'chosen')
    })))
}

/** What the tap on a time means, before it is done. */
function chosen(v: View, p: Person, c: Campaign, k: Kept, it: NonNullable<Kept['chosen']>): El {
  const back = (): void => {
    k.chosen = undefined
    toHead(v)
  }
  return h('section', { class: 'appointment', key: 'chosen', 'data-about': 'chosen' },
    h('h2', { id: 'chosen', tabindex: -1 }, v.w.swapThisTitle),
    h('p', { class: 'when' }, span(v, c, it.time)), place(v, it.site, siteOf(c, it.site)),
    h('p', {}, v.w.swapBecomes),
    h('div', { class: 'row' },
      button('ask-this', v.w.swapAskThis, () => ask(v, p, k, exactly(p, c, it.site, it.time)), 'main'),
      button('other-times', v.w.swapBack, back)))
}

/** This site and this time, and whatever the person cannot do without: a household stays one. */
export function exactly(p: Person, c: Campaign, site: string, t: FreeTime): Wishes {
  const zone = zoneOf(c)
  const day = dayIn(zone, t.starts)
  const to = dayIn(zone, t.ends) === day ? clockIn(zone, t.ends) : '24:00'
  const household = standing(p).wishes?.household
  return { sites: [site], not_before: day, not_after: day, times: [{ from: clockIn(zone, t.starts), to }], ...(household ? { household } : {}) }
}

function ask(v: View, p: Person, k: Kept, wishes: Wishes): void {
  void act(v, k, (pen) => pen.askSwap(p.id, standing(p).region, wishes, true), () => {
    k.chosen = undefined
    k.sends = (k.sends ?? 0) + 1
    v.drafts.drop(draftOf(p))
    v.say(v.w.swapSaved)
    toHead(v)
  })
}

/** Back to the head of the page. */
function toHead(v: View): void {
  scrollTo(0, 0)
  redrawTo(v, 'title')
}
