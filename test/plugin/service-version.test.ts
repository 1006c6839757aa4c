/** What is built, as `service.version` says it: the package's version and the commit. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { readManifest } from '../../src/plugin/project.ts'
import { findServiceVersion } from '../../src/plugin/service-version.ts'

const COMMIT = '0a1b2c3d4e5f60718293a4b5c6d7e8f901234567'
const OTHER = 'f'.repeat(40)

function write(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'service-version-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true })
    writeFileSync(path.join(folder, name), text)
  }
  return folder
}

/** Of a package two folders below. */
const find = (files: Readonly<Record<string, string>>, env: Readonly<Record<string, string>> = {}, version?: string) =>
  findServiceVersion({
    root: path.join(write({ 'packages/a/package.json': '{}', ...files }), 'packages/a'),
    env,
    version: version!,
  })

const MAIN = 'ref: refs/heads/main\n'

test.each<[string, Readonly<Record<string, string>>]>([
  ['a branch', { '.git/HEAD': MAIN, '.git/refs/heads/main': `${COMMIT}\n` }],
  ['a branch with a slash', { '.git/HEAD': 'ref: refs/heads/a/b\n', '.git/refs/heads/a/b': `${COMMIT}\n` }],
  [
    'packed',
    {
      '.git/HEAD': MAIN,
      '.git/packed-refs': `# pack-refs\n${OTHER} refs/heads/not-main\n${COMMIT} refs/heads/main\n^${OTHER}\n`,
    },
  ],
  ['no branch', { '.git/HEAD': `${COMMIT}\n` }],
  [
    'a worktree',
    {
      '.git': 'gitdir: elsewhere/worktrees/a\n',
      'elsewhere/worktrees/a/HEAD': MAIN,
      'elsewhere/worktrees/a/commondir': '../..\n',
      'elsewhere/refs/heads/main': COMMIT,
    },
  ],
  ['a submodule', { '.git': 'gitdir: modules/a', 'modules/a/HEAD': COMMIT }],
])('%s', (_, files) => {
  expect(find(files, {}, '1.2.0')).toBe('1.2.0+0a1b2c3')
  expect(find(files)).toBe('0a1b2c3')
})

test.each<[string, Readonly<Record<string, string>>]>([
  ['a repository without a commit', { '.git/HEAD': MAIN }],
  ['no text of git', { '.git/HEAD': '\0' }],
  ['a reference to what is no reference', { '.git/HEAD': MAIN, '.git/refs/heads/main': 'x', '.git/packed-refs': '' }],
  ['a pointer to nothing', { '.git': 'gitdir: gone' }],
])('%s: what is left', (_, files) => {
  expect(find(files, {}, '1.2.0')).toBe('1.2.0')
})

test.each(['VERCEL_GIT_COMMIT_SHA', 'COMMIT_REF', 'WORKERS_CI_COMMIT_SHA', 'GITHUB_SHA', 'CI_COMMIT_SHA'])(
  '%s wins over the copy',
  (name) => {
    const files = { '.git/HEAD': OTHER }
    expect(find(files, { [name]: COMMIT }, '1.2.0')).toBe('1.2.0+0a1b2c3')
    // Of a branch, not of a commit.
    expect(find(files, { [name]: 'main' })).toBe('fffffff')
  },
)

test('the version of the package, if it is one', () => {
  expect(readManifest('{ "version": "1.2.0" }').version).toBe('1.2.0')
  expect(readManifest('{ "version": "" }').version).toBeUndefined()
  expect(readManifest('{ "version": 1 }').version).toBeUndefined()
})
