// The appointment: what, where, when, and what to do now. It says confirmed only when the server has said so.
import { pending, shownAppointment, shownState } from '../protocol/index.ts'
import type { Appointment, AppointmentState, Campaign, Person } from '../protocol/index.ts'
import { h, type El, type Kid } from '../ui/dom.ts'
import { atTime, nameIn, onDay } from '../ui/format.ts'
import { calendar, download } from '../ui/ics.ts'
import { button, linkButton } from '../ui/parts.ts'
import { siteOf, zoneOf, type View } from '../ui/view.ts'
import { answer, changedMeanwhile, head, sendingAnswer } from './answer.ts'
import { place, wayTo } from './place.ts'

/** Somebody comes at this time, or may. */
export function ahead(a: Appointment): boolean {
  const s = shownAppointment(a.state)
  return s === 'offered' || s === 'confirmed'
}

export function appointment(v: View, p: Person, c: Campaign | undefined): El | false {
  const a = p.told?.appointment
  if (!a || shownState(p.told?.state ?? 'waiting') === 'withdrawn') return false
  const site = siteOf(c, a.site)
  const comes = ahead(a)
  const over = Date.parse(a.ends) <= v.now
  const now = nowWords(v, p, c, a, over)
  return h('section', { class: comes ? 'appointment' : 'appointment past', key: 'appointment', 'data-about': 'appointment', 'data-state': shownAppointment(a.state) },
    h('h2', { id: head, tabindex: -1 }, v.w.apptTitle),
    changedMeanwhile(v, a, comes && !over),
    h('p', { class: 'state' }, stateWords(v, a.state, comes && over)),
    h('p', { class: comes ? 'when' : 'big', 'data-about': 'when' }, span(v, c, a)),
    comes ? place(v, a.site, site) : h('p', {}, nameIn(v.lang, site?.names) || a.site),
    p.told?.masked_name !== undefined && h('p', {}, v.w.apptFor(p.told.masked_name.replace(/\*/g, '*\u2060'))) /* no line ends behind the star */,
    sendingAnswer(v, p, a),
    now !== '' && h('p', { 'data-about': 'now' }, now),
    answer(v, p, a, comes && !over),
    comes && swapLine(v, p),
    comes && h('ul', { class: 'actions' },
      p.told?.ticket !== undefined && h('li', {}, linkButton(['p', p.id, 'ticket'], 'ticket-here', v.w.doTicket)),
      !over && h('li', {}, linkButton(['p', p.id, 'swap'], 'swap', v.w.doSwap)),
      !over && keeps(v, p) && h('li', {}, button('calendar', v.w.calendarFile, () => save(v, p, c, a)), h('p', { class: 'hint' }, v.w.calendarHint))),
    comes && site && wayTo(v, site))
}

/** Day and time, from when until when. */
export function span(v: View, c: Campaign | undefined, t: { starts: string; ends: string }): Kid {
  const zone = zoneOf(c)
  return [h('span', { class: 'block' }, onDay(v.lang, zone, t.starts)), ' ',
    h('span', { class: 'block' }, v.w.apptSpan(atTime(v.lang, zone, t.starts), atTime(v.lang, zone, t.ends)))]
}

function stateWords(v: View, state: AppointmentState, over: boolean): string {
  if (over) return v.w.apptOver
  const words: Record<AppointmentState, string> = {
    offered: v.w.apptOffered, confirmed: v.w.apptConfirmed, attended: v.w.apptAttended, missed: v.w.apptMissed,
    declined: v.w.apptDeclined, lapsed: v.w.apptLapsed, cancelled: v.w.apptCancelled,
  }
  return words[shownAppointment(state)]
}

/** What to do now; empty when there is nothing to do. */
function nowWords(v: View, p: Person, c: Campaign | undefined, a: Appointment, over: boolean): string {
  const s = shownAppointment(a.state)
  const call = c ? v.w.apptCall(c.phone) : ''
  if (s === 'attended') return ''
  if (s === 'missed' || (ahead(a) && over)) return call
  if (s === 'offered') return pending(p, 'confirm') || pending(p, 'decline') ? '' : v.w.apptAnswerNow
  if (s === 'confirmed') return pending(p, 'decline') ? '' : v.w.apptComeNow
  const kept = p.told && shownState(p.told.state) === 'waiting' ? v.w.apptKept : ''
  return [kept, s === 'cancelled' ? call : ''].filter(Boolean).join(' ')
}

function swapLine(v: View, p: Person): Kid {
  const asking = pending(p, 'ask_swap')
  if (pending(p, 'drop_swap')) return h('p', { class: 'note', 'data-about': 'swap' }, h('strong', {}, v.w.apptSending), ' ', v.w.swapDropping)
  if (asking) return h('p', { class: 'note', 'data-about': 'swap' }, h('strong', {}, v.w.apptSending), ' ', v.w.swapSending)
  return p.told?.swap_asked === true && h('p', { class: 'note', 'data-about': 'swap' }, v.w.swapAsked)
}

/** A file that stays would outlive somebody who is here for a while only. */
function keeps(v: View, p: Person): boolean {
  return p.forget_after !== true && !v.shared.has(p.id)
}

function save(v: View, p: Person, c: Campaign | undefined, a: Appointment): void {
  const site = siteOf(c, a.site)
  const firm = shownAppointment(a.state) === 'confirmed'
  const name = p.told?.masked_name ?? ''
  download(calendar({
    uid: `${a.id}.${p.campaign}@jari`, made: v.now, starts: Date.parse(a.starts), ends: Date.parse(a.ends), firm,
    title: [nameIn(v.lang, c?.names) || v.w.brand, name].filter(Boolean).join(' · '),
    place: site ? [nameIn(v.lang, site.names), nameIn(v.lang, site.addresses)].filter(Boolean).join(', ') : a.site,
    about: [v.w.calendarAbout(name, c?.phone ?? ''), firm ? '' : v.w.calendarOpen].filter(Boolean).join('\n'),
    position: site && { lat: site.lat, lon: site.lon },
  }))
  v.say(v.w.calendarMade)
}
