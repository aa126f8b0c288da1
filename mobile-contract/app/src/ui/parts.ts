// Pieces that pages share.
import type { View } from './view.ts'
import { h, type El, type Kid, type Props } from './dom.ts'
import { href } from './router.ts'

/** A link that looks like a button, to another page. */
export function linkButton(to: string[], does: string, text: Kid, kind = ''): El {
  return h('a', { class: `button ${kind}`.trim(), href: href(...to), 'data-do': does }, text)
}

export function button(does: string, text: Kid, tap: () => void, kind = '', disabled = false): El {
  return h('button', { type: 'button', class: kind || undefined, 'data-do': does, onclick: tap, disabled }, text)
}

/** A form that is sent by Enter as well, and never by the browser. */
export function form(does: string, send: () => void, ...kids: Kid[]): El {
  const submit = (e: Event): void => {
    e.preventDefault()
    send()
  }
  return h('form', { novalidate: true, onsubmit: submit, 'data-form': does }, kids)
}

export function submit(does: string, text: Kid): El {
  return h('button', { type: 'submit', class: 'main', 'data-do': does }, text)
}

export interface Field {
  name: string
  label: string
  hint?: string | undefined
  /** What is wrong with it. */
  wrong?: string | undefined
  value: string
  input(value: string): void
  /** type, inputmode, autocomplete, maxlength … of the input. */
  more?: Record<string, string | number>
}

/** What is said about a field: its hint above it, what is wrong below it, and the names of both for whoever listens. */
function about(f: { name: string; hint?: string | undefined; wrong?: string | undefined }): { box: Props; hint: Kid; wrong: Kid; ids: string | undefined } {
  const hint = `${f.name}-hint`
  const wrong = `${f.name}-wrong`
  return {
    box: { class: f.wrong === undefined ? 'field' : 'field wrong', key: `field-${f.name}` },
    hint: f.hint !== undefined && h('p', { class: 'hint', id: hint }, f.hint),
    wrong: f.wrong !== undefined && h('p', { class: 'why-wrong', id: wrong }, f.wrong),
    ids: [f.hint !== undefined && hint, f.wrong !== undefined && wrong].filter(Boolean).join(' ') || undefined,
  }
}

/** One control with its label and what is said about it, tied together for who listens. */
function labelled(f: { name: string; label: string; hint?: string | undefined; wrong?: string | undefined }, tag: string, props: Props, ...kids: Kid[]): El {
  const a = about(f)
  return h('div', a.box, h('label', { for: `f-${f.name}` }, f.label), a.hint,
    h(tag, { id: `f-${f.name}`, name: f.name, ...props, 'aria-describedby': a.ids, 'aria-invalid': f.wrong === undefined ? undefined : 'true' }, kids), a.wrong)
}

/** A text field. */
export function field(f: Field): El {
  return labelled(f, 'input', { type: 'text', value: f.value, autocomplete: 'off', ...f.more, oninput: (e) => f.input((e.target as HTMLInputElement).value) })
}

export interface Choice {
  name: string
  label: string
  hint?: string | undefined
  value: string
  options: readonly { value: string; text: string; hint?: string | undefined }[]
  wrong?: string | undefined
  choose(value: string): void
}

/** One of many, in a list that opens. */
export function select(c: Choice): El {
  return labelled(c, 'select', { onchange: (e) => c.choose((e.target as HTMLSelectElement).value) },
    c.options.map((o) => h('option', { value: o.value, selected: o.value === c.value, key: o.value }, o.text)))
}

/** One of a few, all to be seen. */
export function radios(c: Choice): El {
  return group(c, c.options.map((o) => tick('radio', c.name, o, o.value === c.value, () => c.choose(o.value))))
}

/** Any of a few. */
export function checks(name: string, label: string, options: Choice['options'], has: readonly string[], change: (value: string, on: boolean) => void, more: { hint?: string; wrong?: string | undefined } = {}): El {
  return group({ name, label, ...more }, options.map((o) => tick('checkbox', name, o, has.includes(o.value), (on) => change(o.value, on))))
}

/** Fields that belong together, with what is said about all of them. */
export function group(g: { name: string; label: string; hint?: string | undefined; wrong?: string | undefined }, ...kids: Kid[]): El {
  const a = about(g)
  return h('fieldset', { ...a.box, id: `f-${g.name}`, tabindex: -1, 'aria-describedby': a.ids }, h('legend', {}, g.label), a.hint, kids, a.wrong)
}

/** Gives the focus to an element once the page has been drawn again. */
export function focusSoon(id: string): void {
  requestAnimationFrame(() => requestAnimationFrame(() => document.getElementById(id)?.focus()))
}

/** Draws the page again, and gives the focus to an element of it. */
export function redrawTo(v: View, id: string): void {
  v.redraw()
  focusSoon(id)
}

/** Shows what is wrong with a form, and leads there. */
export function showWrong(v: View): void {
  redrawTo(v, 'wrong')
}

function tick(type: string, name: string, o: Choice['options'][number], on: boolean, change: (on: boolean) => void): El {
  const id = `f-${name}-${o.value}`
  return h('div', { class: 'tick', key: o.value },
    h('input', { type, id, name, value: o.value, checked: on, 'aria-describedby': o.hint === undefined ? undefined : `${id}-hint`, onchange: (e) => change((e.target as HTMLInputElement).checked) }),
    h('label', { for: id }, o.text),
    o.hint !== undefined && h('p', { class: 'hint', id: `${id}-hint` }, o.hint))
}

/** What is wrong with a form, at its head; each leads to its field. It takes the focus when the form was sent in vain. */
export function summary(v: View, wrong: Record<string, string>): El | false {
  const names = Object.keys(wrong)
  if (names.length === 0) return false
  const focus = (name: string) => (e: Event): void => {
    e.preventDefault()
    const at = document.getElementById(`f-${name}`)
    ;(at?.querySelector<HTMLElement>('input') ?? at)?.focus() // of a group the first to choose
  }
  return h('div', { class: 'bad', role: 'alert', tabindex: -1, id: 'wrong', 'data-about': 'wrong' }, h('p', {}, v.w.formWrong(names.length)),
    h('ul', {}, names.map((n) => h('li', { key: n }, h('a', { href: `#f-${n}`, onclick: focus(n) }, wrong[n])))))
}

/** A sentence with a phone number in it that can be tapped, and is not broken between lines. */
export function withPhone(sentence: string, phone: string): El {
  const at = sentence.indexOf(phone)
  if (at < 0) return h('p', {}, sentence)
  const link = h('a', { class: 'number', href: `tel:${phone.replace(/[^+\d]/g, '')}`, 'data-do': 'call' }, phone)
  return h('p', {}, sentence.slice(0, at), link, sentence.slice(at + phone.length))
}

/** What is said as long as the campaign's document is not there. */
export function awaited(v: View): El {
  return h('p', {}, v.device.line === 'down' ? v.w.homeNoLine : v.w.opening)
}

/** The way back to a person's page. */
export function backTo(v: View, id: string): El {
  return h('p', { class: 'back' }, h('a', { href: href('p', id), 'data-do': 'back' }, `← ${v.w.back}`))
}
