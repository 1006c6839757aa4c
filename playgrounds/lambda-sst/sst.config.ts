/// <reference path="./.sst/platform/config.d.ts" />

export default $config({
  app: () => ({ name: 'orders', home: 'aws' }),
  async run() {
    const api = new sst.aws.ApiGatewayV2('Api')
    api.route('POST /orders', {
      handler: 'src/orders.place',
      runtime: 'nodejs24.x',
      nodejs: { plugins: './otel.mjs' },
      // `sst dev` needs none: it sends to this machine.
      environment: { OTEL_EXPORTER_OTLP_ENDPOINT: process.env.OTEL_EXPORTER_OTLP_ENDPOINT ?? '' },
    })
    return { api: api.url }
  },
})
