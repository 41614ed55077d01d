import { describe, expect, test } from 'vitest';
import { runInline } from '../../../testing/inline-project.ts';

/** Stack traces of failures, as the genuine worker sends them; places are cut here. */
describe('stack traces', () => {
  const stacks = async (body: string, activities = ''): Promise<readonly string[]> => {
    const run = await runInline({
      workflows: `class Base extends Error { constructor(m: string) { super(m); } }
        class Named extends Base { code = 1; constructor(m: string) { super(m); this.name = 'MyName'; } }
        const wrap = (cause: unknown) => wf.ApplicationFailure.create({ message: 'wrap', cause });
        function helper(): never { throw new TypeError('sync'); }
        class Service { run = async () => { await null; helper(); }; async call() { await null; helper(); } async fail() { await null; throw new Error('failed'); } }
        async function inner() { await wf.sleep(1); throw new Named('late'); }
        async function outer() { await inner(); }
        export async function flow() { try { ${body} } catch (error) { throw wrap(error); } }`,
      activities,
      client: `try { await client.workflow.execute('flow', { taskQueue: 'q', workflowId: 'w' }); } catch {}`,
    });
    const traces: string[] = [];
    const failure = run.output.workflows['w']?.runs[0]?.history.events.at(-1)?.workflowExecutionFailedEventAttributes?.failure;
    for (let f = failure?.cause; f; f = f.cause) traces.push((f.stackTrace ?? '').replace(/\(?\/app\/src\/([\w-]+\.ts):\d+:\d+\)?/g, '$1'));
    return traces;
  };

  // Below the top the genuine sandbox names what is called: its source map has a name for that place.
  test('name the function where it throws before and after an await', async () => {
    expect(await stacks('await new Service().fail();')).toEqual(['Error: failed\n    at Service.fail workflows.ts']);
    expect(await stacks('helper();')).toEqual(['TypeError: sync\n    at helper workflows.ts\n    at helper workflows.ts']);
    expect(await stacks('await new Service().call();')).toEqual(['TypeError: sync\n    at helper workflows.ts\n    at helper workflows.ts']);
    expect(await stacks('await new Service().run();')).toEqual(['TypeError: sync\n    at helper workflows.ts\n    at helper workflows.ts']);
    expect(await stacks('[1].forEach(() => helper());')).toEqual(['TypeError: sync\n    at helper workflows.ts\n    at helper workflows.ts\n    at Array.forEach (<anonymous>)\n    at forEach workflows.ts']);
  });

  test('begin with the name that the error has in the end, below its own constructors', async () => {
    expect(await stacks(`throw new Named('early');`)).toEqual(['MyName: early\n    at flow workflows.ts']);
    expect(await stacks('await outer();')).toEqual(['MyName: late\n    at inner workflows.ts']);
    expect(await stacks(`throw new Base('outer', { cause: 1 } as never);`)).toEqual(['Error: outer\n    at flow workflows.ts']);
  });

  test('have a call with calls among its arguments where it begins', async () => {
    const [trace] = await stacks(`throw wf.ApplicationFailure.create({ message: 'made', cause: new TypeError('why') });`);
    expect(trace).toMatch(/\n {4}at create workflows\.ts$/);
  });

  // As Node has them: line and column in the activities file, which begins with two lines of the test's.
  test('have a call with templates or operators among its arguments where it begins', async () => {
    const activities = `const x: any = 5, o: any = { g: { f } };
function f(a?: any): never { throw new Error(\`in f \${a}\`); }
const cases = [
  () => { throw new Error(
    \`a \${x} b \${JSON.stringify(x)}\`
  ); },
  () => { throw new Error('a: ' + o.g.f.name + '(' +
    x.y + ':)'); },
  () => o.g.f(
    \`x \${x} (\`),
  () => \`y \${f(\`n \${x}\`)}\`,
  () => f(-x),
];
export async function boom() {
  throw new Error(cases.map((run) => { try { return run(); } catch (e: any) { return [...e.stack.matchAll(/activities\\.ts:(\\d+:\\d+)/g)].slice(0, 2).map(([, place]) => place).join(' '); } }).join(', '));
}`;
    const [, trace] = await stacks(`await acts({ startToCloseTimeout: '1m', retry: { maximumAttempts: 1 } }).boom();`, activities);
    expect(trace?.split('\n')[0]).toBe('Error: 6:17 17:53, 9:17 17:53, 4:36 11:13, 4:36 13:14, 4:36 14:9');
  });

  test('end where an activity begins', async () => {
    const activities = `export async function boom() { throw new RangeError('in activity'); }`;
    expect(await stacks(`await acts({ startToCloseTimeout: '1m', retry: { maximumAttempts: 1 } }).boom();`, activities)).toEqual(['', 'RangeError: in activity\n    at boom activities.ts']);
  });

  test('are none for what is no error', async () => expect(await stacks(`throw 'text';`)).toEqual(['']));

  test('are written down once', async () => {
    const body = `const e: any = new Error('a'); const first = e.stack; e.message = 'b'; const own = Object.getOwnPropertyDescriptor(e, 'stack')!;
      throw new Error(JSON.stringify([first === e.stack, e.stack.split('\\n')[0], own.enumerable, own.writable]));`;
    expect((await stacks(body))[0]).toContain('[true,"Error: a",false,true]');
  });
});

