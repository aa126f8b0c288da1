import type { Campaign, Cohort } from './contract.ts'
import { instant } from './instant.ts'
import { drawnOfNanos, minute, second } from './pace.ts'
import type { Outside } from './pen.ts'
import { pause } from './state.ts'
import type { Pause, Person, State } from './state.ts'
import { shownOrder } from './shown.ts'

/** How long an application is held back at most where order is drawn. */
const mostSpread = 10 * minute

/**
 * For how long an application is held back: only where all who apply within the window are equal, so that nobody loses by it, and at most
 * the first half of what is left of the window. Wherever anything is unknown it is sent at once.
 */
export function spread(s: State, who: Person, outside: Outside): Pause | undefined {
  const campaign = outside.campaign(who.campaign)
  const cohort = campaign && cohortOf(campaign, who.form.person.birth_date)
  if (cohort === undefined || shownOrder(cohort.order) !== 'draw' || cohort.window_closes === undefined) return undefined
  const now = { millis: outside.now + (s.ahead ?? 0) * second, nanos: 0 }
  const opens = instant(cohort.opens)
  const closes = instant(cohort.window_closes)
  if (opens === undefined || closes === undefined || now.millis < opens.millis || (now.millis === opens.millis && opens.nanos > 0)) return undefined
  const nanos = (closes.millis - now.millis) * 1e6 + closes.nanos // exact as far as it counts: up to 20 minutes
  const room = Math.min(Math.trunc(nanos / 2), mostSpread * 1e6)
  return room > 0 ? pause(outside.now, drawnOfNanos(room, outside.dice())) : undefined
}

/** The cohort that a birth date belongs to, as far as the document says. Days compare as their texts do. */
export function cohortOf(c: Campaign, born: string): Cohort | undefined {
  if (born.length !== '2006-01-02'.length) return undefined
  const last = born.charCodeAt(born.length - 1) - '0'.charCodeAt(0)
  return c.cohorts.find((k) => {
    const digits = k.birth_digits ?? []
    return born >= k.born_from && born <= k.born_to && (digits.length === 0 || digits.includes(last))
  })
}
