/**
 * What calls us on Azure Functions. The build-time half is `plugin/platforms/azure-functions.ts`, the freeze is
 * `hosts/azure.ts`. https://learn.microsoft.com/azure/azure-functions/functions-reference-node
 */
import type { Kind } from '../../contract.ts'
import { observeDone, type LegacyContext } from '../azure-done.ts'
import { observeResponse } from '../azure-response.ts'
import { describeTrigger, type Triggered } from '../azure-trigger.ts'

export { wrapHandler } from '../by-hand/azure-functions.ts'
export type { WrapOptions } from '../by-hand/wrap-options.ts'

type Binding = Readonly<Record<string, unknown>> & { readonly type?: string }

/** Of the handlers that `app.http()` and the like register: the last argument. */
interface InvocationContext {
  readonly invocationId: string
  readonly functionName: string
  readonly traceContext?: { readonly traceParent?: string; readonly traceState?: string }
  readonly triggerMetadata?: Triggered['metadata']
  readonly options?: { readonly trigger?: Binding }
}

function contextOf(args: readonly unknown[]): InvocationContext {
  return args.at(-1) as InvocationContext
}

/** `app.http(name, { handler })`: `(request, context)`, `(input, context)` */
export const onInvocation: Kind<unknown, readonly unknown[], unknown> = {
  start({ args }) {
    const context = contextOf(args)
    const binding = context?.options?.trigger
    if (typeof binding?.type !== 'string') return undefined
    const { invocationId, functionName, traceContext, triggerMetadata: metadata } = context
    const host = { traceparent: traceContext?.traceParent, tracestate: traceContext?.traceState }
    const start = describeTrigger({
      type: binding.type,
      binding,
      metadata,
      input: args[0],
      functionName,
      invocationId,
      host,
    })
    return start && { ...start, event: context }
  },
  leave(end, { args }, invocation) {
    if ('error' in end || !/^http/i.test(contextOf(args).options!.trigger!.type!)) return undefined
    return observeResponse((args[0] as Request).method, end.value, invocation)
  },
}

/** `module.exports = async function (context, input) {}` beside a function.json. */
export const onFunction: Kind<unknown, readonly [LegacyContext, ...unknown[]], unknown> = {
  start({ args: [context, input] }) {
    if (typeof context?.invocationId !== 'string' || !context.bindings) return undefined
    const type = context.bindingDefinitions?.find((each) => /trigger$/i.test(each.type ?? ''))?.type ?? ''
    return describeTrigger({
      type,
      binding: {},
      metadata: context.bindingData,
      input: context.req ?? input,
      functionName: context.executionContext?.functionName ?? 'function',
      invocationId: context.invocationId,
      host: { ...context.traceContext },
    })
  },
  enter({ args }, invocation) {
    observeDone(args[0], invocation)
    return args
  },
  leave(end, { args: [context] }, invocation) {
    const done = observeDone(context, invocation)
    if ('error' in end) return undefined
    // What is no promise is nothing: it ends with `context.done()`.
    if (!end.awaited) invocation.hold(done.called)
    else done.answered(end.value)
    return undefined
  },
}
