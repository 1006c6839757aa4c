/** What a server of one's own is, without asking anybody: https://opentelemetry.io/docs/specs/semconv/resource/ */
import type { Attributes } from '@opentelemetry/api'
import type { Env } from '../contract.ts'
import { builtin } from './builtin.ts'
import { googleResource } from './google-resource.ts'
import { quietly } from './quietly.ts'
import { kernel } from './random-node.ts'

declare const process: { readonly pid: number }

export function serverResource(env: Env): Attributes {
  return {
    'service.instance.id': toUuid(kernel(16)),
    'host.name': quietly(() => builtin<{ hostname(): string }>('node:os')!.hostname()),
    'process.pid': process.pid,
    ...googleResource(env),
  }
}

/** A random one, version 4. https://www.rfc-editor.org/rfc/rfc9562#name-uuid-version-4 */
function toUuid(hex: string): string {
  return hex.replace(/^(.{8})(.{4}).(.{3}).(.{3})/, '$1-$2-4$3-8$4-')
}
