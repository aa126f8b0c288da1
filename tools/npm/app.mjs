// Checks the types of the reference app (mobile-contract/app) as strictly as TypeScript can, against the contract: its types are made
// of openapi.yaml first. Node.js takes the two programs from the packages that package-lock.json pins.
import { spawnSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const here = (name) => fileURLToPath(new URL(name, import.meta.url))
const app = here('../../mobile-contract/app')

const run = (program, ...args) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [here(`node_modules/${program}`), ...args], { encoding: 'utf8' })
  if (status === 0) return
  process.stderr.write(`${stdout ?? ''}${stderr ?? ''}`)
  process.exit(1)
}

mkdirSync(`${app}/types`, { recursive: true })
run('openapi-typescript/bin/cli.js', here('../../mobile-contract/openapi.yaml'), '-o', `${app}/types/contract.d.ts`)
run('typescript/bin/tsc', '-p', app)
