// A calendar file (RFC 5545) of one appointment, made on this phone: nobody else learns of it.

export interface CalendarEvent {
  /** The same for the same appointment, so that a second import replaces the first. */
  uid: string
  /** Milliseconds. */
  made: number
  starts: number
  ends: number
  title: string
  place: string
  about: string
  position: { lat: number; lon: number } | undefined
  /** The person has said that they come, and the server has noted it. */
  firm: boolean
}

const most = 75 // octets of a line

/** The whole file. */
export function calendar(e: CalendarEvent): string {
  const alarm = (before: string): string[] => ['BEGIN:VALARM', 'ACTION:DISPLAY', `TRIGGER:-${before}`, `DESCRIPTION:${escape(e.title)}`, 'END:VALARM']
  const lines = [
    'BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:-//Jari//App//EN', 'CALSCALE:GREGORIAN',
    'BEGIN:VEVENT',
    `UID:${escape(e.uid)}`,
    `DTSTAMP:${stamp(e.made)}`,
    `DTSTART:${stamp(e.starts)}`,
    `DTEND:${stamp(e.ends)}`,
    `SEQUENCE:${e.firm ? 1 : 0}`,
    `STATUS:${e.firm ? 'CONFIRMED' : 'TENTATIVE'}`,
    `SUMMARY:${escape(e.title)}`,
    `LOCATION:${escape(e.place)}`,
    `DESCRIPTION:${escape(e.about)}`,
    ...(e.position ? [`GEO:${e.position.lat.toFixed(6)};${e.position.lon.toFixed(6)}`] : []),
    ...alarm('P1D'), ...alarm('PT2H'),
    'END:VEVENT', 'END:VCALENDAR',
  ]
  return lines.map(fold).join('\r\n') + '\r\n'
}

/** 20210727T053000Z. */
function stamp(at: number): string {
  return new Date(at).toISOString().replace(/[-:]|\.\d+/g, '')
}

function escape(text: string): string {
  return text.replace(/\r\n?/g, '\n').replace(/[\\;,]/g, '\\$&').replace(/\n/g, '\\n').replace(/[\u0000-\u001f\u007f]/g, ' ')
}

/** Breaks a line before it has more than 75 octets, and never inside of a character. */
function fold(line: string): string {
  let out = ''
  let length = 0
  for (const c of line) {
    const octets = octetsOf(c.codePointAt(0) ?? 0)
    if (length + octets > most) {
      out += '\r\n '
      length = 1
    }
    out += c
    length += octets
  }
  return out
}

function octetsOf(point: number): number {
  if (point < 0x80) return 1
  if (point < 0x800) return 2
  return point < 0x10000 ? 3 : 4
}

/** Hands the file to the browser. Its name says nothing about the person. */
export function download(text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'text/calendar;charset=utf-8' }))
  const a = document.createElement('a')
  a.href = url
  a.download = 'jari.ics'
  document.body.append(a)
  a.click()
  a.remove()
  setTimeout(() => URL.revokeObjectURL(url), 60_000) // some phones read it later than the tap
}
