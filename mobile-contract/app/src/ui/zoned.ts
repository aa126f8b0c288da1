// Days and times of the campaign's place as the contract writes them: 2021-07-27, 14:30.

/** The day of an instant at the campaign's place. */
export function dayIn(zone: string, at: string | number): string {
  const p = partsIn(zone, at)
  return `${p['year']}-${p['month']}-${p['day']}`
}

/** The time of day of an instant at the campaign's place. */
export function clockIn(zone: string, at: string | number): string {
  const p = partsIn(zone, at)
  return `${p['hour'] === '24' ? '00' : p['hour']}:${p['minute']}` // older browsers call midnight 24
}

function partsIn(zone: string, at: string | number): Record<string, string> {
  const f = new Intl.DateTimeFormat('en-GB', { timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', hour12: false })
  const out: Record<string, string> = {}
  for (const p of f.formatToParts(new Date(at))) out[p.type] = p.value
  return out
}
