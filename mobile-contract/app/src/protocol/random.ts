// Ids and secrets, from bytes of a cryptographic source.

type Random = (bytes: Uint8Array) => void

const hex = (b: number): string => (b + 256).toString(16).slice(1)

/** A random UUID (version 4). Browsers have crypto.randomUUID for that only since 2021. */
export function fresh(random: Random): string {
  const bytes = new Uint8Array(16)
  random(bytes)
  const digits = Array.from(bytes, (b, at) => hex(at === 6 ? (b & 0x0f) | 0x40 : at === 8 ? (b & 0x3f) | 0x80 : b)).join('')
  return [digits.slice(0, 8), digits.slice(8, 12), digits.slice(12, 16), digits.slice(16, 20), digits.slice(20)].join('-')
}

/** 32 random bytes as base64url without padding: a device's secret. */
export function secret(random: Random): string {
  const bytes = new Uint8Array(32)
  random(bytes)
  return btoa(String.fromCharCode(...bytes)).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '')
}
