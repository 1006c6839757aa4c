/** Deploy tools that bundle what a build made once more: what is added at the end of an output does not survive that. */
import { withoutComments } from './comments.ts'
import type { Diagnostic } from './diagnostic.ts'
import type { Platform } from '../define-platform.ts'
import type { BundlerFacts, Project } from '../project.ts'

interface Rebundler {
  /** Base name of its configuration. */
  readonly file: RegExp
  readonly uses: RegExp
  /** Where the plugin may be in it. */
  readonly isInside: (bundler: BundlerFacts) => boolean
  readonly remedy: string
}

const REBUNDLERS: Readonly<Record<string, Rebundler>> = {
  // https://www.serverless.com/plugins/serverless-esbuild
  'serverless-esbuild': {
    file: /^serverless\./,
    uses: /\bserverless-esbuild\b/,
    isInside: ({ name }) => name === 'esbuild',
    remedy:
      "Put the plugin into it: custom: { esbuild: { plugins: otel.cjs } }, with module.exports = [require('unplugin-otel/esbuild')()].",
  },
  // https://www.serverless.com/plugins/serverless-webpack
  'serverless-webpack': {
    file: /^serverless\./,
    uses: /\bserverless-(webpack|bundle)\b/,
    isInside: ({ name }) => name === 'webpack',
    remedy: "Put the plugin into its webpack.config.js: plugins: [require('unplugin-otel/webpack')()].",
  },
  // https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/serverless-sam-cli-using-build-typescript.html
  'sam build': {
    file: /^template\./,
    uses: /\bBuildMethod['"]?\s*:\s*['"]?esbuild\b/,
    isInside: () => false,
    remedy: 'It takes no plugins: remove BuildMethod: esbuild, and set CodeUri to the folder that this build writes.',
  },
  // https://sst.dev/docs/component/aws/function/#nodejs-plugins
  SST: {
    file: /^sst\.config\./,
    uses: /\bFunction\b|\.route\(/,
    isInside: ({ isEither }) => isEither === true,
    remedy:
      "Put the plugin into it: nodejs: { plugins: './otel.mjs' }, with export { default } from 'unplugin-otel/sst'.",
  },
}

export function findRebundler(platform: Platform, project: Project): Pick<Diagnostic, 'fact' | 'remedy'> | undefined {
  // Elsewhere the output has nothing at its end.
  if (platform.id !== 'aws-lambda') return undefined
  for (const [tool, { file, uses, isInside, remedy }] of Object.entries(REBUNDLERS)) {
    for (const [name, text] of project.files) {
      // A text that does not have it is not read twice.
      if (!file.test(name) || !uses.test(text) || isInside(project.bundler)) continue
      if (!uses.test(withoutComments(name, text))) continue
      return { fact: `${tool} (${name}) bundles again what ${project.bundler.name} makes`, remedy }
    }
  }
  return undefined
}
