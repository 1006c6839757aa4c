/**
 * The frames of a stack that are in the user's files, as source maps name them (`--enable-source-maps`): a path in the
 * project, in webpack's own notation, too.
 */
export function findOrigins(stack: string): string[] {
  const frame =
    /(?:\/\.cache\/tiers\/[^/]+\/|webpack:\/\/[^/]*\/(?!dist\/))((?!built-|node_modules\/)[^:]+:\d+:\d+)\)?$/
  return stack.split('\n').flatMap((line) => frame.exec(line.replaceAll('\\', '/'))?.[1] ?? [])
}
