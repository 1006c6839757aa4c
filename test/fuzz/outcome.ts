/** What a caller gets, also of what cannot be asked what it is. */
export async function outcomeOf(call: () => unknown, cancels: boolean): Promise<unknown> {
  try {
    const result = await call()
    if (result instanceof Response && cancels) return [result.status, await cancel(result.body!)]
    if (result instanceof Response) return [result.status, await result.text().catch(nameOf)]
    return ['gives', nameOf(result)]
  } catch (error) {
    return ['throws', nameOf(error)]
  }
}

/** After its first part. */
async function cancel(body: ReadableStream): Promise<unknown> {
  const reader = body.getReader()
  const first = await reader.read().then(({ value }) => String(value), nameOf)
  return [first, await reader.cancel('enough').catch(nameOf)]
}

/** What it is, as far as it can be asked. */
export function nameOf(value: unknown): string {
  try {
    return value instanceof Error ? `${value.name}: ${value.message}` : `${typeof value} ${JSON.stringify(value)}`
  } catch {
    return 'hostile'
  }
}
