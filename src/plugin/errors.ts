/** Errors of the build: the fact with its values, then the remedy on a line of its own. */
import { linkTo, type BuildCode } from './report/codes.ts'

export class PluginError extends Error {
  override readonly name = 'UnpluginOtelError'

  readonly code: BuildCode | undefined

  /** @param code none for what is wrong with a command line: its help explains it */
  constructor(fact: string, remedy: string, code?: BuildCode) {
    super(`[unplugin-otel] ${fact}\n${remedy}${code ? `\n${code} ${linkTo(code)}` : ''}`)
    this.code = code
  }
}
