/** The text of a configuration file as its tool reads it: what is in a comment is not in use. */
import { parse } from '../parse.ts'
import { findUnread } from '../unread.ts'

/** A `#` begins one at the start of a line or after a space, but not in quotes. https://yaml.org/spec/1.2.2/#66-comments */
const YAML = /((?<![^\s[{,:])(?:"(?:\\.|[^"\\\n])*"|'(?:''|[^'\n])*'))|(?<!\S)#.*/g

/** @param name of the file: JSON has no comments */
export function withoutComments(name: string, text: string): string {
  if (/\.ya?ml$/.test(name)) return text.replace(YAML, '$1')
  if (!/\.[cm]?[jt]s$/.test(name) || findUnread(text)) return text
  const { comments } = parse(name, text)
  return comments.reduceRight((rest, { start, end }) => `${rest.slice(0, start)} ${rest.slice(end)}`, text)
}
