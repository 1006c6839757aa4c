export { default } from 'unplugin-otel/sst'
