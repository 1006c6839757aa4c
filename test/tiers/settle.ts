import { settle as settleWith } from '../plugin/describe-module.ts'
import { findOrigins } from './origin.ts'

/** What a call gives; an error with where it was thrown, which a wrapper must not change. */
export const settle = (call: () => unknown): Promise<unknown> =>
  settleWith(call, (error) => [error, ...findOrigins(String((error as Error | undefined)?.stack))].join(' at '))
