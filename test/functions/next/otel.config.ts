import { defineConfig } from 'unplugin-otel/config'

export default defineConfig({
  onStart: (span, { platform }) => void span.setAttribute('hook.platform', platform),
  onEnd: (span, { response }) => void span.setAttribute('hook.status', (response as Response | undefined)?.status ?? 0),
})
