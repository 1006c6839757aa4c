/** The platforms, first match wins among equal signals. A new platform adds one line here. */
import awsLambda from './platforms/aws-lambda.ts'
import type { Platform } from './define-platform.ts'

const registry = [awsLambda] as const

export const platforms: readonly Platform[] = registry
export type PlatformId = (typeof registry)[number]['id']
export const platformIds: readonly PlatformId[] = registry.map(({ id }) => id)
