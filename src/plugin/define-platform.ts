/** What a platform's build-time half answers, and the rules it is written in. */
import type { KindsOf, Target } from '../contract.ts'
import type { Project } from './project.ts'

/** Finds handlers of one kind among a module's exports. */
export interface ExportRule {
  /** The exported names that are handlers in `file` (absolute). */
  names(file: string, project: Project): readonly string[]
}

export interface Platform<Id extends string = string> {
  readonly id: Id
  /** The vendor's page on handlers. */
  readonly docs: string
  /** The file in `runtime/hosts/` that freezes it by default. */
  readonly host: string
  readonly target: Target
  /** Why the project is deployed there, or undefined. Pure: an object literal is enough to test it. */
  detect(project: Project): Detection | undefined
  readonly handlers: Readonly<Record<string, ExportRule>>
}

/** Strongest first; ranks of `reference/platforms.md` §1. */
export type Signal = 'bundler' | 'file' | 'dependency' | 'ci'

export interface Detection {
  readonly signal: Signal
  /** `template.yaml`, `@types/aws-lambda in package.json`: completes the sentence "because of …". */
  readonly because: string
}

/** `Runtime` is the type of the runtime half: each kind that it exports must have a rule, and no other. */
export function definePlatform<Runtime>() {
  return <const Id extends string>(
    platform: Omit<Platform<Id>, 'handlers'> & { readonly handlers: Record<KindsOf<Runtime>, ExportRule> },
  ): Platform<Id> => platform
}

export function exported(names: ExportRule['names']): ExportRule {
  return { names }
}
