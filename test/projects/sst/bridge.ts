/**
 * The Go half of SST's bridge, as an esbuild plugin: it sends every resolve and load to SST's own plugin.mjs,
 * never `end`, and takes answers as strictly as Go's type assertions, which end the CLI.
 * https://github.com/anomalyco/sst/blob/dev/pkg/runtime/node/plugin.go
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { Loader, OnLoadResult, OnResolveResult, Plugin } from 'esbuild'

export interface BridgeOptions {
  /** SST's file, sliced out of its CLI. */
  readonly script: string
  /** What `nodejs.plugins` names. */
  readonly plugins: string
  /** The folder of sst.config.ts. */
  readonly cwd: string
  /** stderr of the bridge, which the CLI throws away. */
  readonly onStderr?: (text: string) => void
}

type Value = Readonly<Record<string, unknown>>

const RESOLVED = { path: 'string', namespace: 'string', suffix: 'string', external: 'boolean', sideEffects: 'boolean' }
const LOADED = { loader: 'string', contents: 'string', resolveDir: 'string' }
const LOADERS = ['js', 'jsx', 'ts', 'tsx', 'css', 'json', 'text', 'base64', 'file', 'dataurl', 'binary']

export function bridge({ script, plugins, cwd, onStderr }: BridgeOptions): Plugin {
  return {
    name: 'nodejs-plugin',
    setup(build) {
      const { VITEST: _, ...env } = process.env
      const child = spawn(process.execPath, ['--no-warnings', script, plugins], { cwd, env })
      const pending = new Map<number, (value: Value) => void>()
      let count = 0
      let broken: string | undefined
      const breakOff = (why: string) => {
        broken ??= why
        for (const settle of pending.values()) settle({ error: broken })
      }
      createInterface({ input: child.stdout }).on('line', (line) => {
        try {
          const { id, value } = JSON.parse(line) as { id: number; value: Value }
          pending.get(id)?.(value)
          pending.delete(id)
        } catch {
          breakOff(`not the protocol on stdout: ${line}`)
        }
      })
      let errors = ''
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        errors += text
        onStderr?.(text)
      })
      // The CLI would wait for ever.
      child.once('close', (code) => breakOff(`the bridge ended with ${code}: ${errors}`))
      const request = async (command: string, value: object, types: Readonly<Record<string, string>>) => {
        if (broken) throw new Error(broken)
        const answer = await new Promise<Value>((settle) => {
          pending.set(count, settle)
          child.stdin.write(`${JSON.stringify({ id: count++, command, value })}\n`)
        })
        if ('error' in answer) throw new Error(String(answer['error']))
        for (const [name, field] of Object.entries(answer)) {
          if (typeof field !== types[name]) throw new Error(`the CLI ends on ${name}: ${JSON.stringify(field)}`)
        }
        return answer
      }
      build.onResolve({ filter: /.*/ }, async ({ path, importer, namespace, resolveDir, kind, with: attributes }) => {
        const value = { path, importer, namespace, resolveDir, kind, pluginData: null, with: attributes }
        return (await request('resolve', value, RESOLVED)) as OnResolveResult
      })
      build.onLoad({ filter: /.*/ }, async ({ path, namespace, suffix, with: attributes }) => {
        const value = { path, namespace, suffix, pluginData: null, with: attributes }
        const { contents, loader } = await request('load', value, LOADED)
        if (contents === undefined) return undefined
        return { contents, loader: LOADERS.find((known) => known === loader) as Loader } as OnLoadResult
      })
      build.onDispose(() => {
        child.kill()
        return once(child, 'close')
      })
    },
  }
}
