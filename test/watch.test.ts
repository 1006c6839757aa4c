/** Edits while the bundlers watch: what is built anew is wrapped anew, once, and the report is said when it is another one. */
import { readFileSync } from 'node:fs'
import { describe, expect, test, vi } from 'vitest'
import { ran } from './ran.ts'
import { watchers } from './watch/watchers.ts'
import { watch } from './watch/watching.ts'

const greet = (text: string) => `export const greet = () => '${text}'\n`
const index = (text: string) =>
  `import { greet } from './greet.js'\nexport const handler = async () => '${text} ' + greet()\n`
const other = (text: string) => `export const other = async () => '${text}'\n`

const count = (code: string, of: RegExp) => code.match(of)?.length ?? 0
/** An edit that is repeated is built again, and then the output may not be all there when it is read. */
const eventually = (check: () => unknown) => vi.waitFor(check, { timeout: 15_000, interval: 50 })
/** A wrapper names the file that its handler is in. */
const WRAPPER = /"?file"?: ?"src\/\w+\.js"/g
/** What goes once with an entry. */
const FOOTER = /\.registration;\s*$/g

describe.each(Object.keys(watchers))('%s', (name) => {
  const isFarm = name === 'farm'

  test('each edit is wrapped once, and said if it changes what is wrapped', async () => {
    const { edit, spoil, built, said, call, outputOf } = await watch(name, {
      files: { 'src/index.js': index('first'), 'src/greet.js': greet('me') },
      otel: { handlers: ['handler', 'other'] },
    })
    const wrappers = () => count(readFileSync(outputOf(), 'utf8'), WRAPPER)
    await built()
    expect(said()).toEqual([['handler:2']])
    await eventually(async () => expect(await call()).toEqual({ value: 'first me', lines: [2] }))
    // The same facts: the body of a handler, and a module beside it.
    await edit('src/index.js', index('edit-1'), 'edit-1')
    await edit('src/greet.js', greet('edit-2'), 'edit-2')
    await eventually(async () => expect(await call()).toEqual({ value: 'edit-1 edit-2', lines: [2] }))
    expect(said()).toEqual([])
    await edit('src/index.js', `// moved\n\n${index('edit-3')}`, 'edit-3')
    expect(said()).toEqual([['handler:4']])
    await eventually(async () => expect(await call()).toEqual({ value: 'edit-3 edit-2', lines: [4] }))
    // A handler is added, and one is removed.
    await edit('src/index.js', other('added') + index('edit-4'), 'edit-4')
    expect(said()).toEqual([['other:1', 'handler:3']])
    await eventually(async () =>
      expect([await call(), await call('other')]).toMatchObject([{ lines: [3] }, { value: 'added', lines: [1] }]),
    )
    await eventually(() => expect(wrappers()).toBe(2))
    await edit('src/index.js', other('edit-5'), 'edit-5')
    expect(said()).toEqual([['other:1']])
    await eventually(async () =>
      expect([await call(), await call('other')]).toEqual([{ lines: [] }, { value: 'edit-5', lines: [1] }]),
    )
    // What cannot be built is the bundler's to say, and when it is as it was, nothing is new.
    await spoil('src/index.js', 'export const other = async ( => 1\n')
    await edit('src/index.js', other('edit-6'), 'edit-6')
    expect(said()).toEqual([])
    await eventually(async () => expect(await call('other')).toEqual({ value: 'edit-6', lines: [1] }))
    // An export of another name is a warning of each build that is so; others have a log.
    for (const [n, text] of ['edit-7', 'edit-8'].entries()) {
      const { warnings } = await edit('src/index.js', `export const main = async () => '${text}'\n`, text)
      const isWarned = !['esbuild', 'vite', 'farm'].includes(name) || n === 0
      expect(warnings.filter((warning) => warning.includes('nothing is wrapped'))).toHaveLength(isWarned ? 1 : 0)
    }
    expect(said()).toEqual([])
    await eventually(() => expect(wrappers()).toBe(0))
    await edit('src/index.js', other('edit-9'), 'edit-9')
    expect(said()).toEqual([['other:1']])
    ran(name, 'watch')
  })

  // What fails Farm's build after an edit would end its process: it has a test of its own below.
  test.skipIf(isFarm)('strict: a build fails as long as nothing is wrapped, and the watch goes on', async () => {
    const { spoil, edit, built } = await watch(name, {
      files: { 'src/index.js': other('first') },
      otel: { handlers: ['other'], strict: true },
    })
    await built()
    for (const text of ['wrong', 'still wrong']) {
      const { errors } = await spoil('src/index.js', `export const main = async () => '${text}'\n`)
      expect(errors.join('\n')).toContain('nothing is wrapped')
    }
    await edit('src/index.js', other('edit-1'), 'edit-1')
  })

  // What a module re-exports is not known of Farm's (README).
  test.skipIf(isFarm)('names that the entry re-exports: only the module that has them is edited', async () => {
    const { edit, built, said, call, outputOf } = await watch(name, {
      files: {
        'src/index.js': "export * from './through.js'\n",
        'src/through.js': "export * from './star.js'\n",
        'src/star.js': 'export const none = 1\n',
      },
      otel: { handlers: ['handler', 'other'] },
    })
    await built()
    await edit('src/star.js', `export const handler = async () => 'edit-1'\n`, 'edit-1')
    await eventually(async () => expect(await call()).toEqual({ value: 'edit-1', lines: [1] }))
    await edit('src/star.js', other('edit-2'), 'edit-2')
    await eventually(async () =>
      expect([await call(), await call('other')]).toEqual([{ lines: [] }, { value: 'edit-2', lines: [1] }]),
    )
    expect(said()).toEqual([['handler:1'], ['other:1']])
    await eventually(() => expect(count(readFileSync(outputOf(), 'utf8'), WRAPPER)).toBe(1))
  })

  // Farm takes one plugin of a name.
  test.skipIf(isFarm)('two entries, two instances of the plugin: one is edited, both are wrapped once', async () => {
    const { edit, built, call, outputOf, host } = await watch(name, {
      files: { 'src/index.js': index('first'), 'src/second.js': index('second'), 'src/greet.js': greet('me') },
      entries: ['index', 'second'],
      copies: 2,
    })
    await built()
    for (const n of [1, 2, 3]) {
      await edit('src/second.js', index(`edit-${n}`), `edit-${n}`, 'second')
      await eventually(async () =>
        expect(await call('handler', 'second')).toEqual({ value: `edit-${n} me`, lines: [2] }),
      )
      await eventually(async () => expect(await call()).toEqual({ value: 'first me', lines: [2] }))
      for (const entry of ['index', 'second']) {
        const codeOf = () => readFileSync(outputOf(entry), 'utf8')
        await eventually(() =>
          expect([count(codeOf(), WRAPPER), count(codeOf(), FOOTER)]).toEqual([1, name === 'esbuild' ? 0 : 1]),
        )
      }
    }
    expect(await host.state()).toMatchObject({ providers: 1, isPatched: false })
  })

  // Farm calls no hook for a module that an edit leaves without an importer: it stays in the report.
  test.skipIf(isFarm)('a module that is no longer in the build is not in its report', async () => {
    const { edit, built, said } = await watch(name, {
      files: { 'src/index.js': `import './second.js'\n${other('first')}`, 'src/second.js': other('second') },
      otel: { include: ['src/*.js'], handlers: ['other'] },
    })
    await built()
    expect(said().map((names) => names.toSorted())).toEqual([['other:1', 'other:2']])
    await edit('src/index.js', other('edit-1'), 'edit-1')
    expect(said()).toEqual([['other:1']])
    // As it was before: nothing asks for it again.
    await edit('src/index.js', `import './second.js'\n${other('edit-2')}`, 'edit-2')
    expect(said().map((names) => names.toSorted())).toEqual([['other:1', 'other:2']])
  })

  // Farm takes one plugin of a name.
  test.skipIf(isFarm)('two instances of the plugin: neither says that nothing is wrapped', async () => {
    const { built } = await watch(name, {
      files: { 'src/index.js': other('handler') },
      otel: { handlers: ['other'] },
      copies: 2,
    })
    expect((await built()).warnings).toEqual([])
  })
})

