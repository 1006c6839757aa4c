/** Why nothing is wrapped: the most asked question, and the build knows the answer. One cause is named. */
import { isAbsolute, relative } from 'pathe'
import { isForBrowsers, type Build } from '../build.ts'
import type { BuildCode } from './codes.ts'
import type { Diagnostic } from './diagnostic.ts'
import { platformIds } from '../known-platforms.ts'
import type { ResolvedOptions } from '../resolve-options.ts'
import type { Project } from '../project.ts'

/** What explains it better than that nothing is there, the most telling first. */
const CAUSES: readonly BuildCode[] = ['UO105', 'UO112', 'UO108', 'UO109', 'UO118', 'UO113', 'UO107']

/** What matters once something is wrapped. */
const LATER: readonly BuildCode[] = ['UO111', 'UO115']

/** @returns what was found, the cause among it as a warning */
export function diagnoseNothing(
  all: readonly Diagnostic[],
  build: Build,
  options: ResolvedOptions,
  project: Project,
): Diagnostic[] {
  const { platform, detected } = build
  const found = all.filter(({ code }) => !LATER.includes(code))
  if (!platform) return [noPlatform(build, project), ...found]
  // A function's project may have a server beside it.
  const other = options.platform === 'auto' || detected[0]?.signal === 'server' ? undefined : detected[0]
  if (other && !detected.some((each) => each.platform === platform)) {
    return [
      warning(
        'UO106',
        `platform is '${platform.id}' in otel(), but ${other.because} names ${other.platform.id}`,
        `Set platform: '${other.platform.id}', or take it out of otel().`,
      ),
      ...found,
    ]
  }
  if (found.some(({ severity }) => severity === 'warning')) return found
  const cause = CAUSES.map((code) => found.find((each) => each.code === code && each.severity !== 'note')).find(Boolean)
  if (!cause) return [noHandler(build, options, project), ...found]
  const alike = found.filter(({ code, path, name }) => code === 'UO107' && path === cause.path && name !== undefined)
  const raised = cause.code === 'UO107' ? otherNames(cause, alike, wanted(build, options, project)) : cause
  return [
    { ...raised, severity: 'warning', fact: `nothing is wrapped: ${raised.fact}` },
    ...found.filter((each) => each !== cause && !(cause.code === 'UO107' && alike.includes(each))),
  ]
}

function warning(code: BuildCode, cause: string, remedy: string): Diagnostic {
  return { code, severity: 'warning', fact: `nothing is wrapped: ${cause}`, remedy }
}

function noPlatform({ because }: Build, project: Project): Diagnostic {
  if (!isForBrowsers(project)) {
    const ids = platformIds.map((id) => `'${id}'`).join(' or ')
    return warning('UO102', because, `Set platform: ${ids} in otel().`)
  }
  const remedy = `Put otel() into the build of the functions${SERVER[project.bundler.name] ?? ''}.`
  return warning('UO103', because, remedy)
}

const SERVER: Readonly<Record<string, string>> = {
  bun: ", or set target: 'node'",
  esbuild: ", or set platform: 'node'",
  farm: ", or set output.targetEnv: 'node'",
  rolldown: ", or set platform: 'node'",
  rspack: ", or set target: 'node'",
  webpack: ", or set target: 'node'",
}

/** The handlers have other names. */
function otherNames(cause: Diagnostic, alike: readonly Diagnostic[], names: string): Diagnostic {
  const all = alike.flatMap(({ name }) => (name ? [`'${name}'`] : []))
  const others = all.length > MAX_LISTED ? [...all.slice(0, MAX_LISTED), '…'] : all
  const [are, them] = others.length > 1 ? ['are functions', 'they are handlers'] : ['is a function', 'it is a handler']
  return {
    ...cause,
    name: '*',
    fact: `${others.join(', ')} ${are}, but looked for are ${names}`,
    remedy:
      all.length > 1
        ? `If ${them}, add handlers: [${all.length > MAX_LISTED ? "'…'" : others.join(', ')}] to otel().`
        : cause.remedy,
  }
}

function noHandler(build: Build, options: ResolvedOptions, project: Project): Diagnostic {
  const { platform, entries } = build
  const looked = `looked for ${wanted(build, options, project)}`
  if (entries.length === 0 && options.include.length === 0) {
    return warning(
      'UO101',
      `${looked}, but ${project.bundler.name} tells no entries, as where they come from a function or stdin`,
      `Name the modules of the handlers: include: ['src/app.js'] in otel(). ${platform!.docs}`,
    )
  }
  const paths = entries.map((entry) => (isAbsolute(entry) ? relative(project.root, entry) : entry))
  const listed = paths.length > 0 ? paths : options.include
  const more = listed.length - MAX_LISTED
  const where = more > 0 ? [...listed.slice(0, MAX_LISTED), `${more} more`] : listed
  return warning(
    'UO101',
    `${looked} in ${where.join(', ')}`,
    "Usually the handlers have other names (name them with handlers: ['…'] in otel()), are in modules that are no " +
      `entries (include: ['…']), or the platform is another (platform: '…'). ${platform!.docs}`,
  )
}

const MAX_LISTED = 5

/** What the platform calls: `exports named handler, default`, `fetch, scheduled of what is exported`. */
function wanted({ platform, entries }: Build, options: ResolvedOptions, project: Project): string {
  const { handlers, installers = {} } = platform!
  const rules = Object.values(handlers)
  const names = rules.flatMap((rule) =>
    rule.form === 'export' ? (entries.length > 0 ? entries : ['']).flatMap((entry) => rule.names(entry, project)) : [],
  )
  const named = Object.values(options.handlers).flat()
  if (named.length > 0) return `exports named ${named.join(', ')}`
  const keys = rules.flatMap((rule) => (rule.form === 'member' ? rule.keys.filter((key) => key !== '*') : []))
  const registrars = Object.values(installers).map(({ registrar }) => registrar)
  return [
    ...(names.length > 0 ? [`exports named ${[...new Set(names)].join(', ')}`] : []),
    ...(keys.length > 0 ? [`exported objects and classes with ${keys.join(', ')}`] : []),
    ...registrars.map((registrar) => `what is given to ${registrar}`),
  ].join('; ')
}
