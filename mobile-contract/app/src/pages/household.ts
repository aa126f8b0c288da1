// The code by which people who want to come together find each other. Whoever knows it can join, so it is made at random; it is digits, because it
// is told by phone.
import { narrow } from '../ui/format.ts'

const digits = 12 // of some million families, two with the same code are less likely than one in a million for each

/** A new code. */
export function newCode(fill: (bytes: Uint8Array) => unknown = (b) => crypto.getRandomValues(b as Uint8Array<ArrayBuffer>)): string {
  let code = ''
  while (code.length < digits) {
    const bytes = new Uint8Array(digits)
    fill(bytes)
    for (const b of bytes) if (b < 250 && code.length < digits) code += String(b % 10) // 250 and more would make some digits likelier
  }
  return code
}

/** A code as it is read aloud: 1234 5678 9012. One of another app is shown as it is. */
export function codeText(code: string): string {
  return /^\d{12}$/.test(code) ? code.replace(/(\d{4})(?=\d)/g, '$1 ') : code
}

/** Reads a code as it was told; undefined if it can be none. */
export function readCode(text: string): string | undefined {
  const plain = narrow(text).replace(/\s/g, '')
  const code = /^[\d-]+$/.test(plain) ? plain.replace(/-/g, '') : plain
  return /^[A-Za-z0-9-]{6,64}$/.test(code) ? code : undefined
}
