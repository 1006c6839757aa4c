/** A project on the disk that is set up wrong, built by a process of its own; what that printed is kept. */
import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { onTestFinished } from 'vitest'

const root = path.resolve(import.meta.dirname, '../..')

export interface Ended {
  /** Of both streams. */
  readonly printed: string
  readonly code: number | null
  readonly folder: string
}

export function createFolder(files: Readonly<Record<string, string>>): string {
  mkdirSync(path.join(root, '.cache'), { recursive: true })
  const folder = mkdtempSync(path.join(root, '.cache/setup-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const own = { 'package.json': '{ "type": "module" }', '.git/HEAD': '', ...files }
  for (const [name, text] of Object.entries(own)) {
    mkdirSync(path.join(folder, path.dirname(name)), { recursive: true })
    writeFileSync(path.join(folder, name), text)
  }
  return folder
}

/** @param env the process has these variables and PATH, and none of the test runner's */
export async function runNode(folder: string, args: string[], env: Record<string, string> = {}): Promise<Ended> {
  const child = spawn(process.execPath, args, { cwd: folder, env: { PATH: process.env['PATH'] ?? '', ...env } })
  let printed = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (printed += String(text)))
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('close', resolve)
    child.on('error', reject)
  })
  return { printed, code, folder }
}

/** Each message has a line that begins with its code. */
export function messagesIn(printed: string): string[] {
  return Array.from(printed.matchAll(/^[ │]*(UO\d{3}) /gm), ([, code]) => code!)
}
