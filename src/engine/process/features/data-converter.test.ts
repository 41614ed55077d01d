import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { inlineFiles, runInline } from '../../../testing/inline-project.ts';
import { runProject } from '../../../headless/run.ts';

/** Payload converters, codecs and failure converters on both sides. */

const XOR = `import type { Payload, PayloadCodec } from '@temporalio/common';
const flip = (data: Uint8Array | null | undefined): Uint8Array => Uint8Array.from(data ?? [], (b) => b ^ 42);
/** Asynchronous on purpose. */
export class Xor implements PayloadCodec {
  async encode(payloads: Payload[]) { await new Promise((r) => setTimeout(r, 5)); return payloads.map((p) => ({ metadata: { encoding: new TextEncoder().encode('binary/xor'), inner: p.metadata!['encoding']! }, data: flip(p.data) })); }
  async decode(payloads: Payload[]) { return payloads.map((p) => p.metadata!['inner'] ? { metadata: { encoding: p.metadata!['inner'] }, data: flip(p.data) } : p); }
}`;

test('a codec sees every payload of the user, and the history has none in the clear', async () => {
  const run = await runInline({
    files: { 'src/codec.ts': XOR },
    workflows: `const q = wf.defineQuery<string>('q'); const u = wf.defineUpdate<string, [string]>('u'); const s = wf.defineSignal<[string]>('s');
      export async function child(text: string) { return 'child of ' + text; }
      export async function flow(text: string) {
        let got = ''; wf.setHandler(q, () => 'SECRET answer'); wf.setHandler(u, async (v) => 'SECRET ' + v); wf.setHandler(s, (v) => { got = v; });
        const a = await acts({ startToCloseTimeout: '1m', heartbeatTimeout: '10s' }).work(text);
        const l = await wf.proxyLocalActivities<any>({ startToCloseTimeout: '1m' }).near(text);
        const c = await wf.executeChild('child', { args: [text], workflowId: 'c' });
        wf.upsertMemo({ note: 'SECRET memo' });
        await wf.condition(() => got !== '');
        let failure = ''; try { await acts({ startToCloseTimeout: '1m', retry: { maximumAttempts: 1 } }).fails(); } catch (e: any) { failure = e.cause.message + ' ' + JSON.stringify(e.cause.details); }
        return [a, l, c, got, failure];
      }`,
    activities: `export async function work(text: string) { act.heartbeat('SECRET heartbeat'); await act.sleep(100); return 'SECRET work ' + text; } export async function near(text: string) { return 'SECRET near ' + text; }
      export async function fails() { throw act.ApplicationFailure.create({ message: 'plain message', details: ['SECRET detail'] }); }`,
    worker: `const { Xor } = require('./codec'); const worker = await W.Worker.create({ taskQueue: 'q', workflowsPath: require.resolve('./workflows'), activities, dataConverter: { payloadCodecs: [new Xor()] } }); await worker.run();`,
    client: `const { Xor } = require('./codec'); const c = new C.Client({ dataConverter: { payloadCodecs: [new Xor()] } });
      const h = await c.workflow.start('flow', { taskQueue: 'q', workflowId: 'w', args: ['SECRET argument'], memo: { m: 'SECRET start memo' } });
      await sleep(1000);
      console.log(await h.query('q')); console.log(await h.executeUpdate('u', { args: ['SECRET update'] })); await h.signal('s', 'SECRET signal');
      console.log(JSON.stringify(await h.result())); console.log(JSON.stringify((await h.describe()).memo));`,
  });
  expect(run.log('client-1')).toMatchInlineSnapshot(`
    [
      "SECRET answer",
      "SECRET SECRET update",
      "["SECRET work SECRET argument","SECRET near SECRET argument","child of SECRET argument","SECRET signal","plain message [\\"SECRET detail\\"]"]",
      "{"m":"SECRET start memo","note":"SECRET memo"}",
    ]
  `);
  const text = JSON.stringify(run.output.workflows);
  const bodies = [...text.matchAll(/"data":"([^"]*)"/g)].map(([, data = '']) => Buffer.from(data, 'base64').toString());
  expect(bodies.length).toBeGreaterThan(15);
  expect(bodies.filter((body) => body.includes('SECRET'))).toEqual([]);
  expect(text).toContain(Buffer.from('binary/xor').toString('base64'));
});