test('a workflow task that fails with something that is no error has no stack trace', async () => {
  const run = await runInline({ workflows: `export async function flow() { throw 'text'; }`, client: `await client.workflow.start('flow', { taskQueue: 'q', workflowId: 'w' }); await sleep(1000); await client.workflow.getHandle('w').terminate();` });
  const failed = run.output.workflows['w']?.runs[0]?.history.events.find((e) => e.workflowTaskFailedEventAttributes)?.workflowTaskFailedEventAttributes?.failure;
  expect(failed?.message).toMatch(/^text \[A non-Error value/);
  expect(failed?.stackTrace ?? '').toBe('');
});

describe('__stack_trace says where a workflow waits, as a genuine worker does', () => {
  const where = async (code: string): Promise<string> => {
    const run = await runInline({
      workflows: `import { condition, sleep } from '@temporalio/workflow';\n${code}`,
      activities: `export async function slow() { await new Promise((resolve) => setTimeout(resolve, 5000)); }`,
      client: `const h = await client.workflow.start('flow', { taskQueue: 'q', workflowId: 'w' }); await sleep(2000); console.log(await h.query('__stack_trace')); await h.terminate();`,
    });
    // Two lines of runInline and the import are before the code.
    return run.log('client-1').join('\n').replace(/\/app\/src\/workflows\.ts:(\d+)/g, (_, line: string) => `w.ts:${Number(line) - 3}`);
  };
  test.each([
    [`export async function flow() { await sleep('1h'); }`, '    at flow (w.ts:1:43)'],
    [`export async function flow() { await sleep(1); let i = 5;\n  await sleep(i * 10000); }`, '    at i (w.ts:2:14)'],
    [`export async function flow() { await condition(() => false); }`, '    at flow (w.ts:1:47)'],
    [`export async function flow() { await acts({ startToCloseTimeout: '1m' }).slow(); }`, '    at slow (w.ts:1:73)'],
    [`export async function flow() { await Promise.all([sleep('1h'), condition(() => false)]); }`, '    at all (w.ts:1:45)'],
    [`export async function flow() { const p = new Promise(() => {}); await p; }`, '    at flow (w.ts:1:64)'],
    [
      `async function inner(f: () => Promise<void>) { return await f(); }\nexport async function flow() { await inner(() => sleep('1h')); }`,
      '    at f (w.ts:1:60)\n    at inner (w.ts:2:37)\n\n    at inner (w.ts:2:37)',
    ],
    [`export async function flow() { await Promise.race([sleep(1), sleep(10)]);\n  await Promise.resolve(1); return await sleep('1h'); }`, '    at flow (w.ts:2:47)'],
  ])('%s', async (code, expected) => expect(await where(code)).toBe(expected));
});

test('taking nothing apart is reported in the words of V8', async () => {
  const run = await runInline({
    workflows: `const nothing = (): any => undefined;
      export async function parameter({ name }: any) { return name; }
      export async function second(_a: any, { name }: any) { return name; }
      export async function constant(x: any) {
        const { a } = x;
        return a;
      }
      export async function member(x: any) {
        const { a, b } = x.y;
        return a + b;
      }
      export async function called() {
        const { a } = nothing();
        return a;
      }
      export async function arrow(x: any) {
        const helper = ({ q }: any) => q;
        return helper(x);
      }`,
    client: `for (const type of ['parameter', 'second', 'constant', 'member', 'called', 'arrow']) {
      const h = await client.workflow.start(type, { taskQueue: 'q', workflowId: type, args: type === 'member' ? [{}] : [] });
      await sleep(500);
      console.log((await h.fetchHistory()).events!.find((e) => e.workflowTaskFailedEventAttributes)!.workflowTaskFailedEventAttributes!.failure!.message);
      await h.terminate();
    }`,
  });
  const of = (property: string, what: string): string => `Cannot destructure property '${property}' of '${what}' as it is undefined.`;
  expect(run.log('client-1')).toEqual([of('name', 'undefined'), of('name', 'undefined'), of('a', 'x'), of('a', 'x.y'), of('a', 'nothing(...)'), of('q', 'undefined')]);
});
