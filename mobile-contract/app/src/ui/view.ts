// What a page is given, and what it is.
import type { Device } from '../device/device.ts'
import type { Drafts } from '../device/drafts.ts'
import type { Shared } from '../device/shared.ts'
import { personOf as inState } from '../protocol/index.ts'
import type { Campaign, Person, Site, State } from '../protocol/index.ts'
import type { AllWords, Lang, Words } from '../words/words.ts'
import type { Kid } from './dom.ts'

export interface View {
  device: Device
  state: State
  drafts: Drafts
  shared: Shared
  lang: Lang
  w: Words
  /** Our time in milliseconds: the server's, as far as it is known. */
  now: number
  /** The address behind '#/', in parts. */
  route: string[]
  /** What a page remembers until it is left: made once by init. */
  keep<T>(init: () => T): T
  redraw(): void
  /** Draw again in so many milliseconds, for what goes by the clock. */
  tick(ms: number): void
  /** Says something to whoever listens to the page instead of looking at it. */
  say(text: string): void
  /** Says what was done, and shows it on the page that comes next; sends: it is still to be sent. */
  done(text: string, sends: boolean): void
  /** Deletes all that is kept in this browser; false if something is left. */
  wipe(): Promise<boolean>
}

export interface Page<V extends View = View> {
  /** For data-page. */
  name: string
  title(v: V): string
  body(v: V): Kid[]
}

/** What the pages of pages/more.ts are given, whose words come with them. */
export interface MoreView extends View {
  w: AllWords
}
export type MorePage = Page<MoreView>

export function personOf(v: View): Person | undefined {
  return inState(v.state, v.route[1] ?? '')
}

export function campaignOf(v: View, p: Person): Campaign | undefined {
  return v.device.documents.campaign(p.campaign)
}

export function siteOf(c: Campaign | undefined, code: string): Site | undefined {
  return c?.sites.find((s) => s.code === code)
}

const zones = new Map<string, string>() // making a formatter is slow on a phone

/** The zone in which people think of the campaign's times. */
export function zoneOf(c: Campaign | undefined): string {
  const asked = c?.time_zone ?? seoul
  let zone = zones.get(asked)
  if (zone === undefined) {
    zone = isZone(asked) ? asked : seoul
    zones.set(asked, zone)
  }
  return zone
}

const seoul = 'Asia/Seoul'

/** A zone that this old phone has never heard of is none. */
function isZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    return true
  } catch {
    return false
  }
}