test('the codec of a worker sees what an activation hands on, once, and what a completion says; the request of an update goes back as it came', async () => {
  const codec = XOR.replace('await new Promise((r) => setTimeout(r, 5)); return payloads', `for (const p of payloads) if (this.told) console.log('encode', new TextDecoder().decode(p.data as any)); return payloads`)
    .replace(`async decode(payloads: Payload[]) { return`, `told = false; n = 0;
      async decode(payloads: Payload[]) { for (const p of payloads) if (this.told) console.log('decode', new TextDecoder().decode(flip(p.data)), p.data!.constructor.name); return`)
    .replace(`encoding: new TextEncoder().encode('binary/xor'),`, `encoding: new TextEncoder().encode('binary/xor'), nonce: new TextEncoder().encode(String(this.n++)),`);
  const run = await runInline({
    files: { 'src/codec.ts': codec },
    workflows: `export async function flow(text: string) { let got = ''; wf.setHandler(wf.defineUpdate<string, [string]>('u'), (v) => (got = v)); const a = await acts({ startToCloseTimeout: '1m' }).work(text); await wf.condition(() => got !== ''); return a + got; }`,
    activities: `export async function work(text: string) { return 'worked ' + text; }`,
    worker: `const codec = new (require('./codec').Xor)(); codec.told = true; const worker = await W.Worker.create({ taskQueue: 'q', workflowsPath: require.resolve('./workflows'), activities, dataConverter: { payloadCodecs: [codec] } }); await worker.run();`,
    client: `const { Xor } = require('./codec'); const c = new C.Client({ dataConverter: { payloadCodecs: [new Xor()] } }); const headers = { clear: { metadata: { encoding: Buffer.from('json/plain') }, data: Buffer.from('1') } };
      const h = await c.workflow.start('flow', { taskQueue: 'q', workflowId: 'w', args: ['in'] }); await sleep(1000); await h.executeUpdate('u', { args: ['up'] }); console.log(await h.result());`,
  });
  expect(run.log('worker-1')).toEqual([
    'decode "in" Uint8Array', 'encode "in"', 'decode "in" Uint8Array', 'encode "worked in"', 'decode "worked in" Uint8Array', 'decode "up" Uint8Array', 'encode "up"', 'encode "worked inup"',
  ]);
  const history = run.output.workflows['w']?.runs[0]?.history.events ?? [];
  const [request] = history.flatMap((e) => e.workflowExecutionUpdateAcceptedEventAttributes?.acceptedRequest?.input?.args?.payloads ?? []);
  expect(Buffer.from(String(request?.metadata?.['nonce']), 'base64').toString()).toBe('1'); // the client's second payload
});

