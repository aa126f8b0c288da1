import type { Place, QueueDocument } from './contract.ts'
import { drawn, minute, second } from './pace.ts'
import { shownRate } from './shown.ts'

/** How many people, as a range. */
export interface Ahead {
  least: number
  most: number
}

/**
 * How many people get an appointment before the one at a place: at least, at most. The contract's QueueDocument states the formulas. It is
 * true of people who wait and are ready now, not of who becomes ready or leaves later. A place without a number has nobody before it here;
 * show nothing then.
 */
export function before(d: QueueDocument, place: Pick<Place, 'number' | 'late'>): Ahead {
  const { size, ready, late } = d.blocks
  const number = place.number ?? 0
  if (number <= 0 || size <= 0) return { least: 0, most: 0 }
  const own = Math.trunc((number - 1) / size)
  const ahead = (number - 1) % size
  let least = 0
  let most = 0
  ready.forEach((all, block) => {
    const lateReady = Math.min(all, late[block] ?? all) // a block whose late ones are not said may be late as a whole
    if (block < own) {
      least += all
      most += all
    } else if (block === own) {
      const announced = Math.min(size, d.sealed_to - block * size)
      least += Math.max(0, all - Math.max(0, announced - ahead))
      most += Math.min(all, ahead + lateReady)
    } else {
      most += lateReady
    }
  })
  return { least: place.late ? 0 : least, most }
}

/** How long somebody waits, as a range in milliseconds. known is false when nothing can be said; open means that there is no upper end. */
export interface Span {
  known: boolean
  open: boolean
  least: number
  most: number
}

/** Bounds what a faulty document can make of a wait. */
const mostMinutes = 10 * 365 * 24 * 60

const minutes = (n: number): number => Math.max(0, Math.min(Math.trunc(n), mostMinutes)) * minute

/** How long somebody at a place waits, in whole minutes. It is unknown for a place that is estimated or waits for its draw. */
export function waitOf(d: QueueDocument, place: Pick<Place, 'number' | 'late'>): Span {
  const number = place.number ?? 0
  const { state, fast, slow } = d.rate
  if (number <= 0 || number > d.sealed_to || shownRate(state) !== 'known' || fast <= 0) return { known: false, open: false, least: 0, most: 0 }
  const { least, most } = before(d, place)
  const soonest = minutes((least * 60) / fast)
  if (slow <= 0) return { known: true, open: true, least: soonest, most: 0 }
  return { known: true, open: false, least: soonest, most: minutes((most * 60 + slow - 1) / slow) }
}

/** In how many milliseconds to ask for a queue's document, or the free times of a site, again. dice is in [0, 1). */
export function queueAgain(d: Pick<QueueDocument, 'next_change_seconds'>, dice: number): number {
  const span = Math.max(1, Math.min(d.next_change_seconds, 3600)) * second
  return span + drawn(span, dice)
}
