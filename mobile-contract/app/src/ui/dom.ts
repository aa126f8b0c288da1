// Elements as values, and the patching of a page to look like them. A page is made anew after every change; what is on the screen already
// stays, with its focus, its caret and what was typed.

export type Kid = El | string | number | false | null | undefined | readonly Kid[]

type Handler = (event: Event) => unknown

/** Attributes. Functions are handlers, by the names of events; value, checked and open are set when the element is made, and then belong to the person. */
export type Props = Record<string, string | number | boolean | undefined | Handler>

export interface El {
  tag: string
  props: Props
  kids: readonly Kid[]
}

/** An element. The prop key keeps it the same element when others come and go beside it. */
export function h(tag: string, props: Props = {}, ...kids: Kid[]): El {
  return { tag, props, kids }
}

const svg = 'http://www.w3.org/2000/svg'
const drawn = new Set(['svg', 'path', 'rect', 'g'])
const once = new Set(['value', 'checked', 'open'])

interface Live extends Element {
  jariKey?: string | undefined
  jariProps?: Props
}

/** Makes the children of parent look like kids. */
export function patch(parent: Element, kids: readonly Kid[]): void {
  const want = flat(kids)
  const keyed = new Map<string, Live>()
  for (const c of Array.from(parent.children) as Live[]) if (c.jariKey !== undefined) keyed.set(c.jariKey, c)
  let at: ChildNode | null = parent.firstChild
  for (const kid of want) {
    if (typeof kid === 'string') {
      if (at?.nodeType === Node.TEXT_NODE) {
        if (at.nodeValue !== kid) at.nodeValue = kid
        at = at.nextSibling
      } else {
        parent.insertBefore(document.createTextNode(kid), at)
      }
      continue
    }
    const key = kid.props['key'] === undefined ? undefined : String(kid.props['key'])
    let live: Live | undefined
    if (key !== undefined) live = keyed.get(key)
    else if (at instanceof Element && (at as Live).jariKey === undefined) live = at
    if (live && live.localName !== kid.tag) live = undefined
    if (live === undefined) {
      live = make(kid.tag)
      live.jariKey = key
      parent.insertBefore(live, at)
    } else if (live === at) {
      at = at.nextSibling
    } else {
      parent.insertBefore(live, at)
    }
    dress(live, kid.props)
    if (kid.tag !== 'textarea') patch(live, kid.kids)
  }
  while (at) {
    const gone: ChildNode = at
    at = at.nextSibling
    gone.remove()
  }
}

function make(tag: string): Live {
  return drawn.has(tag) ? document.createElementNS(svg, tag) : document.createElement(tag)
}

function flat(kids: readonly Kid[]): (El | string)[] {
  const out: (El | string)[] = []
  for (const k of kids) {
    if (k === false || k === null || k === undefined || k === '') continue
    if (Array.isArray(k)) out.push(...flat(k as readonly Kid[]))
    else if (typeof k === 'string' || typeof k === 'number') {
      const last = out.length - 1
      if (typeof out[last] === 'string') out[last] = `${out[last]}${k}` // neighbours are one text on the page too
      else out.push(String(k))
    } else out.push(k as El)
  }
  return out
}

function dress(live: Live, props: Props): void {
  const had = live.jariProps
  for (const name of Object.keys(had ?? {})) {
    if (!(name in props)) wear(live, name, undefined)
  }
  for (const [name, value] of Object.entries(props)) {
    if (name === 'key' || (had && (once.has(name) || had[name] === value))) continue
    wear(live, name, value)
  }
  live.jariProps = props
}

function wear(live: Live, name: string, value: Props[string]): void {
  if (name.startsWith('on')) {
    ;(live as unknown as Record<string, unknown>)[name] = typeof value === 'function' ? value : null
  } else if (name === 'value' || name === 'checked') {
    ;(live as unknown as Record<string, unknown>)[name] = value
  } else if (value === undefined || value === false) {
    live.removeAttribute(name)
  } else {
    live.setAttribute(name, value === true ? '' : String(value))
  }
}