/** As `WorkflowCodecRunner` of the SDK has it: a payload is encoded and decoded as belonging to the same workflow or activity. */
test('codecs and failure converters are told whose payloads they get', async () => {
  const signing = `import { DefaultFailureConverter, type Payload, type PayloadCodec, type SerializationContext } from '@temporalio/common';
    export const sign = (c?: SerializationContext) => c === undefined ? 'none' : c.type === 'workflow' ? [c.namespace, c.workflowId].join('|') : [c.namespace, c.workflowId, c.activityId, c.isLocal].join('|');
    export class Signing implements PayloadCodec {
      async encode(payloads: Payload[], context?: SerializationContext) { return payloads.map((p) => ({ ...p, metadata: { ...p.metadata, by: new TextEncoder().encode(sign(context)) } })); }
      async decode(payloads: Payload[], context?: SerializationContext) { for (const p of payloads) { const by = new TextDecoder().decode(p.metadata!['by']); if (by !== sign(context)) throw new Error(by + ' is not ' + sign(context)); } return payloads; }
    }
    class Failures extends DefaultFailureConverter {
      override errorToFailure(error: unknown, converter: any, context?: SerializationContext) { const failure = super.errorToFailure(error, converter, context); if (failure.source === 'TypeScriptSDK') failure.source = sign(context); return failure; }
    }
    export const failureConverter = new Failures();`;
  const dataConverter = `{ payloadCodecs: [new (require('./signing').Signing)()], failureConverterPath: require.resolve('./signing') }`;
  const run = await runInline({
    files: { 'src/signing.ts': signing },
    workflows: `export async function child(text: string) { return 'child of ' + text; }
      export async function receiver() { let got = ''; wf.setHandler(wf.defineSignal<[string]>('s'), (v) => { got = v; }); await wf.condition(() => got !== ''); return got; }
      export async function flow(text: string, again: boolean) {
        wf.setHandler(wf.defineQuery('q'), () => text); wf.setHandler(wf.defineUpdate<string, [string]>('u'), async (v) => text + v);
        const a = await acts({ activityId: 'beats', startToCloseTimeout: '1m', heartbeatTimeout: '10s', retry: { initialInterval: '1ms' } }).beats(text);
        const l = await wf.proxyLocalActivities<any>({ startToCloseTimeout: '1m', summary: 'near' }).near(text);
        const c = await wf.executeChild('child', { args: [text], workflowId: 'the-child', memo: { m: 'memo' } }) + await wf.executeChild('child', { args: [text] });
        wf.upsertMemo({ note: 'memo' });
        await wf.getExternalWorkflowHandle('receiver').signal('s', 'hi');
        const later = await acts({ activityId: 'later', startToCloseTimeout: '1m' }).later();
        let failure = ''; try { await acts({ activityId: 'fails', startToCloseTimeout: '1m', retry: { maximumAttempts: 1 } }).fails(); } catch (e: any) { failure = e.cause.message + JSON.stringify(e.cause.details); }
        if (again) await wf.continueAsNew<typeof flow>('again', false);
        await wf.sleep(1000);
        throw wf.ApplicationFailure.create({ message: [a, l, c, later, failure].join(), details: ['of the workflow'] });
      }`,
    activities: `export async function beats(text: string) { const { attempt, heartbeatDetails } = act.activityInfo(); if (attempt === 1) { act.heartbeat('beat'); throw new Error('again'); } return text + heartbeatDetails; }
      export async function near(text: string) { return 'near ' + text; } export async function later() { throw new act.CompleteAsyncError(); }
      export async function fails() { throw act.ApplicationFailure.create({ message: 'sorry', details: ['detail'] }); }`,
    worker: `const worker = await W.Worker.create({ taskQueue: 'q', workflowsPath: require.resolve('./workflows'), activities, dataConverter: ${dataConverter} }); await worker.run();`,
    client: `const c = new C.Client({ dataConverter: ${dataConverter} });
      const r = await c.workflow.start('receiver', { taskQueue: 'q', workflowId: 'receiver' });
      const h = await c.workflow.start('flow', { taskQueue: 'q', workflowId: 'w', args: ['x', true], memo: { start: 'memo' } });
      for (const result of ['first', 'second']) { await sleep(2000); await c.activity.complete({ workflowId: 'w', activityId: 'later' }, result); if (result === 'first') await r.result().then((got) => c.workflow.start('receiver', { taskQueue: 'q', workflowId: 'receiver' })); }
      await sleep(100);
      console.log(await h.query('q'), await h.executeUpdate('u', { args: ['!'] }), JSON.stringify((await h.describe()).memo));
      try { await h.result(); } catch (e: any) { console.log(e.cause.message, e.cause.details[0]); }`,
  });
  expect(run.log('client-1')).toEqual(['again again! {"start":"memo","note":"memo"}', 'againbeat,near again,child of againchild of again,second,sorry["detail"] of the workflow']);
  const events = run.output.workflows['w']?.runs.flatMap(({ history }) => history.events) ?? [];
  const signatures = (attributes: unknown) => [...new Set([...JSON.stringify(attributes).matchAll(/"by":"([^"]+)"/g)].map(([, by = '']) => Buffer.from(by, 'base64').toString()))];
  expect(signatures(events.find((e) => e.startChildWorkflowExecutionInitiatedEventAttributes))).toEqual(['default|the-child']);
  expect(signatures(events.filter((e) => e.markerRecordedEventAttributes))).toEqual(['default|w|2|true']);
  expect(signatures(events.find((e) => e.signalExternalWorkflowExecutionInitiatedEventAttributes))).toEqual(['default|receiver']);
  expect(signatures(events.find((e) => e.activityTaskScheduledEventAttributes))).toEqual(['default|w|beats|false']);
  expect(events.find((e) => e.activityTaskFailedEventAttributes)?.activityTaskFailedEventAttributes?.failure?.source).toBe('default|w|fails|false');
  expect(events.find((e) => e.workflowExecutionFailedEventAttributes)?.workflowExecutionFailedEventAttributes?.failure?.source).toBe('default|w');
});

/** To Core it is a failing activation: it reports the first attempt only, evicts the run, and answers a query with the failure. */
test('a codec that fails again and again is left to time out; a query that it can not read is answered', async () => {
  const run = await runInline({
    files: { 'src/codec.ts': XOR.replace('async decode(payloads: Payload[]) {', `async decode(payloads: Payload[]) { if (payloads.some((p) => new TextDecoder().decode(flip(p.data)) === '"poison"')) throw new Error('no key');`) },
    workflows: `export async function flow() { wf.setHandler(wf.defineQuery('q'), (x: string) => x); wf.setHandler(wf.defineSignal('s'), (x: string) => {}); await wf.sleep('1h'); }`,
    worker: `const { Xor } = require('./codec'); const worker = await W.Worker.create({ taskQueue: 'q', workflowsPath: require.resolve('./workflows'), activities, dataConverter: { payloadCodecs: [new Xor()] } }); await worker.run();`,
    client: `const { Xor } = require('./codec'); const h = await new C.Client({ dataConverter: { payloadCodecs: [new Xor()] } }).workflow.start('flow', { taskQueue: 'q', workflowId: 'w' });
      await sleep(100); await h.query('q', 'poison').catch((e: any) => console.log(e.name, e.message)); console.log(await h.query('q', 'fine'));
      await h.signal('s', 'poison'); await sleep(25000); await h.terminate();`,
  });
  expect(run.log('client-1')).toEqual(['QueryNotRegisteredError no key', 'fine']);
  const failures = run.output.processes['worker-1']?.log.filter(({ text }) => text.startsWith('Failed to process Workflow Activation')).map(({ at }) => at.slice(17, 19)) ?? [];
  // The query; the sticky task and the normal one, which are reported; then an attempt for every 10 s that the one before it had.
  expect(failures).toEqual(['00', '00', '00', '00', '10', '20']);
});

test('a codec that fails: the Workflow Task fails and is tried again', async () => {
  const run = await runInline({
    files: { 'src/codec.ts': XOR.replace('await new Promise((r) => setTimeout(r, 5));', `if (broken-- > 0) throw new Error('no key');`).replace('/** Asynch', 'let broken = Number(process.env.BROKEN ?? 0);\n/** Asynch') },
    workflows: `export async function flow() { return 'result'; }`,
    worker: `process.env.BROKEN = '1'; const { Xor } = require('./codec'); const worker = await W.Worker.create({ taskQueue: 'q', workflowsPath: require.resolve('./workflows'), activities, dataConverter: { payloadCodecs: [new Xor()] } }); await worker.run();`,
    client: `const { Xor } = require('./codec'); console.log(await new C.Client({ dataConverter: { payloadCodecs: [new Xor()] } }).workflow.execute('flow', { taskQueue: 'q', workflowId: 'w' }));`,
  });
  expect(run.log('client-1')).toEqual(['result']);
  expect(run.events('w')).toContain('WorkflowTaskFailed');
  const failed = run.output.workflows['w']?.runs[0]?.history.events.find((e) => e.workflowTaskFailedEventAttributes);
  expect(failed?.workflowTaskFailedEventAttributes?.failure).toMatchObject({ message: 'no key', source: 'TypeScriptSDK', stackTrace: expect.stringMatching(/^Error: no key\n {4}at /) as string });
  expect(run.log('worker-1').join()).toMatch(/Failed to process Workflow Activation \{.*"namespace":"default","workflowId":"w","workflowType":"flow","error":"Error: no key[^"]*","workflowExists":true\}/);
});

test('runReplayHistory: the codec decodes what it replays', async () => {
  const run = await runInline({
    files: { 'src/codec.ts': XOR }, client: '',
    workflows: `export async function flow(steps: string[]) { for (const step of steps) await acts({ startToCloseTimeout: '1m' }).work(step); }`,
    activities: `export async function work(step: string) { return step; }`,
    worker: `const { Xor } = require('./codec'); const dataConverter = { payloadCodecs: [new Xor()] }; const workflowsPath = require.resolve('./workflows');
      const worker = await W.Worker.create({ taskQueue: 'q', workflowsPath, activities, dataConverter });
      await worker.runUntil(worker.client!.workflow.execute('flow', { taskQueue: 'q', workflowId: 'w', args: [['a', 'b']] }));
      const connection = await W.NativeConnection.connect(); const { Client } = require('@temporalio/client');
      const history = await new Client({ connection }).workflow.getHandle('w').fetchHistory();
      await W.Worker.runReplayHistory({ workflowsPath, dataConverter }, history);
      console.log('fine');
      await W.Worker.runReplayHistory({ workflowsPath }, history).catch((e: any) => console.log(e.constructor.name, e.message));
      await connection.close();`,
  });
  expect(run.log('worker-1')).toEqual(['fine', expect.stringMatching(/^ReplayError .*Unknown encoding: binary\/xor/)]);
});

test('payload and failure converters given by path run in the workflow too', async () => {
  const run = await runInline({
    files: {
      'src/converters.ts': `import { CompositePayloadConverter, DefaultFailureConverter, UndefinedPayloadConverter, JsonPayloadConverter, encodingKeys, METADATA_ENCODING_KEY, type Payload, type PayloadConverterWithEncoding } from '@temporalio/common';
        import { encode, decode } from '@temporalio/common/lib/encoding';
        class MapConverter implements PayloadConverterWithEncoding { encodingType = 'json/map'; toPayload(v: unknown): Payload | undefined { return v instanceof Map ? { metadata: { [METADATA_ENCODING_KEY]: encode('json/map') }, data: encode(JSON.stringify([...v])) } : undefined; } fromPayload<T>(p: Payload): T { return new Map(JSON.parse(decode(p.data!))) as T; } }
        export const payloadConverter = new CompositePayloadConverter(new UndefinedPayloadConverter(), new MapConverter(), new JsonPayloadConverter());
        class Failures extends DefaultFailureConverter { override errorToFailure(err: unknown, pc: any) { const f = super.errorToFailure(err, pc); f.message = 'converted: ' + f.message; return f; } }
        export const failureConverter = new Failures(); void encodingKeys;`,
    },
    workflows: `export async function flow(map: Map<string, number>) { const back: Map<string, number> = await acts({ startToCloseTimeout: '1m' }).more(map); if (back.get('b') !== 2) throw wf.ApplicationFailure.create({ message: 'no map', nonRetryable: true }); back.set('c', 3); return back; }
      export async function bad() { throw wf.ApplicationFailure.create({ message: 'of the workflow', nonRetryable: true }); }`,
    activities: `export async function more(map: Map<string, number>) { return new Map(map).set('b', 2); }`,
    workerOptions: `dataConverter: { payloadConverterPath: require.resolve('./converters'), failureConverterPath: require.resolve('./converters') },`,
    client: `const c = new C.Client({ dataConverter: { payloadConverterPath: require.resolve('./converters'), failureConverterPath: require.resolve('./converters') } });
      console.log([...(await c.workflow.execute<any>('flow', { taskQueue: 'q', workflowId: 'w', args: [new Map([['a', 1]])] }))]);
      console.log(await why(() => c.workflow.execute('bad', { taskQueue: 'q', workflowId: 'v' })));`,
  });
  expect(run.log('client-1')).toMatchInlineSnapshot(`
    [
      "[["a",1],["b",2],["c",3]]",
      "WorkflowFailedError: Workflow execution failed <- ApplicationFailure: converted: of the workflow",
    ]
  `);
});

test('encodeCommonAttributes hides messages and stack traces', async () => {
  const run = await runInline({
    files: { 'src/converters.ts': `import { DefaultFailureConverter } from '@temporalio/common'; export const failureConverter = new DefaultFailureConverter({ encodeCommonAttributes: true });` },
    workflows: `export async function flow() { await acts({ startToCloseTimeout: '1m', retry: { maximumAttempts: 1 } }).fails(); }`, activities: `export async function fails() { throw new Error('private words'); }`,
    workerOptions: `dataConverter: { failureConverterPath: require.resolve('./converters') },`,
    client: `const c = new C.Client({ dataConverter: { failureConverterPath: require.resolve('./converters') } }); console.log(await why(() => c.workflow.execute('flow', { taskQueue: 'q', workflowId: 'w' })));`,
  });
  expect(run.log('client-1')).toMatchInlineSnapshot(`
    [
      "WorkflowFailedError: Workflow execution failed <- ActivityFailure: Activity task failed <- ApplicationFailure: private words",
    ]
  `);
  expect(JSON.stringify(run.output.workflows)).not.toContain('private words');
  expect(JSON.stringify(run.output.workflows)).toContain('Encoded failure');
});

test('protobuf payloads: the SDK\'s converter with the protobufjs of the project', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'replayground-'));
  const converter = `dataConverter: { payloadConverterPath: require.resolve('./converter') }`;
  const files = {
    ...inlineFiles({
      workflows: `export async function flow(input: unknown) { return await acts({ startToCloseTimeout: '1m' }).greet(input); }`,
      activities: `import { Result } from './root'; export async function greet(input: any) { return Result.create({ sentence: input.name + ' is ' + input.age }); }`,
      workerOptions: `${converter},`,
      client: `const { Input } = require('./root');
        const h = await new C.Client({ ${converter} }).workflow.start('flow', { taskQueue: 'q', workflowId: 'w', args: [Input.create({ name: 'Proto', age: 3 })] });
        console.log(((await h.result()) as any).sentence);`,
    }),
    'src/root.ts': `import * as protobuf from 'protobufjs/light'; import { patchProtobufRoot } from '@temporalio/common/lib/protobufs';
      const raw = protobuf.Root.fromJSON({ nested: { foo: { nested: { Input: { fields: { name: { type: 'string', id: 1 }, age: { type: 'int32', id: 2 } } }, Result: { fields: { sentence: { type: 'string', id: 1 } } } } } } });
      export const root: any = patchProtobufRoot(raw as any); export const Input = raw.lookupType('foo.Input'); export const Result = raw.lookupType('foo.Result');`,
    'src/converter.ts': `import { DefaultPayloadConverterWithProtobufs } from '@temporalio/common/lib/protobufs'; import { root } from './root';
      export const payloadConverter = new DefaultPayloadConverterWithProtobufs({ protobufRoot: root });`,
  };
  try {
    mkdirSync(join(dir, 'src'));
    for (const [path, text] of Object.entries(files)) writeFileSync(join(dir, path), text);
    symlinkSync(join(import.meta.dirname, '../../../../node_modules'), join(dir, 'node_modules'));
    const output = await runProject({ dir });
    expect(output.processes['client-1']).toEqual({ exitCode: 0, log: [expect.objectContaining({ text: 'Proto is 3' })] });
    const [input] = output.workflows['w']?.runs[0]?.history.events[0]?.workflowExecutionStartedEventAttributes?.input?.payloads ?? [];
    const text = (base64: string | undefined): string => Buffer.from(base64 ?? '', 'base64').toString();
    expect([text(input?.metadata?.['encoding']), text(input?.metadata?.['messageType']), text(input?.data)]).toEqual(['json/protobuf', 'foo.Input', '{"name":"Proto","age":3}']);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
});
