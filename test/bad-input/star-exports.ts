/** Modules that re-export by `export *`; the first file of each case is the entry. */
import type { Files } from './build.ts'

const HANDLER = 'export const handler = async () => 1\n'
const chain = Array.from({ length: 20 }, (_, n) => [`src/m${n + 1}.ts`, `export * from './m${n + 2}'\n`])

export const starExports: Readonly<Record<string, Files>> = {
  'a cycle of two': {
    'src/index.ts': "export * from './a'\n",
    'src/a.ts': `export * from './index'\n${HANDLER}`,
  },
  'a cycle of three': {
    'src/index.ts': "export * from './a'\n",
    'src/a.ts': "export * from './b'\n",
    'src/b.ts': `export * from './index'\n${HANDLER}`,
  },
  'a cycle without a handler': { 'src/index.ts': "export * from './a'\n", 'src/a.ts': "export * from './index'\n" },
  'of itself': { 'src/index.ts': `export * from './index'\n${HANDLER}` },
  'of itself alone': { 'src/index.ts': "export * from './index'\n" },
  'of a module that is missing': { 'src/index.ts': "export * from './missing'\n" },
  'of a module that is missing, beside a handler': { 'src/index.ts': `export * from './missing'\n${HANDLER}` },
  'of an external package': { 'src/index.ts': "export * from 'external-package'\n" },
  'of a built-in': { 'src/index.ts': "export * from 'node:path'\n" },
  'of JSON': { 'src/index.ts': "export * from './data.json'\n", 'src/data.json': '{ "handler": 1 }' },
  'of CSS': { 'src/index.ts': "export * from './style.css'\n", 'src/style.css': '.handler { color: red }' },
  'of CommonJS': { 'src/index.ts': "export * from './a.cjs'\n", 'src/a.cjs': 'exports.handler = async () => 1\n' },
  'of a folder': { 'src/index.ts': "export * from './a'\n", 'src/a/index.ts': HANDLER },
  'of a broken module': {
    'src/index.ts': "export * from './a'\n",
    'src/a.ts': 'export const handler = async ( => 1\n',
  },
  'of types': { 'src/index.ts': "export type * from './a'\n", 'src/a.ts': HANDLER },
  'the same name from two modules': {
    'src/index.ts': "export * from './a'\nexport * from './b'\n",
    'src/a.ts': HANDLER,
    'src/b.ts': 'export const handler = async () => 2\n',
  },
  'the same binding by two ways': {
    'src/index.ts': "export * from './a'\nexport * from './b'\n",
    'src/a.ts': "export * from './c'\n",
    'src/b.ts': "export * from './c'\n",
    'src/c.ts': HANDLER,
  },
  'a name of its own before that of a star': {
    'src/index.ts': `export * from './a'\n${HANDLER}`,
    'src/a.ts': 'export const handler = async () => 2\n',
  },
  'twenty in a row': {
    'src/index.ts': "export * from './m1'\n",
    ...Object.fromEntries(chain),
    'src/m21.ts': HANDLER,
  },
  'a default, which no star takes along': {
    'src/index.ts': "export * from './a'\n",
    'src/a.ts': 'export default async () => 1\n',
  },
}
