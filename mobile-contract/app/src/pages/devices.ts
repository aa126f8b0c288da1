// After a lost phone: no other device may see the application any more.
import { pending } from '../protocol/index.ts'
import { act, trouble, type Act } from '../ui/act.ts'
import { h } from '../ui/dom.ts'
import { backTo, button, withPhone } from '../ui/parts.ts'
import { go, href } from '../ui/router.ts'
import { campaignOf, personOf, type MorePage as Page } from '../ui/view.ts'
import { nobody, unproven } from './nobody.ts'

export const devices: Page = {
  name: 'devices',
  title: (v) => v.w.devicesTitle,
  body: (v) => {
    const p = personOf(v)
    if (!p) return nobody(v)
    const kept = v.keep<Act>(() => ({}))
    const c = campaignOf(v, p)
    const shut = (): void => void act(v, kept, (pen) => pen.removeDevices(p.id, 'others'), () => {
      v.done(v.w.devicesSaved, true)
      go(href('p', p.id), true)
    })
    return unproven(v, p) ?? [
      backTo(v, p.id), h('p', {}, v.w.devicesIntro), h('p', {}, v.w.devicesWhat), h('p', { class: 'hint' }, v.w.devicesAgain), trouble(kept),
      pending(p, 'remove_devices') ? h('p', { class: 'note', role: 'status' }, v.w.devicesSaved) : h('p', {}, button('shut-others', v.w.devicesYes, shut, 'danger')),
      c && withPhone(v.w.call(c.phone), c.phone),
    ]
  },
}
