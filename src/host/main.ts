import processBundleUrl from '../../build/vm/process.js?url';
import wasmUrl from '../../build/vm/quickjs.wasm?url';
import workflowBundleUrl from '../../build/vm/workflow.js?url';
import { createSandbox } from '../engine/sandbox/index.ts';
import type { FromHost, RequestName, Requests, ToHost } from '../protocol/messages.ts';
import { Session, type ScenarioBundle } from './session.ts';

/**
 * The engine's Web Worker: the only engine-side place with real time. It says what it found with notices and answers requests in the
 * order in which they are done.
 */
declare const self: Pick<Worker, 'postMessage' | 'onmessage'> & typeof globalThis;

const scenarioUrls = import.meta.glob<string>('../../build/scenarios/*.json', { query: '?url', import: 'default', eager: true });

const post = (message: FromHost): void => self.postMessage(message);
const text = async (url: string): Promise<string> => {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: ${response.status}`);
  return response.text();
};

/** Gives way to messages without the 4 ms that nested timers cost. */
const channel = new MessageChannel();
let resume: (() => void)[] = [];
channel.port1.onmessage = () => {
  const all = resume;
  resume = [];
  for (const r of all) r();
};
const pause = (): Promise<void> =>
  new Promise((resolve) => {
    resume.push(resolve);
    channel.port2.postMessage(null);
  });

const scenarios = new Map<string, Promise<ScenarioBundle>>();

const session: Promise<Session> = (async () => {
  const [wasmModule, workflow, process] = await Promise.all([WebAssembly.compileStreaming(fetch(wasmUrl)), text(workflowBundleUrl), text(processBundleUrl)]);
  return new Session({
    sandbox: createSandbox({ wasmModule, bundles: { workflow, process } }),
    loadScenario(slug) {
      const url = scenarioUrls[`../../build/scenarios/${slug}.json`];
      if (url === undefined) return Promise.reject(new Error(`there is no scenario ${slug}`));
      let bundle = scenarios.get(slug);
      if (!bundle) scenarios.set(slug, (bundle = text(url).then((json) => JSON.parse(json) as ScenarioBundle)));
      return bundle;
    },
    compile: async (files) => (await import('./bundle.ts')).bundleScenario(files),
    notify: (notice) => post({ type: 'notice', notice }),
    pause,
    clock: () => performance.now(),
  });
})();

async function answer<N extends RequestName>(name: N, request: Requests[N]['request']): Promise<unknown> {
  const s = await session;
  const methods: { [M in RequestName]: (request: never) => unknown } = {
    load: (r) => s.load(r), input: (r) => s.input(r), runTo: (r) => s.runTo(r), importHistory: (r) => s.importHistory(r), bench: (r) => s.bench(r),
  };
  return methods[name](request as never);
}

self.onmessage = (event: MessageEvent<ToHost>) => {
  const { id, name, request } = event.data;
  answer(name, request as never).then(
    (response) => post({ type: 'response', id, ok: true, response }),
    (error: Error) => post({ type: 'response', id, ok: false, message: error.message }),
  );
};
