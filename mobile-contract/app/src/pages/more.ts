// The pages that are not needed at once, with their words: a part of its own, fetched after the first page has been drawn.
import { named } from '../ui/format.ts'
import { changes as changesEn } from '../words/en/changes.ts'
import { ticket as ticketEn } from '../words/en/ticket.ts'
import { changes } from '../words/ko/changes.ts'
import { ticket as ticketKo } from '../words/ko/ticket.ts'
import type { AllWords, Lang } from '../words/words.ts'
import { all } from '../words/words.ts'
import type { MorePage, Page, View } from '../ui/view.ts'
import { cancel } from './cancel.ts'
import { correct } from './correct.ts'
import { devices } from './devices.ts'
import { family } from './family.ts'
import { forget } from './forget.ts'
import { forgetAll, wiped } from './forget-all.ts'
import { helper } from './helper.ts'
import { swap } from './swap.ts'
import { ticket } from './ticket.ts'
import { why } from './why.ts'
import { wishes } from './wishes.ts'

const words: Record<Lang, AllWords> = { ko: { ...all.ko, ...changes, ...ticketKo }, en: { ...all.en, ...changesEn, ...ticketEn } }

const below: Record<string, MorePage> = { wishes, correct, family, helper, cancel, forget, devices, swap, ticket, why }

/** A page below a person's, by the last part of its address. */
export function ofPerson(name: string): Page | undefined {
  const page = named(below, name)
  return page && withWords(page)
}

/** Pages of the device as a whole. */
export const ofDevice = { forgetAll: withWords(forgetAll), wiped: withWords(wiped) }

function withWords(p: MorePage): Page {
  const full = (v: View) => ({ ...v, w: words[v.lang] })
  return { name: p.name, title: (v) => p.title(full(v)), body: (v) => p.body(full(v)) }
}
