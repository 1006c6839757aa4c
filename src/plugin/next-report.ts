/**
 * The build report for Next.js, made before the build: Turbopack's loaders run in processes of their own, a module at
 * a time, and webpack builds twice.
 */
import { join, resolve } from 'pathe'
import { kindOf, readNames, readText } from './files.ts'
import { relativeResolve } from './importing.ts'
import { createPipeline, type Options } from './index.ts'
import { nextFacts, targetOf } from './turbopack.ts'
import { onStderr, tell } from './report/voice.ts'

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
  const root = [resolve(directory ?? '.'), resolve('.')].find((path) => kindOf(path) === 'folder')!
  const create = (target: 'node' | 'edge') => createPipeline(options, nextFacts(root, target, { pageExtensions }))
  const [node, edge] = [create('node'), create('edge')]
  let edges = 0
  for (const file of findModules(root)) {
    const code = node.includes(file) && kindOf(file) === 'file' ? readText(file) : undefined
    if (code === undefined) continue
    const isEdge = targetOf(code, file) === 'edge'
    if (isEdge) edges++
    await (isEdge ? edge : node).transform(code, file, IMPORTING)
  }
  const reports = [node.report.finish(), ...(edges > 0 ? [edge.report.finish()] : [])]
  const wrapped = reports.filter(({ facts }) => facts.handlers.length > 0)
  if (wrapped.length === 0 && !isCommand) return
  for (const each of wrapped.length > 0 ? wrapped : reports.slice(0, 1)) {
    tell(each, {
      info: onStderr,
      warn: onStderr,
      fail(text) {
        onStderr(text)
        // Next awaits nothing here, and would go on.
        if (command === 'build') process.exit(1)
      },
    })
  }
}

/** Where Next looks for modules that it calls, and everything beside them. */
export function findModules(root: string): string[] {
  return ['.', 'src'].flatMap((folder) => {
    const at = join(root, folder)
    const deep = ['app', 'pages/api'].flatMap((name) => {
      const below = join(at, name)
      return readNames(below, { recursive: true }).map((path) => join(below, path))
    })
    const flat = readNames(at).map((name) => join(at, name))
    return [...deep, ...flat]
  })
}
