// One phone that gets the texts too and may answer them.
import { pending } from '../protocol/index.ts'
import type { Person } from '../protocol/index.ts'
import { act, trouble, type Act } from '../ui/act.ts'
import { h, type Kid } from '../ui/dom.ts'
import { phoneText, readPhone } from '../ui/format.ts'
import { button, field, form, redrawTo, submit } from '../ui/parts.ts'
import { go, href } from '../ui/router.ts'
import { campaignOf, zoneOf, type MoreView as View } from '../ui/view.ts'
import { belowProven } from './nobody.ts'

interface Kept extends Act {
  wrong?: string
}

export const helper = belowProven('helper', (v) => v.w.helperTitle, body)

function body(v: View, p: Person): Kid[] {
  const kept = v.keep<Kept>(() => ({}))
  const draft = `p-${p.id}-helper`
  const typed = v.drafts.get(draft)['phone'] ?? ''
  const zone = zoneOf(campaignOf(v, p))
  const read = readPhone(typed, zone)
  const now = p.told?.helper
  const done = (): void => {
    v.drafts.drop(draft)
    v.done(v.w.changeSaved, true)
    go(href('p', p.id), true)
  }
  const send = (): void => {
    delete kept.wrong
    if (read === undefined) kept.wrong = v.w.wrongPhone
    else if (read === p.form.person.phone) kept.wrong = v.w.helperOwn
    if (kept.wrong !== undefined) {
      v.say(kept.wrong)
      redrawTo(v, 'f-phone')
    } else if (read !== undefined) void act(v, kept, (pen) => pen.setHelper(p.id, read, false), done)
  }
  const input = (value: string): void => {
    v.drafts.set(draft, 'phone', value, v.shared.brief(p))
    v.redraw()
  }
  const sending = pending(p, 'set_helper') || pending(p, 'remove_helper')
  return [
    h('p', {}, v.w.helperIntro), h('ul', {}, v.w.helperWhat.map((t) => h('li', {}, t))), trouble(kept),
    h('p', { class: 'read-back', 'data-about': 'helper' }, now === undefined ? v.w.helperNone : v.w.helperNow(now)),
    sending && h('p', { class: 'pending', role: 'status' }, `${v.w.pendingTitle}: `, v.w.kinds[pending(p, 'set_helper') ? 'set_helper' : 'remove_helper']),
    now !== undefined && h('p', { key: 'remove' }, button('helper-remove', v.w.helperRemove, () => void act(v, kept, (pen) => pen.removeHelper(p.id), done))),
    form('helper', send,
      field({ name: 'phone', label: v.w.helperPhone, hint: now === undefined ? v.w.formPhoneExample : v.w.helperReplace, wrong: kept.wrong, value: typed, input, more: { type: 'tel', maxlength: 24 } }),
      read !== undefined && h('p', { class: 'read-back', role: 'status', key: 'read', 'data-about': 'phone-read' }, v.w.formPhoneRead(phoneText(read))),
      submit('send', v.w.helperSend)),
  ]
}
