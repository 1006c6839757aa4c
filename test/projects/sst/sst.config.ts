// Read as text by the plugin; the CLI, which knows `$config` and `sst`, is not run.
import { readdirSync } from 'node:fs'

declare const $config: (config: object) => object
declare const sst: { aws: { Function: new (name: string, args: object) => unknown } }

export default $config({
  app: () => ({ name: 'orders', home: 'aws' }),
  async run() {
    for (const name of readdirSync('./infra/')) await import(`./infra/${name}`)
    const orders = new sst.aws.Function('Orders', {
      handler: 'src/orders.handler',
      runtime: 'nodejs24.x',
      nodejs: { plugins: './otel.mjs' },
    })
    return { orders }
  },
})
