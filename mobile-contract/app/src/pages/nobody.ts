// Pages below a person's: who it is about, the way back, and what is said when it is nobody, or nobody who has proven the phone.
import { proven, type Campaign, type Person } from '../protocol/index.ts'
import { h, type Kid } from '../ui/dom.ts'
import { awaited, backTo, linkButton } from '../ui/parts.ts'
import { campaignOf, personOf, type MorePage, type MoreView as View } from '../ui/view.ts'

type Body = (v: View, p: Person) => Kid[]

/** A page about a person of this device, with the way back to theirs. */
export function below(name: string, title: (v: View) => string, body: Body): MorePage {
  return {
    name, title,
    body: (v) => {
      const p = personOf(v)
      return p ? [backTo(v, p.id), body(v, p)] : nobody(v)
    },
  }
}

/** One that needs the phone proven. */
export function belowProven(name: string, title: (v: View) => string, body: Body): MorePage {
  return below(name, title, (v, p) => (proven(p) ? body(v, p) : unproven(v, p)))
}

/** One that needs the campaign's document. */
export function belowCampaign(name: string, title: (v: View) => string, body: (v: View, p: Person, c: Campaign) => Kid[]): MorePage {
  return below(name, title, (v, p) => {
    const c = campaignOf(v, p)
    return c ? body(v, p, c) : [awaited(v)]
  })
}

/** What is said of somebody who is not on this device (any more). */
export function nobody(v: View): Kid[] {
  return [h('p', {}, v.w.nobodyHere), h('p', {}, linkButton([], 'home', v.w.home))]
}

/** What is said as long as the phone is not proven. */
export function unproven(v: View, p: Person): Kid[] {
  return [h('p', { class: 'note', 'data-about': 'proof-first' }, v.w.proofFirst), h('p', {}, linkButton(['p', p.id], 'prove', v.w.proofGo, 'main'))]
}
