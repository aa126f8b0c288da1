// The page of somebody who is not on this device (any more).
import { proven, type Person } from '../protocol/index.ts'
import { h, type Kid } from '../ui/dom.ts'
import { linkButton } from '../ui/parts.ts'
import { backTo } from '../ui/parts.ts'
import type { MoreView as View } from '../ui/view.ts'

export function nobody(v: View): Kid[] {
  return [h('p', {}, v.w.nobodyHere), h('p', {}, linkButton([], 'home', v.w.home))]
}

/** What is said instead of a page that needs the phone proven; undefined when it is. */
export function unproven(v: View, p: Person): Kid[] | undefined {
  if (proven(p)) return undefined
  return [backTo(v, p.id), h('p', { class: 'note', 'data-about': 'proof-first' }, v.w.proofFirst), h('p', {}, linkButton(['p', p.id], 'prove', v.w.proofGo, 'main'))]
}
