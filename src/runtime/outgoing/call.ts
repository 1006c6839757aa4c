/** The context inside of a call that has a span already: the requests that it is made of get none. */
export const CALL_KEY = Symbol.for('unplugin-otel.v1.call')
