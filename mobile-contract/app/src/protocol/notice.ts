import type { Problem } from './contract.ts'
import { keep, mostNotices } from './state.ts'
import type { Kind, State } from './state.ts'

/**
 * What a notice is about.
 * - refused: the operation was not carried out and is given up; the problem says why
 * - conflict: somebody changed the entry meanwhile: what stands now is shown, and can be changed anew
 * - early: not open yet: it is kept and sent at the opening, `problem.at`
 * - unproven: it is kept and waits for the code
 * - gone: this device may no longer speak for the person; everything about them is deleted
 * - left: a shared device: all was handed in and answered, and everything about the person is deleted
 * - restored: what was stored was damaged, and the copy before it is used: look whether the last change is there
 */
export type NoticeKind = 'refused' | 'conflict' | 'early' | 'unproven' | 'gone' | 'left' | 'restored'

/**
 * Something that the person must see: an operation that was not carried out, or that must wait. It holds nothing about the person but the
 * local id.
 */
export interface Notice {
  /** Names it on this device. */
  number: number
  person?: string
  why: NoticeKind
  /** Of the operation. */
  kind?: Kind
  /** What the server said, for people in title and detail; left out when it said nothing. */
  problem?: Problem
  /** How many operations went with it, this one included. */
  dropped?: number
}

/** A notice that has no number yet. */
export type Said = Omit<Notice, 'number'>

const waits = (why: NoticeKind): boolean => why === 'early' || why === 'unproven'

/** Keeps what the person must see. What merely waits is said once. */
export function note(s: State, n: Said): void {
  const had = s.notices ?? []
  if (waits(n.why) && had.some((h) => h.person === n.person && h.why === n.why && h.kind === n.kind)) return
  s.serial = (s.serial ?? 0) + 1
  const notice: Notice = { number: s.serial, ...n }
  keep(notice, 'dropped', n.dropped)
  s.notices = [...had, notice].slice(-mostNotices)
}

/** Takes back what was said about waiting, once it is over. */
export function unsay(s: State, person: string, kind: Kind): void {
  keep(s, 'notices', (s.notices ?? []).filter((n) => n.person !== person || n.kind !== kind || !waits(n.why)))
}
