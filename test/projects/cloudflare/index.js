export * as vite from 'vite'
export { cloudflare } from '@cloudflare/vite-plugin'
