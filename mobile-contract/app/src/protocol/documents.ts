// Reads the public documents. What does not fit is Unreadable: then the copy at hand goes on being used.
import type { Campaign, Campaigns, Cohort, Explanation, FreeTime, FreeTimes, QueueDocument, Region, Service, Site } from './contract.ts'
import { list, real, record, shape, text, whole, yes } from './read.ts'

const names = record<string>(text)

const cohort = shape<Cohort>(
  {
    code: text, names, born_from: text, born_to: text, opens: text, closes: text, first_round: text, queue: text, order: text,
  },
  { birth_digits: list(whole), window_closes: text },
)

const site = shape<Site>({ code: text, names, addresses: names, region: text, lat: real, lon: real, tags: list<string>(text) }, {})

/** Reads a campaign's document: who may apply when, and where. */
export const readCampaign = shape<Campaign>(
  {
    campaign: text, mode: text, names, time_zone: text, langs: list<string>(text), phone: text, number_asked: yes, cohorts: list(cohort),
    regions: list(shape<Region>({ code: text, names }, {})), sites: list(site),
  },
  {},
)

const blocks = shape<QueueDocument['blocks']>(
  { size: whole, ready: list(whole), late: list(whole), served: list(whole), withdrawn: list(whole) },
  {},
)

const draw = shape<NonNullable<QueueDocument['draw']>>(
  { commitment: text, public_value_name: text, window_closes: text },
  { entries: whole, list_digest: text, public_value: text },
)

/** Reads a queue's document: the public count. */
export const readQueue = shape<QueueDocument>(
  {
    campaign: text, queue: text, version: whole, opened: text, first_round: text, applied: whole, sealed_to: whole, served_to: whole,
    late: whole, served: whole, withdrawn: whole, blocks, rate: shape<QueueDocument['rate']>({ state: text, fast: whole, slow: whole }, {}),
    next_change_seconds: whole,
  },
  { assured_to: whole, draw, notice: names },
)

/** Reads what a server says of itself. */
export const readService = shape<Service>(
  {
    contract: text, minimum: text, sandbox: yes, langs: list<string>(text),
    sunsets: list(shape<Service['sunsets'][number]>({ what: text, at: text, notices: names }, {})),
  },
  {},
)

/** Reads which campaigns there are. */
export const readCampaigns = shape<Campaigns>(
  { campaigns: list(shape<Campaigns['campaigns'][number]>({ campaign: text, mode: text, names }, {})) },
  {},
)

const freeTime = shape<FreeTime>({ starts: text, ends: text, free: whole }, { queues: list<string>(text) })

/** Reads what was free at a site. */
export const readFreeTimes = shape<FreeTimes>({ campaign: text, site: text, as_of: text, times: list(freeTime), next_change_seconds: whole }, {})

/** Reads why somebody has what they have. */
export const readExplanation = shape<Explanation>({ ticket: text, lang: text, sentences: list<string>(text), text }, {})
