// A QR code of a few digits: version 1 (21 × 21 modules), level H, so that it is read from a scratched or half-lit screen too. It follows
// ISO/IEC 18004; a test has another program read what it draws.

const size = 21
const dataBytes = 9 // of version 1 at level H
const checkBytes = 17
const mostDigits = 17
const level = 0b10 // H, as the format says it
const quiet = 4 // modules of white around, without which readers do not find it

/** Rows of modules, true where it is dark. */
export type Modules = boolean[][]

/** The code of up to 17 digits; undefined for anything else. */
export function qr(digits: string): Modules | undefined {
  if (!/^\d+$/.test(digits) || digits.length > mostDigits) return undefined
  const data = dataOf(digits)
  const bits = bitsOf([...data, ...checkOf(data)])
  let best: Modules | undefined
  let least = Infinity
  for (let mask = 0; mask < 8; mask++) {
    const m = draw(bits, mask)
    const cost = penalty(m)
    if (cost < least) [best, least] = [m, cost]
  }
  return best
}

/** How wide the drawing is, with the white around it. */
export const qrWidth = size + 2 * quiet

/** The dark modules as the path of an SVG that is qrWidth wide. */
export function qrPath(m: Modules): string {
  let path = ''
  m.forEach((row, y) => {
    for (let x = 0; x < size; x++) {
      if (!row[x]) continue
      let end = x
      while (row[end]) end++
      path += `M${x + quiet} ${y + quiet}h${end - x}v1h${x - end}z`
      x = end
    }
  })
  return path
}

/** Digits, as many as are left in threes: ten bits for three, seven for two, four for one. */
function dataOf(digits: string): number[] {
  let bits = '0001' + binary(digits.length, 10)
  for (let i = 0; i < digits.length; i += 3) {
    const part = digits.slice(i, i + 3)
    bits += binary(Number(part), part.length * 3 + 1)
  }
  bits += '0'.repeat(Math.min(4, dataBytes * 8 - bits.length))
  bits += '0'.repeat((8 - (bits.length % 8)) % 8)
  const bytes: number[] = []
  for (let i = 0; i < bits.length; i += 8) bytes.push(Number.parseInt(bits.slice(i, i + 8), 2))
  for (let fill = 0xec; bytes.length < dataBytes; fill ^= 0xec ^ 0x11) bytes.push(fill)
  return bytes
}

function binary(n: number, width: number): string {
  return n.toString(2).padStart(width, '0')
}

function bitsOf(bytes: number[]): boolean[] {
  return [...bytes.map((b) => binary(b, 8)).join('')].map((b) => b === '1')
}

/** Multiplies in the field of 256 elements that QR codes use. */
function times(a: number, b: number): number {
  let product = 0
  for (let bit = 7; bit >= 0; bit--) {
    product = (product << 1) ^ ((product >> 7) * 0x11d)
    if ((b >> bit) & 1) product ^= a
  }
  return product
}

/** The Reed–Solomon bytes: what is left when the data are divided by the product of all (x − 2^i). */
function checkOf(data: number[]): number[] {
  let divisor = [1]
  for (let i = 0, root = 1; i < checkBytes; i++, root = times(root, 2)) {
    const by = root
    divisor = [...divisor, 0].map((c, k) => c ^ times(divisor[k - 1] ?? 0, by))
  }
  const rest = [...data, ...Array<number>(checkBytes).fill(0)]
  for (let i = 0; i < data.length; i++) {
    const factor = rest[i] ?? 0
    divisor.forEach((c, k) => {
      rest[i + k] = (rest[i + k] ?? 0) ^ times(c, factor)
    })
  }
  return rest.slice(data.length)
}

