/**
 * Azure Functions. On the plans that scale to zero an instance may be gone any time after its last answer; on the others
 * it is a server. https://learn.microsoft.com/azure/azure-functions/functions-scale
 */
import type { Attributes } from '@opentelemetry/api'
import type { Env, Host } from '../../contract.ts'
import { exportByInterval } from '../interval.ts'

declare const process: { readonly env: Env }

/** Of `WEBSITE_SKU`: plans with instances of one's own, which are told when they are to stop. */
const STAYS = /^(ElasticPremium|PremiumV\d|Standard|Basic|Shared|Free|Isolated|WorkflowStandard)/

export const host: Host = {
  id: 'azure',
  env: () => process.env,
  deployed: (env) => Boolean(env['WEBSITE_INSTANCE_ID']),
  resource,
  // With the older model, what is no promise waits for `context.done()` itself.
  awaits: ({ args: [context] }) => typeof (context as { done?: unknown } | undefined)?.done !== 'function',
  keepAlive(_call, _done, { mode }) {
    exportByInterval()
    if (mode !== 'auto') return mode === 'await' ? 'before' : 'interval'
    return STAYS.test(process.env['WEBSITE_SKU'] ?? '') ? 'interval' : 'before'
  },
  // What ends late is sent as it ends.
  extend: () => {},
}

/** https://opentelemetry.io/docs/specs/semconv/resource/cloud/, …/faas/ */
function resource(env: Env): Attributes {
  const site = env['WEBSITE_SITE_NAME']
  if (!site) return {}
  const group = env['WEBSITE_RESOURCE_GROUP']
  // `<subscription>+<the region's own names>`
  const [subscription] = (env['WEBSITE_OWNER_NAME'] ?? '').split('+')
  const path = `/subscriptions/${subscription}/resourceGroups/${group}/providers/Microsoft.Web/sites/${site}`
  return {
    'service.name': site,
    'cloud.provider': 'azure',
    'cloud.platform': 'azure.functions',
    'cloud.region': env['REGION_NAME'],
    'cloud.account.id': subscription || undefined,
    'cloud.resource_id': subscription && group ? path : undefined,
    'faas.instance': env['WEBSITE_INSTANCE_ID'],
    'service.instance.id': env['WEBSITE_INSTANCE_ID'],
  }
}
