declare const sst: { aws: { ApiGatewayV2: new (name: string) => { route(route: string, handler: string): void } } }

new sst.aws.ApiGatewayV2('Api').route('GET /invoices', 'src/invoices.list')
