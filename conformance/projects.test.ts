import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { must } from '../src/base/assert.ts';
import { projectRoot } from '../src/headless/engine.ts';
import type { RunOutput } from '../src/headless/output.ts';
import { ProjectError } from '../src/headless/project-files.ts';
import { readFaults } from '../src/headless/read-faults.ts';
import { replayProject } from '../src/headless/replay.ts';
import { runProject, type RunOptions } from '../src/headless/run.ts';
import { stopGenuine, type GenuineCode } from './genuine.ts';
import { historiesOf, judgeHistories, workflowsPathOf, type Judged } from './judge.ts';

/**
 * Projects of the shapes that Temporal's official TypeScript samples have, loaded unmodified by the headless runner. Each says what
 * came of it: results, statuses, events where they tell something, effects in external services, logs. Every history is judged.
 */
const projects = join(projectRoot(), 'conformance', 'projects');
afterAll(stopGenuine);

/** A run with short words for what tests ask. */
class Run {
  readonly output: RunOutput;

  constructor(output: RunOutput) {
    this.output = output;
  }

  workflow(id: string) {
    return must(this.output.workflows[id], `workflow ${id}, there are ${Object.keys(this.output.workflows).join(', ')}`);
  }
  status(id: string): string {
    return this.workflow(id).status;
  }
  result(id: string): unknown {
    return this.workflow(id).result;
  }
  /** What user code logged, without what the SDK's worker says of itself. */
  log(process: string): string[] {
    return must(this.output.processes[process], process).log.map(({ text }) => text).filter((text) => !/Workflow bundle created|Worker state changed|No .*registered/.test(text));
  }
  exitCode(process: string): number | null {
    return must(this.output.processes[process], process).exitCode;
  }
  /** Event types of one run (default the first) without those of Workflow Tasks: `ACTIVITY_TASK_SCHEDULED` …. */
  events(id: string, run = 0): string[] {
    return must(this.workflow(id).runs[run], `run ${run}`).history.events.map(({ eventType }) => String(eventType).slice('EVENT_TYPE_'.length)).filter((type) => !type.startsWith('WORKFLOW_TASK_'));
  }
  count(id: string, type: string, run = 0): number {
    return this.events(id, run).filter((t) => t === type).length;
  }
  ledger(service: string): unknown[] {
    return must(this.output.services[service], service).ledger.map((entry) => Object.fromEntries(Object.entries(entry).filter(([key]) => key !== 'at')));
  }
}

interface Case {
  readonly options?: Omit<RunOptions, 'dir'>;
  /** A faults file beside the project's sources. */
  readonly faults?: string;
  /** Where the workflows of a run are, for the genuine replay, if not at their usual place. */
  readonly workflows?: (history: Judged) => string;
  /** What else the genuine replay has to know; paths inside the project. */
  readonly code?: GenuineCode;
  readonly check: (run: Run) => void;
}

const ACTIVITY = ['ACTIVITY_TASK_SCHEDULED', 'ACTIVITY_TASK_STARTED', 'ACTIVITY_TASK_COMPLETED'];
const TIMER = ['TIMER_STARTED', 'TIMER_FIRED'];
const started = (...between: string[]): string[] => ['WORKFLOW_EXECUTION_STARTED', ...between];
const completed = (...between: string[]): string[] => [...started(...between), 'WORKFLOW_EXECUTION_COMPLETED'];

