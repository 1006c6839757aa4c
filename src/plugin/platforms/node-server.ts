/** Servers of one's own on Node, at build time. The run-time half is `runtime/platforms/node-server.ts`. */
import type * as Runtime from '../../runtime/platforms/node-server.ts'
import { definePlatform, registered, type Detection } from '../define-platform.ts'
import type { Project } from '../project.ts'

/** What listens. */
const SERVERS = [
  'express',
  'fastify',
  'koa',
  '@hono/node-server',
  '@hapi/hapi',
  'restify',
  'polka',
  '@nestjs/platform-express',
  '@nestjs/platform-fastify',
]
/** What calls such an app without a server, on platforms that freeze it. */
const ADAPTERS = [
  'serverless-http',
  '@vendia/serverless-express',
  '@codegenie/serverless-express',
  'aws-serverless-express',
  '@fastify/aws-lambda',
  'aws-lambda-ric',
  'vercel',
  '@vercel/node',
]

export default definePlatform<typeof Runtime>()({
  id: 'node-server',
  docs: 'https://nodejs.org/api/http.html#event-request',
  hosts: { node: 'server' },
  detect(project) {
    const { dependencies, env, isLibrary } = project
    if (isLibrary || env['VERCEL'] || ADAPTERS.some((name) => dependencies.has(name))) return undefined
    return detectServer(project)
  },
  handlers: { onRequest: registered() },
  installers: { 'http-server': { registrar: 'http.Server' } },
})

/** Weak: a function's project may have a server beside it. One for development, or for tests, does not count. */
function detectServer({ dependencies, development, files, start }: Project): Detection | undefined {
  const server = SERVERS.find((name) => dependencies.has(name) && !development?.has(name))
  if (server) return { signal: 'server', because: `${server} in package.json` }
  for (const [name, line] of [
    ['Dockerfile', /^\s*(CMD|ENTRYPOINT)\b.*$/gim],
    ['Procfile', /^web:.*$/gm],
  ] as const) {
    const commands = files.get(name)?.match(line) ?? []
    if (commands.some((command) => runsNode(command))) return { signal: 'server', because: name }
  }
  return runsNode(start ?? '') ? { signal: 'server', because: 'the start script in package.json' } : undefined
}

/** `node dist/server.js`, also behind variables and with flags, or as a list: https://docs.docker.com/reference/dockerfile/#cmd */
function runsNode(command: string): boolean {
  const words = command.split(/[\s"',[\]&;]+/)
  const at = words.findIndex((word) => /(^|\/)node(js)?$/.test(word))
  // Lambda's own client in an image: https://docs.aws.amazon.com/lambda/latest/dg/nodejs-image.html#nodejs-image-clients
  if (words.some((word) => word.endsWith('aws-lambda-ric'))) return false
  return at !== -1 && words.slice(at + 1).some((word) => word !== '' && !word.startsWith('-'))
}
