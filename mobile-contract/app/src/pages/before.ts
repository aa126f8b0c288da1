// How many stand before somebody: counted on this phone, from the count that is the same for everybody.
import { before, waitOf } from '../protocol/index.ts'
import type { Person, QueueDocument } from '../protocol/index.ts'
import { h, type El, type Kid } from '../ui/dom.ts'
import { count, nameIn, toSecond } from '../ui/format.ts'
import { campaignOf, zoneOf, type View } from '../ui/view.ts'

const look = 5_000 // milliseconds: how often it is seen to whether the count is due

export function beforeMe(v: View, p: Person): El | false {
  const place = p.told?.place
  if (!place || p.told?.state !== 'waiting' || place.after_draw) return false
  v.device.documents.watch(p.campaign, place.queue)
  v.tick(look)
  const shown = v.device.documents.queue(p.campaign, place.queue)
  return h('section', { 'data-about': 'before' }, h('h2', {}, v.w.beforeTitle),
    shown.body ? counted(v, p, shown.body, shown.fetched, shown.misses > 0) : h('p', {}, shown.misses > 0 ? v.w.beforeUnknown : v.w.opening))
}

function counted(v: View, p: Person, doc: QueueDocument, fetched: number, missed: boolean): Kid[] {
  const place = p.told?.place
  const at = toSecond(v.lang, zoneOf(campaignOf(v, p)), fetched + v.now - Date.now())
  const notice = nameIn(v.lang, doc.notice)
  if (!place || place.number === undefined) return [notice !== '' && h('p', { class: 'note', 'data-about': 'notice' }, notice), h('p', {}, v.w.beforeEstimate)]
  const b = before(doc, place)
  return [
    notice !== '' && h('p', { class: 'note', 'data-about': 'notice' }, h('strong', {}, v.w.homeNotice), ' ', notice),
    h('p', { class: 'big' }, b.most === 0 ? v.w.beforeNone : b.least === b.most ? v.w.beforeExact(count(b.least)) : v.w.beforeRange(count(b.least), count(b.most))),
    h('p', {}, wait(v, doc, place)),
    doc.assured_to !== undefined && h('p', {}, place.number <= doc.assured_to ? v.w.assured : v.w.notAssured),
    h('p', { class: 'hint' }, missed ? v.w.beforeOld(at) : v.w.beforeHow(at)),
  ]
}

function wait(v: View, doc: QueueDocument, place: Parameters<typeof waitOf>[1]): string {
  const span = waitOf(doc, place)
  if (span.known && span.open) return v.w.waitLeast(v.w.minutes(span.least / 60_000))
  if (span.known) return v.w.waitRange(v.w.minutes(span.least / 60_000), v.w.minutes(span.most / 60_000))
  switch (doc.rate.state) {
    case 'no_round':
      return v.w.waitNoRound
    case 'no_capacity':
      return v.w.waitNoCapacity
    default:
      return v.w.waitUnknown
  }
}
