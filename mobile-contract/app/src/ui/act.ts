// Doing something for the person: it is written down, or it is said why not. A page shows the reason where it was tapped.
import { NoStorage, NotSaved, type Beside } from '../device/store.ts'
import { Newer, Refusal, type Pen } from '../protocol/index.ts'
import type { Words } from '../words/words.ts'
import { h, type El } from './dom.ts'
import type { View } from './view.ts'

/** What a page keeps about its last tap. */
export interface Act {
  error?: string
}

/** Writes; done is called when it is on the disk. Otherwise the reason stands in act.error and is said. */
export async function act<T>(v: View, a: Act, work: (pen: Pen, beside: Beside) => T, done: (value: T) => void): Promise<void> {
  try {
    const value = await v.device.write(work)
    delete a.error
    done(value)
  } catch (e) {
    a.error = reason(v.w, e)
    v.say(a.error)
  }
  v.redraw()
}

function reason(w: Words, e: unknown): string {
  if (e instanceof NotSaved) return w.troubleNotSaved
  if (e instanceof NoStorage) return w.troubleNoStorage
  if (e instanceof Newer) return w.troubleNewer
  if (e instanceof Refusal) {
    switch (e.why) {
      case 'full':
        return w.homeFull
      case 'leaving':
        return w.stillLeaving
      case 'nobody':
        return w.nobodyHere
      case 'no_offer':
        return w.noticeConflictAnswer
      default:
        return w.tooMuchWaiting
    }
  }
  throw e
}

/** The reason of a tap that did nothing. */
export function trouble(a: Act): El | false {
  return a.error !== undefined && h('p', { class: 'bad', role: 'alert', 'data-about': 'error' }, a.error)
}