const masks: readonly ((y: number, x: number) => boolean)[] = [
  (y, x) => (y + x) % 2 === 0,
  (y) => y % 2 === 0,
  (_, x) => x % 3 === 0,
  (y, x) => (y + x) % 3 === 0,
  (y, x) => (Math.floor(y / 2) + Math.floor(x / 3)) % 2 === 0,
  (y, x) => ((y * x) % 2) + ((y * x) % 3) === 0,
  (y, x) => (((y * x) % 2) + ((y * x) % 3)) % 2 === 0,
  (y, x) => (((y + x) % 2) + ((y * x) % 3)) % 2 === 0,
]

function draw(bits: boolean[], mask: number): Modules {
  const m: (boolean | undefined)[][] = Array.from({ length: size }, () => Array<boolean | undefined>(size).fill(undefined))
  const put = (y: number, x: number, dark: boolean): void => {
    const row = m[y]
    if (row && x >= 0 && x < size) row[x] = dark
  }
  for (let i = 0; i < size; i++) {
    put(6, i, i % 2 === 0)
    put(i, 6, i % 2 === 0)
  }
  for (const [y, x] of [[3, 3], [3, size - 4], [size - 4, 3]] as const) eye(put, y, x)
  format(put, mask)
  let next = 0
  // Two columns at a time from the right, up and down in turn; column 6 is the ruler's.
  for (let right = size - 1, up = true; right > 0; right -= 2, up = !up) {
    if (right === 6) right = 5
    for (let i = 0; i < size; i++) {
      const y = up ? size - 1 - i : i
      for (const x of [right, right - 1]) {
        if (m[y]?.[x] === undefined) put(y, x, (bits[next++] ?? false) !== (masks[mask]?.(y, x) ?? false))
      }
    }
  }
  return m as Modules
}

/** One of the three large squares, with the white around it. */
function eye(put: (y: number, x: number, dark: boolean) => void, y: number, x: number): void {
  for (let dy = -4; dy <= 4; dy++) {
    for (let dx = -4; dx <= 4; dx++) {
      const ring = Math.max(Math.abs(dy), Math.abs(dx))
      put(y + dy, x + dx, ring !== 2 && ring !== 4)
    }
  }
}

/** Level and mask, twice, with a check of their own. */
function format(put: (y: number, x: number, dark: boolean) => void, mask: number): void {
  const what = (level << 3) | mask
  let rest = what << 10
  for (let bit = 14; bit >= 10; bit--) if ((rest >> bit) & 1) rest ^= 0x537 << (bit - 10)
  const bits = ((what << 10) | rest) ^ 0x5412
  for (let i = 0; i < 15; i++) {
    const dark = ((bits >> i) & 1) === 1
    if (i < 8) put(i < 6 ? i : i + 1, 8, dark)
    else put(8, i === 8 ? 7 : 14 - i, dark)
    if (i < 8) put(8, size - 1 - i, dark)
    else put(size - 15 + i, 8, dark)
  }
  put(size - 8, 8, true)
}

/** How hard it is to read: long runs, blocks, what looks like an eye, and too much of one colour. */
function penalty(m: Modules): number {
  const rows = m.map((row) => row.map((dark) => (dark ? '1' : '0')).join(''))
  const columns = m.map((_, x) => m.map((row) => (row[x] ? '1' : '0')).join(''))
  let cost = 0
  for (const line of [...rows, ...columns]) {
    for (const run of line.match(/0{5,}|1{5,}/g) ?? []) cost += run.length - 2
    for (let i = 0; i < size; i++) if (line.startsWith('10111010000', i) || line.startsWith('00001011101', i)) cost += 40
  }
  for (let y = 1; y < size; y++) {
    for (let x = 1; x < size; x++) {
      const same = m[y]?.[x]
      if (m[y - 1]?.[x] === same && m[y]?.[x - 1] === same && m[y - 1]?.[x - 1] === same) cost += 3
    }
  }
  const dark = rows.join('').replace(/0/g, '').length / (size * size)
  return cost + Math.floor(Math.abs(dark - 0.5) * 20) * 10
}
