/** `decide` of `otel.config.ts`: `sampling`, which is there with it, asks it first. */
import type { Config } from '../define-config.ts'
import type { Setup } from '../provider.ts'
import { attempt, listOf } from '../user-functions.ts'

export function useDecision(setup: Setup, config: Config | undefined): Setup {
  const [given] = listOf(config, 'decide')
  return given ? { ...setup, decide: (trace) => attempt('decide', () => given(trace)) } : setup
}
