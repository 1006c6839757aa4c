/**
 * The one class that every client of version 3 of the AWS SDK extends. Where it is bundled, its module hands it over to
 * `runtime/outgoing/aws-clients.ts`; where it is not, that finds it among the modules that Node has loaded.
 * https://github.com/smithy-lang/smithy-typescript/blob/main/packages/core/src/submodules/client/smithy-client/client.ts
 */
import { MagicString } from 'magic-string'
import type { TransformResult } from './transform.ts'

/** In `@smithy/core`, or where that is older in `@smithy/smithy-client`, which was `@aws-sdk/smithy-client`. */
export const CLIENT_MODULE =
  /[\\/]@(?:smithy|aws-sdk)[\\/](?:smithy-client[\\/]dist-(?:es|cjs)|core[\\/]dist-(?:es|cjs)[\\/]submodules[\\/]client)[\\/](?:[\w-]+[\\/])?(?:client|index)\.js(?:[?#]|$)/

/** Some of these modules only export it again. */
const DECLARED = /^(?:export )?(?:class|var|let|const) Client\b/m

/** A statement, because nothing that it would import can be resolved from there. It is the name that the runtime knows. */
const HAND_OVER = `
;try { (globalThis[Symbol.for('unplugin-otel.aws-sdk')] ||= []).push(Client) } catch {}
`

/** @returns undefined where the class is not declared, or is handed over already */
export function handOverClient(code: string, id: string): TransformResult['output'] {
  if (!DECLARED.test(code) || code.includes(HAND_OVER)) return undefined
  const source = new MagicString(code).append(HAND_OVER)
  return { code: source.toString(), map: source.generateMap({ source: id, hires: true }) }
}
