/** Whose calls are traced, by the names of the option. */
export const libraries = ['fetch', 'http'] as const

export type Library = (typeof libraries)[number]

/**
 * Providers of language models, which have no use for a caller's trace. `*` is any part of a name.
 * https://opentelemetry.io/docs/specs/semconv/registry/attributes/gen-ai/#gen-ai-provider-name
 */
export const MODEL_HOSTS: readonly string[] = [
  'api.openai.com',
  '*.openai.azure.com',
  '*.services.ai.azure.com',
  'api.anthropic.com',
  'generativelanguage.googleapis.com',
  // Of a region, `europe-west1-aiplatform`.
  '*aiplatform.googleapis.com',
  'bedrock-runtime.*.amazonaws.com',
  'gateway.ai.cloudflare.com',
  'api.mistral.ai',
  'api.cohere.*',
  'api.groq.com',
  'api.deepseek.com',
  'api.x.ai',
  'api.perplexity.ai',
  'api.together.*',
  'api.fireworks.ai',
  'api.cerebras.ai',
  'openrouter.ai',
  'router.huggingface.co',
]

/** The source of a regular expression for the name of one of them. */
export function toHostPattern(hosts: readonly string[]): string {
  return `^(?:${hosts.map((host) => host.replaceAll('.', '\\.').replace('*', '.*')).join('|')})$`
}
