// What an answer to a sync does to the record, and what it says of the line.
import { failed, readAnswer, readProblem, took, Misfit } from '../protocol/index.ts'
import type { Batch, Failure, State } from '../protocol/index.ts'
import type { Answer } from './http.ts'

/** How the line to the server is, as far as anybody knows. */
export type Line = 'unknown' | 'up' | 'down' | 'busy'

/** What came. ours: it is our server's, and not that of what stands between. etags are the campaigns' that an answer named that fits. */
export interface Got {
  ours: boolean
  etags?: Record<string, string>
}

/** Takes an answer or its absence into the state. */
export function absorb(s: State, batch: Batch, answer: Answer | undefined, now: number, dice: number): Got {
  if (answer?.status === 200) {
    try {
      const read = readAnswer(answer.body)
      took(s, batch, read, now, dice)
      return { ours: true, etags: read.campaigns }
    } catch (e) {
      if (!(e instanceof Misfit)) throw e
    }
  }
  const failure: Failure = { status: answer?.status ?? 0, retryAfter: answer?.retryAfter ?? 0 }
  const problem = answer && answer.status >= 400 ? readProblem(answer.body) : undefined
  if (problem) failure.problem = problem
  failed(s, batch, failure, now, dice)
  return { ours: problem !== undefined }
}

/** fits: the answer was taken. A login page of a network on the way is no server of ours: there is no line to ours. */
export function lineOf(answer: Answer | undefined, fits: boolean): Line {
  if (fits) return 'up'
  if (answer === undefined) return 'down'
  if (answer.status === 429 || answer.status >= 500) return 'busy'
  return answer.status >= 400 && readProblem(answer.body) ? 'up' : 'down'
}
