/** The registry as a list. Among equal signals the first by name wins. */
import type { Platform } from './define-platform.ts'
import * as registry from './registry.ts'

export const platforms: readonly Platform[] = Object.values(registry)
export type PlatformId = (typeof registry)[keyof typeof registry]['id']
export const platformIds = platforms.map(({ id }) => id) as readonly PlatformId[]
