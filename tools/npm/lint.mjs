// Lints the contract with Redocly's rules, as redocly.yaml names them. Any finding is a failure, also a mere warning.
// The library is used and not its command line, which brings eight times as many packages and asks the network for updates.
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'

import { createConfig, formatProblems, getTotals, lint } from '@redocly/openapi-core'

const here = (name) => fileURLToPath(new URL(name, import.meta.url))
const [contract = here('../../mobile-contract/openapi.yaml')] = process.argv.slice(2)

const config = await createConfig(await readFile(here('redocly.yaml'), 'utf8'), { configPath: here('redocly.yaml') })
const problems = await lint({ ref: contract, config })
const totals = getTotals(problems)
if (problems.length > 0) {
  formatProblems(problems, { format: 'codeframe', maxProblems: 50, totals, version: '' })
  process.exit(1)
}
