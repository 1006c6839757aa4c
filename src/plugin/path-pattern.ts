/** Paths and routes as users write them, for the runtime, which has no library for globs. */

/**
 * The source of a regular expression. Braces without a comma and brackets are as routes write them: `/users/{id}`,
 * `/users/[id]`.
 */
export function toPattern(path: string): string {
  const source = path.replace(/\/\*\*$|\*\*\/?|\{[^{}]*,[^{}]*\}|[*?.+^$()|[\]{}\\]/g, (token) => {
    // What is below, and what it is below of.
    if (token === '/**') return '(?:/.*)?'
    if (token === '**/') return '(?:.*/)?'
    if (token === '**') return '.*'
    if (token === '*') return '[^/]*'
    if (token.includes(',')) return `(?:${token.slice(1, -1).split(',').map(toPart).join('|')})`
    return `\\${token}`
  })
  return `^(?:${source})$`
}

function toPart(part: string): string {
  return part.replace(/[.*+?^${}()|[\]\\]/g, (token) => (token === '*' ? '[^/]*' : `\\${token}`))
}
