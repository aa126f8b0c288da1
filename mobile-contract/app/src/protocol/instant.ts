// Instants as texts, as the contract and the stored record have them.

/** An instant to the nanosecond, as far as JavaScript's numbers cannot say it in one. */
interface Instant {
  millis: number
  nanos: number // within the millisecond
}

const written = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d+))?(Z|[+-]\d\d:\d\d)$/

/** Reads an instant (RFC 3339); undefined where the text is none. Date.parse alone takes more than that, and differs among browsers. */
export function instant(text: string): Instant | undefined {
  const parts = written.exec(text)
  if (parts === null) return undefined
  const [, whole = '', fraction = '', zone = ''] = parts
  const digits = (fraction + '000000000').slice(0, 9)
  const start = Date.parse(`${whole}.${digits.slice(0, 3)}${zone}`)
  // A day that the month does not have comes back as one of the next month.
  const local = Date.parse(`${whole}Z`)
  if (Number.isNaN(start) || Number.isNaN(local) || !new Date(local).toISOString().startsWith(whole)) return undefined
  return { millis: start, nanos: Number(digits.slice(3)) }
}

/** From one instant to a later one, in whole milliseconds, rounded up. */
export function between(from: Instant, to: Instant): number {
  return to.millis - from.millis + (to.nanos > from.nanos ? 1 : 0)
}

/** Writes an instant down as Go does: without zeros at the end of the fraction. */
export function text(now: number): string {
  return new Date(now).toISOString().replace(/\.000Z$/, 'Z').replace(/(\.\d*[1-9])0+Z$/, '$1Z')
}
