/** What entries get where handlers are registered by a call, and exports are none or something else. */
import { parseSync } from 'oxc-parser'
import { describe, expect, test } from 'vitest'
import type { InstallerFacts } from '../../src/plugin/emit.ts'
import { transform } from '../../src/plugin/transform.ts'
import { createFacts } from './facts.ts'

const installer: InstallerFacts = { file: 'acme', registrar: '@acme/functions', kinds: ['onJob'], redirects: true }

function emit(path: string, code: string, installers: readonly InstallerFacts[] = [installer]) {
  const facts = createFacts(path, { installers, register: false })
  const result = transform(code, facts)
  if (result.output) {
    expect(parseSync(path, result.output.code).errors).toEqual([])
    expect(transform(result.output.code, facts).output).toBeUndefined()
  }
  return { ...result, code: result.output?.code ?? '' }
}

describe('an entry of a platform with an installer', () => {
  test('as an ES module: the first import, after shebang and directives', () => {
    const { code, wrapped } = emit('app.ts', "#!/usr/bin/env node\n'use strict'\nimport './jobs'\n")
    expect(code).toMatch(
      /^#!\/usr\/bin\/env node\n'use strict'\nimport \{ install as __otel_install0 \} from 'unplugin-otel\/runtime\/installers\/acme'\n/,
    )
    expect(code).toMatch(/__otel_install0\(__otel_s\);\n\nimport '.\/jobs'\n$/)
    expect(code).not.toContain('export')
    expect(wrapped).toEqual([{ name: '@acme/functions', kind: 'onJob', line: 1, column: 1, redirects: true }])
  })

  test.each(["require('./jobs')", "import jobs = require('./jobs')", 'module.exports = 1', '__dirname'])(
    'as CommonJS: the first require, and no import: %s',
    (source) => {
      const { code } = emit('app.ts', `'use strict'\n${source}\n`)
      expect(code).toMatch(
        /^'use strict'\nconst \{ install: __otel_install0 \} = require\('unplugin-otel\/runtime\/installers\/acme'\)\n/,
      )
      expect(code.indexOf('__otel_install0(__otel_s)')).toBeLessThan(code.indexOf(source))
      expect(code).not.toMatch(/^import \{/m)
    },
  )

  test('as a script: neither of both, so it becomes an ES module', () => {
    expect(emit('app.js', "job('a', () => {})\n").code).toMatch(/^import \{ install as /)
    expect(emit('app.cjs', "job('a', () => {})\n").code).toMatch(/^const \{ install: /)
  })

  test('exports are wrapped in the same go', () => {
    const esm = emit('app.ts', "import './jobs'\nexport const handler = async () => {}\n")
    expect(esm.wrapped.map(({ name }) => name)).toEqual(['@acme/functions', 'handler'])
    expect(esm.code.match(/__otel_setup\(/g)).toHaveLength(1)
    expect(esm.code).toContain('export { __otel_0 as handler }')
    const cjs = emit('app.js', "require('./jobs')\nexports.handler = async () => {}\n")
    expect(cjs.code.match(/__otel_setup\(/g)).toHaveLength(1)
    expect(cjs.code).toMatch(/\n;\{\nmodule\.exports\["handler"\] = __otel\(.*\n\}\n$/)
  })

  test('only where nothing is exported, if it asks for that', () => {
    const only: InstallerFacts[] = [{ ...installer, entries: 'without-exports' }]
    expect(emit('app.ts', 'addJob(() => {})', only).wrapped).toHaveLength(1)
    expect(emit('app.ts', 'export const retries = 3\naddJob(() => {})', only).wrapped).toEqual([])
  })
})
