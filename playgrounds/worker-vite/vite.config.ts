import { cloudflare } from '@cloudflare/vite-plugin'
import otel from 'unplugin-otel/vite'
import { defineConfig } from 'vite'

export default defineConfig({
  plugins: [otel(), cloudflare()],
})
