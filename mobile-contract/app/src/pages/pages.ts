// Which page an address means.
import { h } from '../ui/dom.ts'
import { linkButton } from '../ui/parts.ts'
import type { Page, View } from '../ui/view.ts'
import { entry } from './entry.ts'
import { find, newPerson } from './form.ts'
import { home } from './home.ts'

const lost: Page = {
  name: 'lost',
  title: (v) => v.w.notFound,
  body: (v) => [h('p', {}, linkButton([], 'home', v.w.home))],
}

export function pageOf(v: View): Page {
  if (v.device.wiped && more) return more.ofDevice.wiped
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
      return third === undefined ? entry : more ? (more.ofPerson(third) ?? lost) : later
    case 'forget':
      return more ? more.ofDevice.forgetAll : later
    default:
      return lost
  }
}

type More = typeof import('./more.ts')

let more: More | undefined

/**
 * Fetches the pages that are not needed at once. It fails without a connection when the service worker has not kept them yet. A browser that has failed
 * once to fetch a script says so for ever; so each further try is for another address.
 */
export async function fetchMore(): Promise<void> {
  if (more) return
  const address = tries === 0 ? script : `${script}?again=${tries}`
  tries++
  more = (await import(address)) as More
}

const script = '/app/more.js' // package app makes it of more.ts
let tries = 0

const later: Page = {
  name: 'later',
  title: (v) => v.w.opening,
  body: (v) => [h('p', { role: 'status' }, v.device.line === 'down' ? v.w.laterDown : v.w.opening), h('p', {}, linkButton([], 'home', v.w.home))],
}
