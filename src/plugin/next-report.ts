/**
 * The build report for Next.js, made before the build: Turbopack's loaders run in processes of their own, a module at
 * a time, and webpack builds twice.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join, resolve } from 'pathe'
import { relativeResolve } from './importing.ts'
import { createPipeline, type Options } from './index.ts'
import { nextFacts, targetOf } from './turbopack.ts'

// Only to tell names: when Next builds, its own resolution does.
const IMPORTING = { resolve: relativeResolve, watch: () => {} }

let reported = false

/** Says once a build, or start of the dev server, what will be wrapped. */
export async function reportOnNext(options: Options, pageExtensions: readonly string[]): Promise<void> {
  const [command, directory] = process.argv.slice(2)
  const isCommand = command === 'build' || command === 'dev'
  // The dev server of Next 16 reads the configuration in a process that is told neither the command nor the folder.
  if (reported || options.report === false || !(isCommand || process.env['__NEXT_DEV_SERVER'])) return
  reported = true
  const root = [resolve(directory ?? '.'), resolve('.')].find(isFolder)!
  const create = (target: 'node' | 'edge') => createPipeline(options, nextFacts(root, target, { pageExtensions }))
  const [node, edge] = [create('node'), create('edge')]
  let edges = 0
  for (const file of findModules(root)) {
    if (!node.includes(file) || !statSync(file, { throwIfNoEntry: false })?.isFile()) continue
    const code = readFileSync(file, 'utf8')
    const isEdge = targetOf(code, file) === 'edge'
    if (isEdge) edges++
    await (isEdge ? edge : node).transform(code, file, IMPORTING)
  }
  const reports = [node.report.finish(), ...(edges > 0 ? [edge.report.finish()] : [])]
  const wrapped = reports.filter(({ warning }) => !warning)
  if (wrapped.length === 0 && !isCommand) return
  const lines = wrapped.length > 0 ? wrapped.map(({ summary }) => summary) : [reports[0]!.warning]
  process.stderr.write(`${lines.join('\n')}\n`)
}

function findModules(root: string): string[] {
  return ['.', 'src'].flatMap((folder) => {
    const at = join(root, folder)
    if (!isFolder(at)) return []
    const deep = ['app', 'pages/api'].flatMap((name) => {
      const below = join(at, name)
      return isFolder(below) ? readdirSync(below, { recursive: true }).map((path) => join(below, String(path))) : []
    })
    const flat = readdirSync(at).map((name) => join(at, name))
    return [...deep, ...flat]
  })
}

/** A link may lead nowhere: Emacs locks a file by such a one. */
function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false
}
