// Reads what came from outside into types, as the client in Go does: a field that is not there is empty, one that is not known is
// ignored, one of another type makes the whole unreadable. Without it a login page that happens to be JSON would break a page later.

/** What could not be read. */
export class Unreadable extends Error {
  constructor(what: string) {
    super(`cannot be read: ${what}`)
    this.name = 'Unreadable'
  }
}

/** Reads a value, or throws Unreadable. */
export type Reader<T> = (value: unknown) => T

/** A text. An enum is one too: values that are not known are kept as they came, and shown as shown.ts says. */
export function text<T extends string>(value: unknown): T {
  return plain<T>(value, '' as T, typeof value === 'string', 'text')
}

/** A whole number. */
export function whole(value: unknown): number {
  return plain(value, 0, Number.isInteger(value), 'whole number')
}

/** A number. */
export function real(value: unknown): number {
  return plain(value, 0, typeof value === 'number', 'number')
}

/** Yes or no. */
export function yes(value: unknown): boolean {
  return plain(value, false, typeof value === 'boolean', 'yes or no')
}

function plain<T>(value: unknown, none: T, fits: boolean, what: string): T {
  if (value === undefined || value === null) return none
  if (!fits) throw new Unreadable(`no ${what}`)
  return value as T
}

/** A list of what the reader reads. */
export function list<T>(of: Reader<T>): Reader<T[]> {
  return (value) => plain<unknown[]>(value, [], Array.isArray(value), 'list').map(of)
}

/** An object whose fields are not known before. */
export function record<T>(of: Reader<T>): Reader<Record<string, T>> {
  return (value) => {
    const out: Record<string, T> = {}
    for (const [name, field] of Object.entries(object(value))) if (name !== '__proto__') out[name] = of(field)
    return out
  }
}

/** Any object. */
export function object(value: unknown): Record<string, unknown> {
  return plain<Record<string, unknown>>(value, {}, typeof value === 'object' && !Array.isArray(value), 'object')
}

type OptionalOf<T> = { [K in keyof T]-?: object extends Pick<T, K> ? K : never }[keyof T]
type RequiredOf<T> = Exclude<keyof T, OptionalOf<T>>

/** An object with the fields of a type. One that is missing here does not compile. Optional ones that say nothing are left out. */
export function shape<T>(
  required: { [K in RequiredOf<T>]: Reader<T[K]> },
  optional: { [K in OptionalOf<T>]-?: Reader<Exclude<T[K], undefined>> },
  says: (value: unknown) => boolean = saysSomething,
): Reader<T> {
  return (value) => {
    const from = object(value)
    const out: Record<string, unknown> = {}
    for (const [name, read] of Object.entries<Reader<unknown>>(required)) out[name] = read(from[name])
    for (const [name, read] of Object.entries<Reader<unknown>>(optional)) {
      const field = from[name]
      if (field === undefined || field === null) continue
      const known = read(field)
      if (says(known)) out[name] = known
    }
    return out as unknown as T
  }
}

/** Whether a value is more than an empty text, list or object. */
export function saysSomething(value: unknown): boolean {
  return value !== '' && value !== undefined && value !== null && (typeof value !== 'object' || Object.keys(value).length > 0)
}