test.each(['esbuild', 'vite', 'rollup', 'rolldown'])('%s: the deploy file is read by the next build', async (name) => {
  const { project, edit, built } = await watch(name, {
    files: { 'src/index.js': index('first'), 'src/greet.js': greet('me') },
  })
  await built()
  expect(project.printed.splice(0).join('')).toContain('(@types/aws-lambda in package.json)')
  project.write('template.yaml', 'Type: AWS::Serverless::Function\n')
  await edit('src/index.js', index('edit-1'), 'edit-1')
  expect(project.printed.splice(0).join('')).toContain('(template.yaml)')
})

const hook = (key: string, text: string) => `export default { ${key}: () => (globalThis.hook = '${text}') }\n`

// Bun has no watch mode. Farm builds an edited module anew and not what imports it, so that the keys stay as they were;
// and once its importer has other imports, it writes no further edit of it.
test.each(Object.keys(watchers).filter((name) => name !== 'farm'))(
  '%s: otel.config.js has another key, is taken away, and is made',
  async (name) => {
    const { project, edit, built, call, outputOf } = await watch(name, {
      files: { 'src/index.js': index('first'), 'src/greet.js': greet('me'), 'otel.config.js': hook('onEnd', 'first') },
    })
    await built()
    const keys = () => {
      const printed = project.printed.splice(0).join('')
      return Array.from(printed.matchAll(/config {3}otel\.config\.js \((\w+)\)/g), ([, key]) => key)
    }
    expect(keys()).toEqual(['onEnd'])
    await edit('otel.config.js', hook('headers', 'edit-1'), 'edit-1')
    expect(keys()).toEqual(['headers'])
    // The same keys.
    await edit('otel.config.js', hook('headers', 'edit-2'), 'edit-2')
    expect(keys()).toEqual([])
    await eventually(async () => expect(await call()).toMatchObject({ lines: [2] }))
    project.remove('otel.config.js')
    await edit('src/index.js', index('edit-3'), 'edit-3')
    await eventually(() => expect(readFileSync(outputOf(), 'utf8')).not.toContain('edit-2'))
    await eventually(async () => expect(await call()).toEqual({ value: 'edit-3 me', lines: [2] }))
    // A file that is not there these do not watch: the handler's next edit finds it.
    if (['vite', 'rolldown'].includes(name)) {
      project.write('otel.config.js', hook('onEnd', 'edit-4'))
      await edit('src/index.js', index('edit-4'), 'edit-4')
    } else await edit('otel.config.js', hook('onEnd', 'edit-4'), 'edit-4')
    await eventually(() => expect(readFileSync(outputOf(), 'utf8')).toMatch(/hook = ["']edit-4/))
    expect(keys()).toContain('onEnd')
  },
)

test('farm, strict: what would end its process after an edit is said', async () => {
  const { edit, built } = await watch('farm', {
    files: { 'src/index.js': other('first') },
    otel: { handlers: ['other'], strict: true },
  })
  await built()
  const { warnings } = await edit('src/index.js', `export const main = async () => 'edit-1'\n`, 'edit-1')
  expect(warnings.join('\n')).toContain('nothing is wrapped')
  await edit('src/index.js', other('edit-2'), 'edit-2')
})
