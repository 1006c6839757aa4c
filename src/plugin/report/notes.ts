/** What the build knows about the flush that the user would otherwise find out in production. */
import type { Module } from '../build.ts'
import type { Diagnostic } from './diagnostic.ts'
import type { TransformFacts } from '../emit.ts'
import type { ResolvedOptions } from '../resolve-options.ts'

export type Note = Pick<Diagnostic, 'fact' | 'remedy'>

export function notesOn({ host, format }: Module, { register }: TransformFacts, { runtime }: ResolvedOptions): Note[] {
  if (host !== 'aws-lambda') return []
  if (runtime.flush?.mode === 'interval') {
    return [
      {
        fact: 'nobody waits for an interval export, so Lambda can freeze it and spans are lost',
        remedy: "Remove flush: { mode: 'interval' } from otel().",
      },
    ]
  }
  if (register || runtime.flush?.mode === 'await') return []
  if (format === 'esm') {
    return [
      {
        fact: 'callers wait for the flush, because the output cannot await at its top level',
        remedy: 'Raise target to es2022 or newer.',
      },
    ]
  }
  return [
    {
      fact: `callers wait for the flush, because the output format is ${format ?? 'not known'}`,
      remedy: "Set format to 'esm' or 'cjs'.",
    },
  ]
}
