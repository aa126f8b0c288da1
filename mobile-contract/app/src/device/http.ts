// One request and its whole answer. What is no answer of ours (a login page, a redirect, half of one) is said to be none by whoever reads it.

/** An HTTP answer, whole. */
export interface Answer {
  status: number
  /** Seconds; 0 when it was not said. */
  retryAfter: number
  etag: string
  /** The clock of whoever has answered, in milliseconds; undefined when it was not said. A café's login page has one as well. */
  date: number | undefined
  /** The body as JSON; undefined when it is none. */
  body: unknown
}

const patience = 20_000 // milliseconds
const oldest = 3600 // seconds: nothing of ours may be kept for long, so who says more of an answer is wrong about it
const longRequest = 60_000 // bytes: what is longer may not outlive its tab

/** Hands in a batch. Throws when there is no whole answer; the request may have arrived all the same. */
export function postSync(body: string, lang: string): Promise<Answer> {
  // keepalive: the request goes on when the tab is closed right after the tap.
  return ask('/v1/sync', lang, { method: 'POST', body, keepalive: body.length < longRequest, headers: { 'Content-Type': 'application/json' } })
}

/** Fetches a document; etag is that of the copy at hand, or empty. */
export function getDocument(path: string, etag: string, lang: string): Promise<Answer> {
  return ask(path, lang, { headers: etag === '' ? {} : { 'If-None-Match': etag } })
}

/** Fetches what only the holder of a secret may read. */
export function getOwn(path: string, secret: string, lang: string): Promise<Answer> {
  return ask(path, lang, { headers: { Authorization: `Bearer ${secret}` } })
}

async function ask(path: string, lang: string, init: RequestInit & { headers: Record<string, string> }): Promise<Answer> {
  const late = new AbortController()
  const timer = setTimeout(() => late.abort(), patience)
  try {
    const res = await fetch(path, {
      ...init,
      headers: { ...init.headers, 'Accept-Language': lang },
      cache: 'no-store',
      credentials: 'omit',
      redirect: 'error', // a request carries secrets
      referrerPolicy: 'no-referrer',
      signal: late.signal,
    })
    const body = read(res.headers.get('Content-Type') ?? '', await res.text())
    // What was kept on the way is as much older than its Date as Age says (RFC 9111).
    const age = Number.parseInt(res.headers.get('Age') ?? '', 10) || 0
    const date = age >= 0 && age <= oldest ? Date.parse(res.headers.get('Date') ?? '') + age * 1000 : NaN
    return {
      status: res.status,
      retryAfter: Number.parseInt(res.headers.get('Retry-After') ?? '', 10) || 0,
      etag: res.headers.get('ETag') ?? '',
      date: Number.isNaN(date) || (body === undefined && res.status !== 304) ? undefined : date,
      body,
    }
  } finally {
    clearTimeout(timer)
  }
}

function read(kind: string, text: string): unknown {
  if (!/^application\/(problem\+)?json\b/.test(kind)) return undefined
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
