/** The plugin is in no configuration: which line is to be added, and where. */
import { basename } from 'pathe'
import type { Diagnostic } from '../../plugin/report/diagnostic.ts'
import type { Project } from '../../plugin/project.ts'
import type { Bundler, Configuration } from './configurations.ts'

/** @param project where the platform's own tool bundles, it takes no plugins */
export function missingPlugin(configuration: Configuration | undefined, project: Project): Diagnostic {
  return {
    code: 'UO140',
    severity: 'warning',
    fact: `nothing is wrapped: ${configuration ? `${nameOf(configuration)} does not use the plugin` : 'no configuration of a bundler is found'}`,
    remedy: configuration ? lineFor(configuration) : firstLine(project),
  }
}

function nameOf({ file, bundler }: Configuration): string {
  return file.endsWith('package.json') ? `the command of ${bundler} in package.json` : basename(file)
}

function lineFor(configuration: Configuration): string {
  const { bundler, file, text } = configuration
  const name = basename(file)
  // A command takes no plugins.
  if (name === 'package.json') return `Use a script in its place, build.mjs: ${SCRIPTS[bundler] ?? SCRIPTS.esbuild}`
  if (name.startsWith('serverless.')) {
    return `Add to custom.esbuild in ${name}: plugins: otel.cjs, which is: module.exports = [require('unplugin-otel/esbuild')()]`
  }
  if (bundler === 'sst') {
    return `Add to the functions in ${name}: nodejs: { plugins: './otel.mjs' }, which is: export { default } from 'unplugin-otel/sst'`
  }
  const isCommonJs = /\bmodule\.exports\b|\brequire\(/.test(text) && !/^\s*(?:import|export)\b/m.test(text)
  if (bundler === 'next') {
    return isCommonJs
      ? `Add to ${name}: const { withOtel } = require('unplugin-otel/next') and module.exports = withOtel(nextConfig)`
      : `Add to ${name}: import { withOtel } from 'unplugin-otel/next' and export default withOtel(nextConfig)`
  }
  const load = isCommonJs
    ? `const otel = require('unplugin-otel/${bundler}')`
    : `import otel from 'unplugin-otel/${bundler}'`
  return `Add to ${name}: ${load} and plugins: [otel()${firstPlugin(text)}]`
}

/** Ours comes first: what is there already is shown after it. */
function firstPlugin(text: string): string {
  const [, first] = /\bplugins['"]?\s*:\s*\[\s*([\w$.]+)\s*\(/.exec(text) ?? []
  return first ? `, ${first}(…)` : ''
}

const SCRIPTS: Readonly<Partial<Record<Bundler, string>> & { readonly esbuild: string }> = {
  esbuild: "import otel from 'unplugin-otel/esbuild' and await build({ …, plugins: [otel()] })",
  bun: "import otel from 'unplugin-otel/bun' and await Bun.build({ …, plugins: [otel()] })",
}

function firstLine({ files, dependencies }: Project): string {
  if (dependencies.has('next')) {
    return "Add next.config.ts: import { withOtel } from 'unplugin-otel/next' and export default withOtel()"
  }
  if ([...files.keys()].some((name) => name.startsWith('wrangler.'))) {
    return (
      'Wrangler takes no plugins, Vite does. Add to vite.config.ts: ' +
      "import otel from 'unplugin-otel/vite' and plugins: [otel(), cloudflare()]"
    )
  }
  if (files.has('cdk.json')) {
    return `NodejsFunction takes no plugins, Code.fromCustomCommand('dist', ['node', 'build.mjs']) does. Add to build.mjs: ${SCRIPTS.esbuild}`
  }
  return `Build the functions with a bundler, build.mjs: ${SCRIPTS.esbuild}`
}
