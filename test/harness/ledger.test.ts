import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { functionFolder, startFunction } from './function-folder.ts'
import { compareLedger, readLedger } from './ledger.ts'
import { startReceiver } from './otlp-receiver.ts'
import type { ReceivedSpan } from './otlp-receiver.ts'

const span = (traceId: string, spanId: string) => ({ traceId, spanId, name: spanId })

test('comparison: lost, duplicated, unexpected', () => {
  const started = [span('t', '1'), span('t', '2'), { ...span('t', '3'), recording: false as const }]
  const received = [span('t', '1'), span('t', '1'), span('t', '3'), span('u', '2')] as ReceivedSpan[]
  expect(compareLedger(started, received)).toEqual({
    started: 2,
    received: 1,
    lost: [span('t', '2')],
    duplicated: [{ spanId: '1', times: 2 }],
    unexpected: [span('t', '3'), span('u', '2')],
  })
  expect(readLedger('/nowhere')).toEqual([])
})

test('the ledger of a function knows what a freeze lost', async () => {
  const receiver = await startReceiver()
  onTestFinished(() => receiver.stop())
  const file = path.join(functionFolder({}), 'ledger')
  const lambda = await startFunction(TRACED_HANDLER, {
    env: { LEDGER_FILE: file, COLLECTOR: receiver.url },
  })
  await lambda.invoke({ flush: true })
  await (
    await lambda.invoke({ flush: false })
  ).finished
  expect((await lambda.invoke({ flush: true, fail: true })).ok).toBe(false)
  await lambda.stop() // the second invocation's export was due two seconds later

  const ledger = readLedger(file)
  const eachTime = [
    ['outer', undefined],
    ['inner', undefined],
    ['unsampled', false],
  ]
  expect(ledger.map(({ name, recording }) => [name, recording])).toEqual([...eachTime, ...eachTime, ...eachTime])
  const compared = compareLedger(ledger, receiver.spans)
  expect(compared).toMatchObject({ started: 6, received: 4, duplicated: [], unexpected: [] })
  expect(compared.lost.map((lost) => lost.name)).toEqual(['outer', 'inner'])
  expect(receiver.spans.at(-1)!.status).toEqual({ code: 2, message: 'Error: failed' })
})

/** A minimal SDK that exports before the response, or two seconds after it. */
const TRACED_HANDLER = `
  import { request } from 'node:http';
  import { trace } from '${import.meta.resolve('@opentelemetry/api')}';
  import { JsonTraceSerializer } from '${import.meta.resolve('@opentelemetry/otlp-transformer')}';
  import { AlwaysOffSampler, TracerProvider } from '${import.meta.resolve('@opentelemetry/sdk-trace')}';
  import { tracedInLedger } from '${new URL('ledger-span.ts', import.meta.url)}';

  let ended = [];
  let sampled = true;
  const off = new AlwaysOffSampler();
  trace.setGlobalTracerProvider(new TracerProvider({
    sampler: { shouldSample: () => (sampled ? { decision: 2 } : off.shouldSample()) },
    spanProcessors: [{ onStart() {}, onEnd: (span) => ended.push(span) }],
  }));
  const flush = () => new Promise((resolve, reject) => {
    const options = { method: 'POST', agent: false, headers: { 'content-type': 'application/json' } };
    request(process.env.COLLECTOR + '/v1/traces', options, (reply) => reply.resume().on('end', resolve))
      .on('error', reject)
      .end(JsonTraceSerializer.serializeRequest(ended));
    ended = [];
  });
  export const handler = async (event) => {
    const work = tracedInLedger('outer', async () => {
      const four = tracedInLedger('inner', () => 4);
      sampled = false;
      tracedInLedger('unsampled', () => {}, { noteNonRecording: true });
      sampled = true;
      if (event.fail) throw new Error('failed');
      return four;
    });
    await work.catch(() => {});
    if (event.flush) await flush();
    else {
      const late = ended;
      ended = [];
      setTimeout(() => { ended.push(...late); flush(); }, 2000);
    }
    return work;
  };
`
