import { withOtel } from 'unplugin-otel/next'

const config = { distDir: process.env.DIST_DIR ?? '.next', typescript: { ignoreBuildErrors: true } }

export default process.env.OTEL_OFF ? config : withOtel(config)
