// Which page an address means.
import { h } from '../ui/dom.ts'
import { linkButton } from '../ui/parts.ts'
import type { Page, View } from '../ui/view.ts'
import { cancel } from './cancel.ts'
import { correct } from './correct.ts'
import { devices } from './devices.ts'
import { entry } from './entry.ts'
import { family } from './family.ts'
import { forget } from './forget.ts'
import { forgetAll, wiped } from './forget-all.ts'
import { find, newPerson } from './form.ts'
import { helper } from './helper.ts'
import { home } from './home.ts'
import { swap } from './swap.ts'
import { ticket } from './ticket.ts'
import { why } from './why.ts'
import { wishes } from './wishes.ts'

const lost: Page = {
  name: 'lost',
  title: (v) => v.w.notFound,
  body: (v) => [h('p', {}, linkButton([], 'home', v.w.home))],
}

export function pageOf(v: View): Page {
  if (v.device.wiped) return wiped
  const [first, , third] = v.route
  switch (first) {
    case undefined:
    case 'c':
      return home
    case 'new':
      return newPerson
    case 'find':
      return find
    case 'p':
      return third === undefined ? entry : (ofPerson[third] ?? lost)
    case 'forget':
      return forgetAll
    default:
      return lost
  }
}

/** Pages below a person's, by the last part of their address. */
const ofPerson: Record<string, Page> = { wishes, correct, family, helper, cancel, forget, devices, swap, ticket, why }
