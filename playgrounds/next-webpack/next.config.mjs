import { withOtel } from 'unplugin-otel/next'

/** @type {import('next').NextConfig} */
const nextConfig = {
  reactStrictMode: true,
}

export default withOtel(nextConfig)
