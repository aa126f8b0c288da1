// Wishes as they stand, and in a few words.
import { outboxOf } from '../protocol/index.ts'
import type { Campaign, CurrentWishes, Person, Wishes } from '../protocol/index.ts'
import { nameIn, onDay } from '../ui/format.ts'
import type { View } from '../ui/view.ts'

/** What the server told last, or what was written since and is not answered yet. */
export function standing(p: Person): { region: string | undefined; wishes: Wishes | CurrentWishes | undefined } {
  const own = outboxOf(p).some((o) => o.kind === 'change_wishes' || o.kind === 'ask_swap' || o.kind === 'correct')
  return own || !p.told?.wishes ? { region: p.form.region, wishes: p.form.wishes } : { region: p.told.region, wishes: p.told.wishes }
}

export function said(v: View, c: Campaign | undefined, w: Wishes | CurrentWishes | undefined): string {
  const name = (code: string): string => nameIn(v.lang, c?.sites.find((s) => s.code === code)?.names) || code
  // A day of the calendar is the same everywhere: it is written as noon of itself.
  const day = (d: string | undefined): string => (d === undefined ? '' : onDay(v.lang, 'UTC', `${d}T12:00:00Z`))
  const parts = [
    (w?.sites ?? []).map(name).join(', '),
    w?.not_before !== undefined || w?.not_after !== undefined ? v.w.swapDays(day(w.not_before), day(w.not_after)) : '',
    (w?.weekdays ?? []).map((d) => v.w.weekdays[d] ?? d).join('·'),
    (w?.times ?? []).map((t) => v.w.apptSpan(t.from, t.to)).join(', '),
  ].filter((x) => x !== '')
  return parts.length > 0 ? parts.join(' / ') : v.w.swapAny
}
