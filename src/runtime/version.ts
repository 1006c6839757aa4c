/** Written by the build (`define` in tsdown.config.ts) from package.json. */
declare const __VERSION__: string
export const VERSION: string = __VERSION__
