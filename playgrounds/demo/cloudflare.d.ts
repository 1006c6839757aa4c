/** Types are checked before playgrounds/worker-vite is installed: as much as it uses. */
declare module '@cloudflare/vite-plugin' {
  export function cloudflare(options?: { config?: object }): import('vite').Plugin[]
}
