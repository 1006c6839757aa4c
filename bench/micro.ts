/** `npm run bench:micro -- [bytes load cpu transform profile] [--profile] [--json] [--rounds 15]`: see README.md. */
import { parseArgs } from 'node:util'
import { lambdaBytes, workerBytes } from './bytes.ts'
import { measureCpu } from './cpu.ts'
import { measureLoad } from './load.ts'
import { printBytes, printCpu, printLoad, printProfile, printTransform } from './print.ts'
import { profileOurs } from './profile.ts'
import { measureTransform } from './transform.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: 'boolean', default: false },
    profile: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '15' },
  },
})
const PARTS = ['bytes', 'load', 'cpu', 'transform', 'profile']
const unknown = positionals.find((part) => !PARTS.includes(part))
const rounds = Number(values.rounds)
if (unknown || !(rounds >= 1)) {
  console.error(unknown ? `unknown part '${unknown}', there are ${PARTS.join(', ')}` : '--rounds takes a number')
  process.exit(2)
}
const isWanted = (part: string): boolean => {
  if (part === 'profile' && values.profile) return true
  return positionals.length === 0 ? part !== 'profile' : positionals.includes(part)
}
const figures: Record<string, unknown> = {}

/** Printed as soon as it is measured. */
async function part<T>(name: string, measured: Promise<T>, print: (figure: T) => void): Promise<void> {
  const figure = (figures[name] = await measured)
  if (!values.json) print(figure as T)
}

if (isWanted('bytes')) {
  await part('bytes', Promise.all([lambdaBytes(), workerBytes()]), ([lambda, worker]) => printBytes(lambda, worker))
}
if (isWanted('load')) await part('load', measureLoad(rounds), printLoad)
if (isWanted('cpu')) await part('cpu', measureCpu(rounds), printCpu)
if (isWanted('transform')) await part('transform', Promise.resolve(measureTransform()), printTransform)
if (isWanted('profile')) {
  const both = async () => [await profileOurs('payload'), await profileOurs('exported')]
  await part('profile', both(), (profiles) => profiles.forEach(printProfile))
}
if (values.json) console.log(JSON.stringify(figures, undefined, 2))
