// Proving the phone: the digits that were texted to it.
import { outboxOf, pending, proven, shownNext } from '../protocol/index.ts'
import type { Person } from '../protocol/index.ts'
import { act, trouble } from '../ui/act.ts'
import type { Act } from '../ui/act.ts'
import { h } from '../ui/dom.ts'
import type { El } from '../ui/dom.ts'
import { narrow, phoneText } from '../ui/format.ts'
import { button, field, form, redrawTo } from '../ui/parts.ts'
import { campaignOf } from '../ui/view.ts'
import type { View } from '../ui/view.ts'

interface Kept extends Act {
  wrong?: string
}

/** Whether there is anything to prove now. */
export function toProve(p: Person): boolean {
  if (proven(p)) return outboxOf(p).some((o) => o.proof === true)
  return p.forget_after !== true && (p.told !== undefined ? shownNext(p.told.next) === 'verify' || p.told.state === 'introduced' : pending(p, 'request_code'))
}

export function code(v: View, p: Person): El | false {
  if (!toProve(p)) return false
  const kept = v.keep<{ code: Kept }>(() => ({ code: {} }))
  kept.code ??= {}
  const k = kept.code
  const draft = `code-${p.id}`
  const brief = v.shared.brief(p)
  const asking = pending(p, 'request_code')
  const checking = pending(p, 'verify')
  // Whoever looks for an application has asked for the code with that.
  const asked = asking || checking || v.drafts.get(draft)['asked'] !== undefined || p.told === undefined || p.told.state === 'introduced'
  const ask = (): void => void act(v, k, (pen) => pen.requestCode(p.id), () => {
    v.drafts.set(draft, 'asked', 'yes', brief) // also after a reload
    v.say(v.w.codeAsked)
  })
  const send = (): void => {
    const digits = narrow(v.drafts.get(draft)['code'] ?? '').replace(/\D/g, '')
    if (digits.length !== 6) {
      k.wrong = v.w.codeWrong
      v.say(k.wrong) // whoever sent it by Enter is in the field already, and would hear nothing
      redrawTo(v, 'f-code')
      return
    }
    delete k.wrong
    void act(v, k, (pen) => pen.verify(p.id, digits), () => {
      v.drafts.drop(draft)
      v.say(v.w.codeChecking)
    })
  }
  const c = campaignOf(v, p)
  const phone = phoneText(p.form.person.phone)
  return h('section', { key: 'code', 'data-about': 'code' }, h('h2', {}, v.w.codeTitle),
    h('p', {}, asked ? v.w.codeHint(phone) : v.w.codeAskHint(phone)),
    !p.applied && !pending(p, 'register') && h('p', { class: 'hint', key: 'finds', 'data-about': 'code-finds' }, v.w.codeFinds),
    trouble(k),
    !asked && h('p', { key: 'ask' }, button('ask-code', v.w.codeAsk, ask, 'main')),
    checking ? h('p', { role: 'status', key: 'checking' }, v.w.codeChecking) : form('code', send,
      field({
        name: 'code', label: v.w.codeLabel, hint: asked ? undefined : v.w.codeAfter, wrong: k.wrong, value: v.drafts.get(draft)['code'] ?? '',
        input: (value) => v.drafts.set(draft, 'code', value, brief), more: { inputmode: 'numeric', autocomplete: 'one-time-code', maxlength: 12 },
      }),
      h('button', { type: 'submit', class: asked ? 'main' : undefined, 'data-do': 'verify' }, v.w.codeSend)),
    asking && h('p', { role: 'status', key: 'asked' }, v.w.codeAsked),
    asked && !asking && h('p', { key: 'again' }, button('ask-code', v.w.codeAgain, ask)),
    h('p', { class: 'hint' }, v.w.codeNever), c && h('p', { class: 'hint' }, v.w.codeNone))
}
