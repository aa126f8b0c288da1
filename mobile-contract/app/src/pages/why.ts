// Why somebody has what they have: the server's own sentences, shown and not kept.
import type { Person } from '../protocol/index.ts'
import { proven, readExplanation, readProblem } from '../protocol/index.ts'
import { getOwn, type Answer } from '../device/http.ts'
import { h, type Kid } from '../ui/dom.ts'
import { toSecond } from '../ui/format.ts'
import { backTo, button, linkButton, withPhone } from '../ui/parts.ts'
import { campaignOf, personOf, zoneOf, type MorePage, type MoreView as View } from '../ui/view.ts'
import { nobody, unproven } from './nobody.ts'

type Missed = 'line' | 'busy' | 'prove' | 'not_here'

/** It lives as long as the page is looked at. */
interface Kept {
  person?: string
  lang?: string
  asking?: boolean
  /** Counts the questions: an answer in the language before is none. */
  turn?: number
  sentences?: string[]
  /** Our time of the answer, in milliseconds. */
  at?: number
  missed?: Missed | undefined
  /** Our time before which asking again is in vain. */
  until?: number
}

export const why: MorePage = {
  name: 'why',
  title: (v) => v.w.whyTitle,
  body: (v) => {
    const p = personOf(v)
    const k = v.keep<Kept>(() => ({}))
    if (p) return [backTo(v, p.id), proven(p) ? body(v, p, k) : unproven(v, p)]
    delete k.sentences // forgotten while the page was open
    return nobody(v)
  },
}

function body(v: View, p: Person, k: Kept): Kid[] {
  const c = campaignOf(v, p)
  if (k.person !== p.id || k.lang !== v.lang) {
    k.person = p.id
    k.lang = v.lang
    delete k.sentences
    void ask(v, p, k)
  }
  const wait = Math.ceil(Math.max(0, (k.until ?? 0) - v.now) / 1000)
  if (wait > 0) v.tick(1000)
  return [
    h('p', { class: 'hint' }, v.w.whyHow),
    h('div', { role: 'status' },
      k.asking && h('p', {}, v.w.whyAsking),
      !k.asking && k.missed !== undefined && h('p', { class: 'note', 'data-about': `missed-${k.missed}` }, missedWords(v, k.missed, wait > 0 ? toSecond(v.lang, zoneOf(c), k.until ?? 0) : '')),
      !k.asking && k.sentences !== undefined && k.at !== undefined && h('p', { class: 'hint' }, v.w.whyAsOf(toSecond(v.lang, zoneOf(c), k.at)))),
    k.missed === 'prove' && h('p', {}, linkButton(['p', p.id], 'prove', v.w.whyProveDo, 'main')),
    k.sentences !== undefined && h('ol', { class: 'why', lang: k.lang, 'data-about': 'sentences' }, k.sentences.map((s) => h('li', {}, s))),
    h('p', {}, button('reload', v.w.whyReload, () => void ask(v, p, k), '', k.asking === true || wait > 0)),
    c && withPhone(v.w.call(c.phone), c.phone),
  ]
}

/** again: the time from which on it may be asked again; a text that counted down would be read aloud every second. */
function missedWords(v: View, m: Missed, again: string): string {
  switch (m) {
    case 'line':
      return v.w.whyNoLine
    case 'busy':
      return v.w.whyBusy(again)
    case 'prove':
      return v.w.whyProve
    case 'not_here':
      return v.w.whyNotHere
  }
}

async function ask(v: View, p: Person, k: Kept): Promise<void> {
  const turn = (k.turn ?? 0) + 1
  Object.assign(k, { asking: true, turn })
  if (p.reference === undefined) {
    Object.assign(k, { asking: false, missed: 'not_here' })
    return
  }
  let a: Answer | undefined
  try {
    a = await getOwn(`/v1/campaigns/${encodeURIComponent(p.campaign)}/registrations/${encodeURIComponent(p.reference)}/explanation`, p.secret, v.lang)
  } catch {
    a = undefined // no line, or half an answer
  }
  if (k.turn !== turn) return
  k.asking = false
  const sentences = a?.status === 200 ? read(a.body) : undefined
  if (sentences) {
    k.sentences = sentences
    k.at = v.device.now()
    delete k.missed
    delete k.until
  } else {
    k.missed = missedBy(a)
    k.until = v.device.now() + (a?.retryAfter ?? 0) * 1000
  }
  v.redraw()
}

function missedBy(a: Answer | undefined): Missed {
  const problem = a && readProblem(a.body)
  if (a === undefined || (a.status < 500 && problem === undefined)) return 'line' // a login page on the way is no answer of ours
  if (problem?.code === 'verify_first') return 'prove'
  return a.status >= 500 || a.status === 429 ? 'busy' : 'not_here'
}

function read(body: unknown): string[] | undefined {
  try {
    const { sentences } = readExplanation(body)
    return sentences.length > 0 ? sentences : undefined
  } catch {
    return undefined
  }
}