const cases: { readonly [project: string]: Case } = {
  'async-completion': {
    check(run) {
      expect(run.log('client-1')).toEqual(['Job done!', 'yes / failed: I would rather not', 'true ActivityNotFoundError']);
      expect(run.result('token')).toBe('Job done!');
      expect(run.events('human-no')).toContain('ACTIVITY_TASK_FAILED');
    },
  },
  'bundled-worker': {
    check(run) {
      expect(run.result('long-1')).toBe('awake');
      expect(run.output.virtualEnd).toMatch(/^2026-01-31T/);
      expect(run.events('long-1')).toEqual(completed(...TIMER));
    },
  },
  'child-workflows': {
    check(run) {
      expect(run.log('client-1')).toEqual(['I am a child named Alice\nI am a child named Bob\nI am a child named Charlie\nChild Workflow execution failed: no luck\nchild-stays']);
      expect(['child-Alice', 'child-fails', 'child-stays', 'child-goes', 'parent'].map((id) => run.status(id))).toEqual(['COMPLETED', 'FAILED', 'COMPLETED', 'TERMINATED', 'COMPLETED']);
      expect(run.workflow('child-fails').runs.length).toBe(2);
      expect(run.count('parent', 'START_CHILD_WORKFLOW_EXECUTION_INITIATED')).toBe(6);
      expect(run.count('parent', 'CHILD_WORKFLOW_EXECUTION_FAILED')).toBe(1);
    },
  },
  'client-errors': {
    check(run) {
      const log = Object.fromEntries(run.log('client-1').map((line) => [/^(?:[a-z ]+?)(?= (?:[A-Z[]|fine|waits))/.exec(line)?.[0] ?? line, line]));
      expect(log['failed']).toMatch(/^failed WorkflowFailedError WorkflowFailedError: Workflow execution failed <- ApplicationFailure\w* ApplicationFailure: it went wrong <- TemporalFailure/);
      expect(log['timed out']).toMatch(/Workflow execution timed out <- TimeoutFailure/);
      expect(log['already started']).toMatch(/WorkflowExecutionAlreadyStartedError/);
      expect(log['class']).toBe('class ["waits","waits"]');
      expect(log['unknown query']).toBe('unknown query [true,"QueryNotRegisteredError"]');
      expect(log['update']).toBe('update fine');
      expect(log['update fails']).toMatch(/WorkflowUpdateFailedError: Workflow Update failed <- \w+ ApplicationFailure: update went wrong/);
      expect(log['update rejected']).toMatch(/rejected by the validator/);
      expect(log['terminate']).toMatch(/TerminatedFailure: enough/);
      expect(log['signal closed']).toMatch(/WorkflowNotFoundError: workflow execution already completed/);
      expect(log['not found']).toMatch(/WorkflowNotFoundError: workflow not found for ID: nobody/);
      expect(log['no namespace']).toBe('no namespace ["NamespaceNotFoundError",false]');
      expect(log['cancelled']).toMatch(/CancelledFailure/);
      expect(['fails', 'times', 'waits'].map((id) => run.status(id))).toEqual(['FAILED', 'TIMED_OUT', 'TERMINATED']);
    },
  },
  'cluster-updates': {
    check(run) {
      expect(run.log('client-1')).toEqual([
        'first ["n1"]', 'both [["n2"],["n3"]]', 'fourth true Workflow Update failed <- only 0 nodes are free', 'fifth true Workflow Update failed <- count has to be positive',
        'again ["n1"]', 'jobs ["first","second","third"]', '{"n1":"first","n2":"second","n3":"third"}',
      ]);
      // The fifth is rejected by its validator and leaves nothing; the sixth has the id of the first.
      expect(run.count('cluster-1', 'WORKFLOW_EXECUTION_UPDATE_ACCEPTED')).toBe(4);
      expect(run.count('cluster-1', 'WORKFLOW_EXECUTION_UPDATE_COMPLETED')).toBe(4);
    },
  },
  'context-propagation': {
    check: (run) => expect(run.log('client-1')).toEqual(['["Acme in the workflow, Acme in the activity","Initech in the workflow, Initech in the activity"]']),
    code: { workflowInterceptorModules: ['src/workflow-interceptors.ts'] },
  },
  'continue-as-new': {
    check(run) {
      const { runs } = run.workflow('loop');
      expect(run.log('client-1')).toEqual(['["0:8","1:8","2:8","3:8"]', 'true WorkflowExecutionContinuedAsNewError Workflow execution continued as new']);
      expect(runs.map(({ status }) => status)).toEqual([...Array<string>(4).fill('CONTINUED_AS_NEW'), 'COMPLETED']);
      expect(new Set(runs.map(({ runId }) => runId)).size).toBe(5);
    },
  },
  'cron-workflow': {
    check(run) {
      expect(run.workflow('cron-1').runs.map(({ status }) => status)).toEqual(['COMPLETED', 'COMPLETED', 'COMPLETED', 'TERMINATED']);
      expect(run.log('worker-1').map((line) => line.slice(0, 15))).toEqual(Array(3).fill('hello Temporal,'));
      expect(run.log('client-1')).toEqual(['Terminated cron workflow']);
    },
  },
  'dependency-injection': { check: (run) => expect(run.result('dependency-injection')).toBe('Hello: Temporal\nHola: Temporal') },
  'dsl-interpreter': {
    check(run) {
      expect(run.result('dsl-1')).toMatchObject({ end: 'step(step(step(value1))) & step(step(value1),value1)' });
      expect(run.count('dsl-1', 'ACTIVITY_TASK_COMPLETED')).toBe(5);
    },
  },
  'dynamic-workflows': {
    check(run) {
      expect(run.log('client-1')).toEqual([
        'howMany: 1', 'Greeting: Hello Ann after anySignal(a) otherSignal(b)', 'howMany: 1', 'Something: doAnything got 3 after anySignal(a) otherSignal(b)', 'a function of its own',
      ]);
    },
  },
  'eager-start': {
    options: { clients: [] },
    check(run) {
      expect(run.log('worker-1')).toEqual(['eagerly started true', 'Hello, eager']);
      expect(run.exitCode('worker-1')).toBe(0);
      expect(must(run.workflow('eager-1').runs[0], 'run').history.events[0]?.workflowExecutionStartedEventAttributes).toMatchObject({ eagerExecutionAccepted: true });
    },
  },
  'early-return': {
    check(run) {
      expect(run.log('client-1')).toEqual(['confirmed tx-100 early', 'tx-100 completed', 'true Workflow Update failed']);
      expect([run.status('transaction-100'), run.status('transaction--5')]).toEqual(['COMPLETED', 'FAILED']);
      expect(run.events('transaction-100').indexOf('WORKFLOW_EXECUTION_UPDATE_COMPLETED')).toBeLessThan(run.events('transaction-100').lastIndexOf('ACTIVITY_TASK_COMPLETED'));
    },
  },
  encryption: {
    check(run) {
      expect(run.log('client-1')).toEqual(['Hello, Alice', 'Alice', 'ApplicationFailure secret reason [{"hidden":true}]']);
      expect(JSON.stringify(run.output.workflows)).not.toMatch(/Alice|QWxpY2/); // base64 of Alice
    },
    code: { dataConverterModule: 'src/data-converter.ts' },
  },
  'env-config': {
    options: { env: { REGION: 'eu' } },
    check(run) {
      expect(run.log('client-1')).toEqual(['localhost:7233 default {"my-custom-header":"development-value"}', 'localhost:9999 staging', 'region eu']);
    },
  },
  esm: { check: (run) => expect([run.result('esm-1'), run.log('client-1')]).toEqual(['* Hello, ESM! *', ['* Hello, ESM! * true']]) },
  expense: {
    check(run) {
      expect(run.log('client-1')).toEqual(['approved COMPLETED', 'rejected REJECTED', 'ignored TIMED_OUT']);
      const ledger = run.ledger('expenses');
      expect(ledger.slice(0, 3)).toEqual(expect.arrayContaining(['approved', 'rejected', 'ignored'].map((created) => ({ created }))));
      expect(ledger.slice(3)).toEqual([{ paid: 'approved' }]);
    },
  },
  heartbeats: {
    faults: 'faults.json',
    check(run) {
      expect(run.log('client-1')).toEqual(['deadline too slow', 'Cancelled workflow successfully', 'handle.result() threw because workflow was cancelled', 'crash finished']);
      expect(run.events('cancellable')).toEqual(started('ACTIVITY_TASK_SCHEDULED', 'WORKFLOW_EXECUTION_CANCEL_REQUESTED', 'ACTIVITY_TASK_CANCEL_REQUESTED', 'ACTIVITY_TASK_STARTED', 'ACTIVITY_TASK_CANCELED', 'WORKFLOW_EXECUTION_CANCELED'));
      // Killed at 20 s, noticed by the heartbeat timeout, resumed where the last heartbeat was.
      const attempt = must(run.workflow('survives').runs[0], 'run').history.events.find((e) => e.activityTaskStartedEventAttributes)?.activityTaskStartedEventAttributes;
      expect(attempt).toMatchObject({ attempt: 2, lastFailure: { timeoutFailureInfo: { timeoutType: 'TIMEOUT_TYPE_HEARTBEAT' } } });
      const resumed = run.log('worker-1').find((line) => line.startsWith('Progress:') && line.includes('"attempt":2'));
      expect(Number(/"progress":(\d+)/.exec(resumed ?? '')?.[1])).toBeGreaterThan(10);
      expect(run.output.services['slow']?.requests).toBe(1);
    },
  },
  'hello-world': {
    check(run) {
      const [id] = Object.keys(run.output.workflows);
      expect(id).toMatch(/^workflow-[\w-]{21}$/);
      expect(run.log('client-1')).toEqual([`Started workflow ${id}`, 'Hello, Temporal!']);
      expect(run.events(must(id, 'id'))).toEqual(completed(...ACTIVITY));
      expect([run.exitCode('client-1'), run.exitCode('worker-1')]).toEqual([0, null]);
    },
  },
  ids: {
    check(run) {
      expect(run.log('client-1')).toEqual(['5 36,21,5,36,36 true 2 minutes']);
      expect(run.log('worker-1')).toEqual(["b/.ts { deep: { er: [ 1, 'two' ] } } 2d711642"]);
    },
  },
  javascript: { check: (run) => expect(run.result('my-business-id')).toBe('Hello, JavaScript!') },
  'local-dependency': { check: (run) => expect(run.result('quote-1')).toBe('1,234,567.89 EUR or 9.99 EUR') },
  mutex: {
    check(run) {
      expect(run.log('client-1')).toEqual(['["user-1","user-2","user-3","user-4","user-5"]']);
      const ledger = run.ledger('resource') as { enters?: string; leaves?: string }[];
      expect(ledger.length).toBe(10);
      // Nobody enters before the one before has left.
      for (let i = 0; i < 10; i += 2) expect(ledger[i]?.enters).toBe(ledger[i + 1]?.leaves);
      expect(new Set(ledger.map(({ enters }) => enters)).size).toBe(6);
    },
  },
  patching: {
    faults: 'faults.json',
    check(run) {
      expect(run.log('client-1')).toEqual(['started-on-v1 v2 A', 'started-on-v2 v3 B', 'started-on-v3 v3 B', 'started-on-v4 v4 B']);
      expect(['started-on-v1', 'started-on-v2', 'started-on-v3', 'started-on-v4'].map((id) => run.count(id, 'MARKER_RECORDED'))).toEqual([0, 1, 1, 0]);
    },
    workflows: ({ workflowId }) => ({ 'started-on-v1': 'versions/v2/', 'started-on-v4': 'versions/v4/' })[workflowId] ?? 'versions/v3/',
  },
  'payload-converter': {
    check: (run) => expect(run.log('client-1')).toEqual(['2026-01-02T00:00:00.000Z Paris Rome 18014398509481986 5 true']),
    code: { payloadConverterPath: 'src/payload-converter.ts' },
  },
  polling: {
    check(run) {
      expect(run.log('client-1')).toEqual(['frequentPolling done /frequent 4 s', 'infrequentPolling done /infrequent 240 s', 'toldPolling done /told 240 s', 'periodicPolling done /periodic 240 s']);
      expect(run.output.services['jobs']?.requests).toBe(20);
      expect(run.events('frequentPolling')).toEqual(completed(...ACTIVITY));
      // Retries of the server leave no events: the attempt count tells of them.
      expect(must(run.workflow('infrequentPolling').runs[0], 'run').history.events.find((e) => e.activityTaskStartedEventAttributes)?.activityTaskStartedEventAttributes?.attempt).toBe(5);
      expect(run.workflow('polling-child').runs.length).toBe(3);
    },
  },
  'raw-grpc': { check: (run) => expect(run.log('client-1')).toEqual(['3 idle', '1 true', 'true 5 workflow not found for ID: raw-2', 'true']) },
  'run-until': {
    options: { clients: [] },
    check(run) {
      expect(run.log('worker-1')).toEqual(['state RUNNING', 'rested state STOPPED', 'exit 0']);
      expect([run.exitCode('worker-1'), run.result('nap-1')]).toEqual([0, 'rested']);
    },
  },
  saga: {
    check(run) {
      expect(run.log('client-1')).toEqual(['Booked ["car-1","hotel-2","flight-3"]', 'Workflow execution failed <- Activity task failed <- no seats left']);
      expect(run.ledger('bookings')).toEqual([
        { booked: 'car-1' }, { booked: 'hotel-2' }, { booked: 'flight-3' }, { booked: 'car-4' }, { booked: 'hotel-5' }, { cancelled: 'hotel-5' }, { cancelled: 'car-4' },
      ]);
      expect([run.status('saga-fine'), run.status('saga-overbooked')]).toEqual(['COMPLETED', 'FAILED']);
    },
  },
  schedules: {
    options: { clients: ['start-schedule.ts', 'pause-schedule.ts', 'delete-schedule.ts'], until: 600_000 as never },
    check(run) {
      expect(run.log('client-1')).toEqual(["Started schedule 'sample-schedule'", expect.stringMatching(/^true /)]);
      expect(run.log('client-2')).toEqual(['paused true holidays 2', 'after the trigger 3', expect.stringMatching(/^after the update [45]$/)]);
      expect(run.log('client-3')).toEqual(['listed sample-schedule', expect.stringMatching(/^true /)]);
      expect(Object.keys(run.output.workflows).slice(0, 2)).toEqual(['reminder-2026-01-01T00:00:10Z', 'reminder-2026-01-01T00:00:20Z']);
      expect(run.result('reminder-2026-01-01T00:00:10Z')).toBe('buy milk at 2026-01-01T00:00:10.000Z');
    },
  },
  'search-attributes': {
    check(run) {
      const log = run.log('client-1');
      expect(log.slice(0, 3)).toEqual([1, 2, 3].map((n) => `search-${n} ${JSON.stringify({ before: n, after: n + 1, memo: { stage: 'second' } })}`));
      expect(log.slice(3)).toEqual(['2 {"stage":"second"}', '["search-2","search-3"] 3']);
    },
  },
  'sinks-and-interceptors': {
    check(run) {
      expect(run.log('client-1')).toEqual(['client starts sinkWorkflow', 'intercepted(worked on parcel!)']);
      expect(run.log('worker-1')).toEqual([
        'ALERT sinks-1 inbound sinkWorkflow', 'INFO: workflow started', 'ALERT sinks-1 before', 'activity in work parcel!', 'activity out worked on parcel!', 'ALERT sinks-1 after in attempt 1',
      ]);
    },
    code: { workflowInterceptorModules: ['src/workflows/index.ts'] },
  },
  'sliding-window': {
    check(run) {
      expect([run.result('window'), run.workflow('window').runs.length]).toEqual([11, 3]);
      for (let n = 0; n <= 10; n++) expect(run.status(`window/${n}`)).toBe('COMPLETED');
    },
  },
  state: {
    check(run) {
      expect(run.log('client-1')).toEqual(['42 undefined', '7', '[["meaning",42],["other",7]]', 'true Query rejected']);
      expect(run.events('state-0')).toEqual(completed('WORKFLOW_EXECUTION_SIGNALED', 'WORKFLOW_EXECUTION_SIGNALED', 'WORKFLOW_EXECUTION_SIGNALED'));
    },
  },
  'timer-examples': {
    check(run) {
      expect(run.log('client-1')).toEqual(['about 50 s left 60', '2026-01-01T02:00:00.006Z', 'fast fast', 'slow slow']);
      expect(run.events('countdown')).toEqual(completed('TIMER_STARTED', 'WORKFLOW_EXECUTION_SIGNALED', 'TIMER_CANCELED', ...TIMER));
      expect(run.log('worker-1')).toEqual(['still working on it']);
    },
  },
  'two-workers': {
    check(run) {
      expect(run.result('publish-1')).toEqual(['<h1>home</h1>', '<h1>about</h1>', '<h1>shop</h1>']);
      expect(Object.keys(run.output.processes)).toEqual(['worker-1', 'client-1']);
    },
  },
  'worker-specific-queues': {
    options: { workersOfEach: 2 },
    check(run) {
      expect(run.log('client-1')).toEqual([JSON.stringify(Array(4).fill('figures processed on host'))]);
      for (const { runs } of Object.values(run.output.workflows)) {
        const scheduled = must(runs[0], 'run').history.events.flatMap((e) => e.activityTaskScheduledEventAttributes ?? []);
        expect(scheduled[0]?.taskQueue?.name).toBe('normal-task-queue');
        // What one worker downloaded only that worker reads.
        expect(new Set(scheduled.slice(1).map((s) => s.taskQueue?.name)).size).toBeGreaterThanOrEqual(1);
        expect(scheduled.slice(1).every((s) => s.taskQueue?.name !== 'normal-task-queue' || s.activityType?.name === scheduled[0]?.activityType?.name)).toBe(true);
      }
    },
  },
  'worker-versioning': {
    options: { workers: ['worker-v1.ts', 'worker-v2.ts'] },
    check(run) {
      expect(run.log('client-1')).toEqual([
        '1.0 is the current version', '2.0 is the current version', expect.stringMatching(/^auto-old \["activity for auto v1","activity for auto v2","auto v2 concludes!?"\]$/),
        'pinned-old ["activity for pinned v1","activity for pinned v1","pinned v1 concludes"]',
        'auto-new ["activity for auto v2","auto v2 concludes!"]', 'pinned-new ["activity for pinned v2","pinned v2 concludes!"]',
      ]);
    },
    workflows: ({ workflowId }) => (workflowId === 'pinned-old' ? 'src/workflows-v1.ts' : 'src/workflows-v2.ts'),
  },
  'workflows-folder': {
    options: { clients: ['start-workflow.ts', 'signal-workflow.ts', 'query-workflow.ts', 'cancel-workflow.ts'] },
    check(run) {
      expect(run.log('client-1')).toEqual(['started sub-keeps', 'started sub-leaves', 'counted 3']);
      expect(run.log('client-3')).toEqual(['sub-keeps ["tea","milk"]', 'sub-leaves ["tea","milk"]']);
      expect(run.log('client-4')).toEqual(['sub-leaves: Workflow canceled', 'CANCELLED Ann bought tea, milk']);
      expect(run.ledger('mail')).toEqual([{ to: 'Bob', text: 'goodbye, you left 2 items' }]);
      expect([run.status('sub-keeps'), run.status('sub-leaves')]).toEqual(['COMPLETED', 'CANCELED']);
    },
  },
};

const faultsOf = (dir: string, file: string | undefined): Partial<RunOptions> => (file === undefined ? {} : { faults: readFaults(JSON.parse(readFileSync(join(dir, file), 'utf8'))), faultsFolder: dir });

const workflowsOf = (dir: string, path: string | undefined): string => (path === undefined ? workflowsPathOf(dir) : path.endsWith('/') ? workflowsPathOf(join(dir, path)) : join(dir, path));
const absolute = (dir: string, code: GenuineCode = {}): GenuineCode =>
  Object.fromEntries(Object.entries(code).map(([key, value]: [string, string | readonly string[]]) => [key, typeof value === 'string' ? join(dir, value) : value.map((path) => join(dir, path))]));

describe('a project of the shape', () => {
  it.each(Object.keys(cases))('%s', async (project) => {
    const { options, faults, workflows, check, code } = must(cases[project], project);
    const dir = join(projects, project);
    const output = await runProject({ dir, ...options, ...faultsOf(dir, faults) });
    check(new Run(output));
    expect(output.violations).toEqual([]);
    const histories: { [path: string]: Judged[] } = {};
    for (const history of historiesOf(output)) (histories[workflowsOf(dir, workflows?.(history))] ??= []).push(history);
    for (const [path, judged] of Object.entries(histories)) {
      expect(await judgeHistories(judged, path, absolute(dir, code))).toEqual([]);
      // Our own replay knows from the project's worker what the genuine one was told.
      const { workflowId, events } = must(judged.find((history) => history.events.some((event) => event.workflowTaskCompletedEventAttributes)) ?? judged[0], path);
      expect(await replayProject({ dir, workflows: path, workflowId, history: JSON.stringify({ events }) })).toEqual({ ok: true, kind: 'ok', message: '' });
    }
  });

  it('every folder is one of these', () => {
    expect(Object.keys(cases).toSorted()).toEqual(readdirSync(projects).filter((name) => name !== 'bad').toSorted());
  });
});

describe('a project that can not be loaded is refused with file, line and reason:', () => {
  it.each([
    ['syntax', 'workflows.ts:2:22: Unterminated string literal.'],
    ['missing-file', "workflows.ts:1:24: Cannot find module './helper'"],
    ['unknown-import', /^workflows\.ts:2:15: Cannot find module 'lodash': it is neither one that the simulator brings along nor in the project's node_modules$/],
    ['node-module', /^activities\.ts:1:26: Module 'node:fs\/promises' is not available here/],
    ['no-worker', /no-worker has no worker\.ts \(looked there and in src; say --worker\)$/],
    ['no-client', /no-client has no client\.ts \(looked there and in src; say --client\)$/],
  ])('%s', async (project, message) => {
    const run = runProject({ dir: join(projects, 'bad', project) });
    await expect(run).rejects.toThrow(ProjectError);
    await expect(run).rejects.toThrow(message);
  });
});

describe('code that does not behave does not end the runner, and is named:', () => {
  const bad = async (project: string): Promise<Run> => new Run(await runProject({ dir: join(projects, 'bad', project) }));
  /** What the worker said of the first failed Workflow Task. */
  const taskFailure = (run: Run): string => must(run.log('worker-1').find((line) => line.startsWith('Failing workflow task')), 'a failed Workflow Task');

  it('a module that throws when it is loaded fails the Workflow Task', async () => {
    const run = await bad('throws-at-load');
    expect(taskFailure(run)).toMatch(/this module does not load.*\/app\/workflows\.ts:4/);
    expect([run.status('bad-1'), run.exitCode('client-1'), run.exitCode('worker-1')]).toEqual(['TIMED_OUT', 1, null]);
  });

  it('a module that workflows may not use: the worker does not start, the client waits in vain', async () => {
    const run = await bad('disallowed-module');
    expect(run.log('worker-1')[0]).toMatch(/importing the following disallowed modules:\n {2}- 'crypto' \(workflows\.ts:1\)\nThese modules can't be used in workflow context/);
    expect([run.status('bad-1'), run.exitCode('worker-1'), run.exitCode('client-1')]).toEqual(['TIMED_OUT', 1, 1]);
  });

  it('an endless loop in a workflow', async () => {
    const run = await bad('endless-workflow');
    expect(taskFailure(run)).toMatch(/Script execution timed out after 5000ms.*\/app\/workflows\.ts:2/);
    expect([run.status('bad-1'), run.exitCode('worker-1')]).toEqual(['TIMED_OUT', null]);
  });

  it('an endless loop in an activity: the process hangs, the activity times out, the client goes on', async () => {
    const run = await bad('endless-activity');
    expect(run.log('worker-1')).toEqual(['the process hangs at activities.ts:2: its code does not yield']);
    expect(run.events('bad-1')).toContain('ACTIVITY_TASK_TIMED_OUT');
    expect(run.exitCode('client-1')).toBe(1);
  });

  it('memory without end in a workflow', async () => {
    const run = await bad('memory-workflow');
    expect(taskFailure(run)).toMatch(/out of memory.*\/app\/workflows\.ts:3/);
    expect(run.status('bad-1')).toBe('TIMED_OUT');
  });

  it('memory without end in an activity takes its process', async () => {
    const run = await bad('memory-activity');
    expect(run.log('worker-1')).toEqual(['FATAL ERROR: JavaScript heap out of memory at activities.ts:3']);
    expect(run.exitCode('worker-1')).toBe(134);
  });

  it('recursion without end', async () => {
    const workflow = await bad('recursive-workflow');
    expect(taskFailure(workflow)).toMatch(/Maximum call stack size exceeded.*\/app\/workflows\.ts:1/);
    const activity = await bad('recursive-activity');
    expect(activity.workflow('bad-1')).toMatchObject({ status: 'FAILED', failure: { cause: { message: 'Maximum call stack size exceeded', applicationFailureInfo: { type: 'RangeError' } } } });
  });

  it('every folder is one of these', () => {
    const tested = ['disallowed-module', 'endless-activity', 'endless-workflow', 'memory-activity', 'memory-workflow', 'missing-file', 'no-client', 'no-worker', 'node-module', 'recursive-activity', 'recursive-workflow', 'syntax', 'throws-at-load', 'unknown-import'];
    expect(readdirSync(join(projects, 'bad')).toSorted()).toEqual(tested);
  });
});
