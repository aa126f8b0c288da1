// What people read, by language. A language is a folder whose files have the same words as the Korean ones; the compiler finds what is missing.
import { core as coreEn } from './en/core.ts'
import { entry as entryEn } from './en/entry.ts'
import { times as timesEn } from './en/times.ts'
import type { Changes } from './ko/changes.ts'
import { core, type Core } from './ko/core.ts'
import { entry, type Entry } from './ko/entry.ts'
import type { Ticket } from './ko/ticket.ts'
import { times, type Times } from './ko/times.ts'

export type Lang = 'ko' | 'en'
/** What is there at once. */
export type Words = Core & Entry & Times
/** What is there when the pages of pages/more.ts are. */
export type AllWords = Words & Changes & Ticket

export const all: Record<Lang, Words> = {
  ko: { ...core, ...entry, ...times },
  en: { ...coreEn, ...entryEn, ...timesEn },
}

export const langs: Record<Lang, string> = { ko: '한국어', en: 'English' }

/** The language of somebody who has not chosen one: the first that the browser asks for and we have; Korean otherwise. */
export function langOf(asked: readonly string[]): Lang {
  for (const l of asked) {
    const short = l.slice(0, 2).toLowerCase()
    if (short === 'ko' || short === 'en') return short
  }
  return asked.length > 0 ? 'en' : 'ko'
}
