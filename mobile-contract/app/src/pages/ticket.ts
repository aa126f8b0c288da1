// The ticket: what is shown or said at the site. It is drawn from what this phone has, without a connection.
import type { Person } from '../protocol/index.ts'
import { h, type El, type Kid } from '../ui/dom.ts'
import { ticketGroups } from '../ui/format.ts'
import { button } from '../ui/parts.ts'
import { qr, qrPath, qrWidth } from '../ui/qr.ts'
import { campaignOf, siteOf, type MoreView as View } from '../ui/view.ts'
import { ahead, span } from './appointment.ts'
import { belowProven } from './nobody.ts'
import { place } from './place.ts'

export const ticket = belowProven('ticket', (v) => v.w.ticketTitle, body)

function body(v: View, p: Person): Kid[] {
  const digits = p.told?.ticket
  if (digits === undefined) return [h('p', {}, v.w.ticketNone)]
  const groups = ticketGroups(digits)
  return [
    h('p', { class: 'screen' }, v.w.ticketHow),
    h('div', { class: 'ticket', 'data-about': 'ticket' },
      code(v, digits, groups),
      h('p', {}, v.w.ticketNumber),
      // One digit after another, as it is said at the door.
      h('p', { class: 'digits', role: 'img', 'aria-label': aloud(groups), 'data-about': 'digits' }, groups),
      p.told?.masked_name !== undefined && h('p', { class: 'big' }, p.told.masked_name)),
    appointmentLine(v, p),
    h('p', { class: 'hint' }, v.w.ticketKeep),
    h('p', {}, button('print', v.w.ticketPrint, () => print())),
  ]
}

function aloud(groups: string): string {
  return groups.split(' ').map((g) => [...g].join(' ')).join(', ')
}

interface Kept {
  /** What the path is of. */
  digits?: string
  /** The code's dark modules; undefined as long as it is being made, empty when there is no code of these digits. */
  path?: string | undefined
}

/** The code is made once, and after the page is there: it is the dearest thing on it, and the digits do as well. */
function code(v: View, digits: string, groups: string): El | false {
  const k = v.keep<Kept>(() => ({}))
  if (k.digits !== digits) {
    k.digits = digits
    k.path = undefined
    setTimeout(() => {
      const modules = qr(digits)
      k.path = modules ? qrPath(modules) : ''
      v.redraw()
    })
  }
  return k.path !== '' && h('svg', { class: 'qr', viewBox: `0 0 ${qrWidth} ${qrWidth}`, role: 'img', 'aria-label': v.w.ticketQr(aloud(groups)), 'shape-rendering': 'crispEdges', key: 'qr' },
    h('rect', { width: qrWidth, height: qrWidth, fill: '#fff' }), k.path !== undefined && h('path', { d: k.path, fill: '#000', 'data-about': 'qr' }))
}

function appointmentLine(v: View, p: Person): El {
  const c = campaignOf(v, p)
  const a = p.told?.appointment
  if (!a || !ahead(a)) return h('p', {}, v.w.ticketNoAppointment)
  return h('section', { 'data-about': 'when' }, h('h2', {}, v.w.apptTitle),
    h('p', { class: 'when' }, span(v, c, a)), place(v, a.site, siteOf(c, a.site)))
}
