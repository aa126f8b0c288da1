// Days and times of the campaign's place as the contract writes them: 2021-07-27, 14:30.
import { today } from './format.ts'

/** The day of an instant at the campaign's place. */
export function dayIn(zone: string, at: string | number): string {
  return today(new Date(at).getTime(), zone)
}

/** The time of day of an instant at the campaign's place. */
export function clockIn(zone: string, at: string): string {
  const f = new Intl.DateTimeFormat('en-GB', { timeZone: zone, hour: '2-digit', minute: '2-digit', hour12: false })
  return f.format(new Date(at)).replace(/^24/, '00') // older browsers call midnight 24
}
