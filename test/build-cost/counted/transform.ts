/** What the transform of a plugin is given is noted, after the filter, whoever applied that. */
import type { UnpluginOptions } from 'unplugin'
import { counts } from '../counts.ts'

type Factory = (...args: unknown[]) => UnpluginOptions

export function counted(factory: Factory): Factory {
  return (...args) => {
    const plugin = factory(...args)
    const { transform } = plugin
    if (typeof transform !== 'object') throw new Error('the transform has no filter')
    const { handler } = transform
    transform.handler = function (code, id) {
      counts.handed.push(id)
      return handler.call(this, code, id)
    }
    return plugin
  }
}
