// After a lost phone: no other device may see the application any more.
import { pending, type Person } from '../protocol/index.ts'
import { act, trouble, type Act } from '../ui/act.ts'
import { h, type Kid } from '../ui/dom.ts'
import { button, withPhone } from '../ui/parts.ts'
import { go, href } from '../ui/router.ts'
import { campaignOf, type MoreView as View } from '../ui/view.ts'
import { belowProven } from './nobody.ts'

export const devices = belowProven('devices', (v) => v.w.devicesTitle, body)

function body(v: View, p: Person): Kid[] {
  const kept = v.keep<Act>(() => ({}))
  const c = campaignOf(v, p)
  const shut = (): void => void act(v, kept, (pen) => pen.removeDevices(p.id, 'others'), () => {
    v.done(v.w.devicesSaved, true)
    go(href('p', p.id), true)
  })
  return [
    h('p', {}, v.w.devicesIntro), h('p', {}, v.w.devicesWhat), h('p', { class: 'hint' }, v.w.devicesAgain), trouble(kept),
    pending(p, 'remove_devices') ? h('p', { class: 'note', role: 'status' }, v.w.devicesSaved) : h('p', {}, button('shut-others', v.w.devicesYes, shut, 'danger')),
    c && withPhone(v.w.call(c.phone), c.phone),
  ]
}
