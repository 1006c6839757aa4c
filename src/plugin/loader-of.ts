/** How bundlers of esbuild's kind are to read what the transform gives back: as the user's file. */
import { extname } from 'pathe'

/** @param script what JavaScript is: Bun and SST's CLI read all of it as JSX */
export function loaderOf<Script extends 'js' | 'jsx'>(id: string, script: Script): 'ts' | 'tsx' | 'jsx' | Script {
  const extension = extname(id)
  if (extension === '.tsx' || extension === '.jsx') return extension.slice(1) as 'tsx' | 'jsx'
  return /^\.[cm]?ts$/.test(extension) ? 'ts' : script
}
