// How long to wait before the same is sent again, in milliseconds.
export const second = 1000
export const minute = 60 * second
export const day = 24 * 60 * minute

export const firstPause = 2 * second
export const mostPause = 5 * minute
/** However long the server asks for. */
export const mostAsked = day
/** While nothing can be stored. */
export const fullPause = minute
/** When there is nothing to do. */
export const longAway = day
/** Bounds every pause, whatever an answer or a record says: an opening is at most a year away. */
export const longest = 400 * day

/** A random part of a span, in whole milliseconds. dice is in [0, 1). */
export function drawn(span: number, dice: number): number {
  return drawnOfNanos(span * 1e6, dice)
}

/** A random part of a span in nanoseconds, in whole milliseconds: counted as in Go, so that both draw the same. */
export function drawnOfNanos(span: number, dice: number): number {
  return Math.ceil(Math.trunc(dice * span) / 1e6)
}

/**
 * The pause after so many failures in a row: it doubles up to mostPause, and is drawn from its upper half, so that those who failed
 * together do not come back together.
 */
export function grown(tries: number, dice: number): number {
  const most = tries < 8 ? firstPause * 2 ** Math.max(0, tries - 1) : mostPause // 2 s * 2^7 is within it
  return most / 2 + drawn(most / 2, dice)
}

/** The pause that the server asked for, in seconds, and up to a quarter more. */
export function asked(seconds: number, dice: number): number {
  const span = Math.max(1, Math.min(seconds, mostAsked / second)) * second
  return span + drawn(span / 4, dice)
}
