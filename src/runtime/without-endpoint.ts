/** Somebody else exports, too: then tracing is on where no endpoint is set, and nothing of ours is sent. */
import type { Env } from '../contract.ts'
import type { Exporter } from './exporter.ts'
import type { Setup } from './provider.ts'

const NAMES = ['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', 'OTEL_EXPORTER_OTLP_ENDPOINT']

/** Resolves nowhere: https://www.rfc-editor.org/rfc/rfc6761#section-6.4 */
const NOWHERE: Env = { [NAMES[0]!]: 'http://nowhere.invalid' }

/** @param observe wraps what exports, ours or nothing */
export function besideOurs(setup: Setup, observe: (exporter: Exporter) => void): Setup {
  const { host } = setup
  let isOff = false
  return {
    ...setup,
    host: {
      ...host,
      env(call) {
        const env = host.env(call)
        isOff ||= host.deployed(env, call) && !NAMES.some((name) => env[name])
        return isOff ? { ...env, ...NOWHERE } : env
      },
    },
    observe(exporter) {
      // First: whoever stands around it (`sampling`) still has to let go of what it holds.
      if (isOff) Object.assign(exporter, { send: () => {}, flush: async () => {} })
      setup.observe?.(exporter)
      observe(exporter)
    },
  }
}
