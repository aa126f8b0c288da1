// Wishes in a few words, as they stand.
import type { Campaign, CurrentWishes, Wishes } from '../protocol/index.ts'
import { named, onDay } from '../ui/format.ts'
import type { MoreView as View } from '../ui/view.ts'
import { siteName } from './wanted.ts'

export function said(v: View, c: Campaign | undefined, w: Wishes | CurrentWishes | undefined): string {
  // A day of the calendar is the same everywhere: it is written as noon of itself.
  const day = (d: string | undefined): string => (d === undefined ? '' : onDay(v.lang, 'UTC', `${d}T12:00:00Z`))
  const parts = [
    (w?.sites ?? []).map((code) => siteName(c, v.lang, code)).join(', '),
    w?.not_before !== undefined || w?.not_after !== undefined ? v.w.swapDays(day(w.not_before), day(w.not_after)) : '',
    (w?.weekdays ?? []).map((d) => named(v.w.swapWeekdayNames, d) ?? d).join('·'),
    (w?.times ?? []).map((t) => v.w.apptSpan(t.from, t.to)).join(', '),
  ].filter((x) => x !== '')
  return parts.length > 0 ? parts.join(' / ') : v.w.swapAny
}
