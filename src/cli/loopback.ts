/**
 * A port on loopback is open to every page that the developer visits. `Host` tells a page whose name was re-bound to
 * 127.0.0.1 (DNS rebinding), `Origin` a page that simply sends to the port.
 */
const RE_LOOPBACK_HOST = /^(?:localhost|127\.0\.0\.1|\[::1\])(?::\d+)?$/i
const RE_LOOPBACK_ORIGIN = /^https?:\/\/(?:localhost|127\.0\.0\.1|\[::1\])(?::\d+)?$/i

export function isLoopbackHost(host: string | undefined): boolean {
  return host !== undefined && RE_LOOPBACK_HOST.test(host)
}

/** `null`, the origin of files and sandboxed frames, is not one. */
export function isLoopbackOrigin(origin: string): boolean {
  return RE_LOOPBACK_ORIGIN.test(origin)
}
