import type { NextConfig } from 'next'
import { withOtel } from 'unplugin-otel/next'

const nextConfig: NextConfig = {
  reactStrictMode: true,
}

export default withOtel(nextConfig)
