// Where an appointment is: name, address, what the site has, and the way to a map. The position goes to the phone's own map app and to nobody else.
import type { Site } from '../protocol/index.ts'
import { h, type El, type Kid } from '../ui/dom.ts'
import { named, nameIn } from '../ui/format.ts'
import { button } from '../ui/parts.ts'
import type { View } from '../ui/view.ts'

/** Name, address and what is there. A site that the campaign's document does not name is shown by its code. */
export function place(v: View, code: string, site: Site | undefined): Kid[] {
  if (!site) return [h('p', { class: 'big' }, code)]
  const tags = site.tags.map((t) => named(v.w.placeTags, t)).filter((t) => t !== undefined)
  const address = nameIn(v.lang, site.addresses)
  return [
    h('p', { class: 'big' }, nameIn(v.lang, site.names)),
    address !== '' && h('p', { id: 'address' }, address),
    tags.length > 0 && h('ul', { 'data-about': 'tags' }, tags.map((t) => h('li', { key: t }, t))),
  ]
}

/** The way there. */
export function wayTo(v: View, site: Site): El {
  const address = nameIn(v.lang, site.addresses)
  const lat = site.lat.toFixed(5)
  const lon = site.lon.toFixed(5)
  return h('div', { key: 'way' },
    h('div', { class: 'row' },
      h('a', { class: 'button', href: geo(lat, lon, nameIn(v.lang, site.names)), 'data-do': 'map' }, v.w.placeMap),
      address !== '' && button('copy-address', v.w.placeCopy, () => void copy(v, address))),
    h('p', { class: 'hint' }, v.w.placeMapHint, ' ', v.w.placeCoordinates(lat, lon)))
}

/** RFC 5870, with the name that map apps write beside the pin. */
export function geo(lat: string, lon: string, name: string): string {
  const label = encodeURIComponent(name).replace(/[()']/g, (c) => '%' + c.charCodeAt(0).toString(16))
  return `geo:${lat},${lon}?q=${lat},${lon}(${label})`
}

async function copy(v: View, address: string): Promise<void> {
  try {
    await (navigator.clipboard as Clipboard | undefined)?.writeText(address)
    if ('clipboard' in navigator) {
      v.say(v.w.placeCopied)
      return
    }
  } catch {
    // not allowed here: it is selected instead
  }
  const at = document.getElementById('address')
  if (at) getSelection()?.selectAllChildren(at)
  v.say(v.w.placeSelected)
}
