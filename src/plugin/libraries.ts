/** Whose calls are traced, by the names of the option. */
export const libraries = ['fetch', 'http', 'aws-sdk'] as const

export type Library = (typeof libraries)[number]

/** What 'auto' is without a look at the project. */
export const BUILT_IN: readonly Library[] = ['fetch', 'http']

/** What the option is for a project: of what it depends on, it may be that only the platform has it. */
export function resolveLibraries(
  given: readonly Library[],
  isAuto: boolean,
  dependencies: ReadonlySet<string>,
): readonly Library[] {
  const isAws = isAuto && [...dependencies].some((name) => name.startsWith('@aws-sdk/client-'))
  return isAws ? [...given, 'aws-sdk'] : given
}

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
