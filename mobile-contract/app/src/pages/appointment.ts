// The appointment: what, where, when, and the answer to it.
import type { Campaign, Person } from '../protocol/index.ts'
import type { El } from '../ui/dom.ts'
import type { View } from '../ui/view.ts'

export function appointment(_v: View, _p: Person, _c: Campaign | undefined): El | false {
  return false
}
