/** What the build knows about the flush that the user would otherwise find out in production. */
import type { Module } from './build.ts'
import type { TransformFacts } from './emit.ts'
import type { ResolvedOptions } from './options.ts'

export function notesOn(
  { host, format }: Module,
  { register }: TransformFacts,
  { runtime }: ResolvedOptions,
): string[] {
  if (host !== 'aws-lambda') return []
  if (runtime.flush?.mode === 'interval') {
    return ['nobody waits for an interval export, so Lambda can freeze it and spans are lost: remove it from otel()']
  }
  if (register || runtime.flush?.mode === 'await') return []
  if (format === 'esm') {
    return ['the output cannot await at its top level, so callers wait for the flush: raise target to es2022 or newer']
  }
  return [
    `callers wait for the flush, because the output format is ${format ?? 'not known'}: set format to 'esm' or 'cjs'`,
  ]
}
