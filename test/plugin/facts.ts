import type { TransformFacts } from '../../src/plugin/emit.ts'

/** What the pipeline would tell the transform about a module on Lambda. */
export function createFacts(path: string, facts: Partial<TransformFacts> = {}): TransformFacts {
  const names = ['handler', 'default', 'main', 'lambdaHandler', 'my-handler']
  return {
    path,
    kinds: Object.fromEntries(names.map((name) => [name, 'onEvent'])),
    platform: 'aws-lambda',
    host: 'aws-lambda',
    target: 'node',
    encoding: 'json',
    context: 'als',
    options: {},
    register: 'awaited',
    ...facts,
  }
}
