/** `service.version` where nobody says it: the package's, and the commit that is built. */
import { dirname, isAbsolute, join } from 'pathe'
import { readText } from './files.ts'
import type { Project } from './project.ts'

/** What builders check out, and say in a variable: their copy need not be a repository. */
const COMMIT_VARIABLES = [
  // https://vercel.com/docs/environment-variables/system-environment-variables
  'VERCEL_GIT_COMMIT_SHA',
  // https://docs.netlify.com/build/configure-builds/environment-variables/#git-metadata
  'COMMIT_REF',
  // https://developers.cloudflare.com/workers/ci-cd/builds/configuration/ …/pages/configuration/build-configuration/
  'WORKERS_CI_COMMIT_SHA',
  'CF_PAGES_COMMIT_SHA',
  // https://docs.aws.amazon.com/amplify/latest/userguide/amplify-console-environment-variables.html
  'AWS_COMMIT_ID',
  // https://docs.aws.amazon.com/codebuild/latest/userguide/build-env-ref-env-vars.html
  'CODEBUILD_RESOLVED_SOURCE_VERSION',
  // https://docs.github.com/actions/reference/workflows-and-actions/variables
  'GITHUB_SHA',
  // https://docs.gitlab.com/ci/variables/predefined_variables/
  'CI_COMMIT_SHA',
  // https://learn.microsoft.com/azure/devops/pipelines/build/variables
  'BUILD_SOURCEVERSION',
  // https://support.atlassian.com/bitbucket-cloud/docs/variables-and-secrets/
  'BITBUCKET_COMMIT',
  // https://circleci.com/docs/reference/variables/
  'CIRCLE_SHA1',
]
const COMMIT = /^[\da-f]{40,64}$/
const SHORT = 7

/** `1.2.0+0a1b2c3`, or what is known of it. Undefined: neither. Runs no `git`, and never fails. */
export function findServiceVersion({
  root,
  env,
  version,
}: Pick<Project, 'root' | 'env' | 'version'>): string | undefined {
  const known = COMMIT_VARIABLES.map((name) => env[name]).find((value) => COMMIT.test(value ?? ''))
  const commit = (known ?? readCommit(root))?.slice(0, SHORT)
  return version && commit ? `${version}+${commit}` : (version ?? commit)
}

/** Of the repository that the folder is in. */
function readCommit(folder: string): string | undefined {
  for (let directory = folder; ; directory = dirname(directory)) {
    const git = join(directory, '.git')
    // In a worktree and in a submodule it is a file that says where. https://git-scm.com/docs/gitrepository-layout
    const elsewhere = /^gitdir: (.+)/.exec(readText(git) ?? '')?.[1]
    const own = elsewhere ? resolve(directory, elsewhere) : git
    const head = readText(join(own, 'HEAD'))?.trim()
    if (head !== undefined) return toCommit(head, own)
    if (directory === dirname(directory)) return undefined
  }
}

function toCommit(head: string, git: string): string | undefined {
  const ref = /^ref: (.+)$/.exec(head)?.[1]
  if (!ref) return COMMIT.test(head) ? head : undefined
  // A worktree has its own HEAD, and shares its branches.
  const common = resolve(git, readText(join(git, 'commondir'))?.trim() ?? '.')
  const loose = readText(join(common, ref))?.trim()
  if (loose && COMMIT.test(loose)) return loose
  const packed = readText(join(common, 'packed-refs'))?.split('\n') ?? []
  return packed.find((line) => line.endsWith(` ${ref}`))?.split(' ')[0]
}

function resolve(directory: string, path: string): string {
  return isAbsolute(path) ? path : join(directory, path)
}
