// What a Lambda layer preloads by NODE_OPTIONS: an SDK of its own, and the instrumentation that makes the root.
const { registerInstrumentations } = require('@opentelemetry/instrumentation')
const { AwsLambdaInstrumentation } = require('@opentelemetry/instrumentation-aws-lambda')
const { OTLPTraceExporter } = require('@opentelemetry/exporter-trace-otlp-proto')
const { BatchSpanProcessor, NodeTracerProvider } = require('@opentelemetry/sdk-trace-node')

const tracerProvider = new NodeTracerProvider({ spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter())] })
tracerProvider.register()
registerInstrumentations({ tracerProvider, instrumentations: [new AwsLambdaInstrumentation()] })
