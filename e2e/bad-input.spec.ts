import { expect, source, Stage, test } from './helpers.ts';

/** What is wrong is said with its place, the page lives, and the run before it is still there. */

const SLUG = 'crash-and-replay';
const workflows = source(SLUG, 'workflows.ts');
const activities = source(SLUG, 'activities.ts');
const client = source(SLUG, 'client.ts');
/** Code in place of the first line of the workflow's body. */
const inWorkflow = (code: string): string => workflows.replace('  const item = await', `  ${code}\n  const item = await`);
const lineOf = (text: string, part: string): number => text.slice(0, text.indexOf(part)).split('\n').length;

async function expectRunStillThere(stage: Stage, before: number): Promise<void> {
  await stage.page.keyboard.press('Escape');
  await expect(stage.page.getByRole('dialog')).toHaveCount(0);
  await expect(stage.scrubber).toHaveValue(String(before));
  await expect(stage.event('TimerStarted')).toBeVisible();
  await stage.page.keyboard.press('ArrowRight');
  await expect(stage.scrubber).toHaveValue(String(before + 1));
}

test.describe('code that is refused', () => {
  const unclosed = workflows.replace("await sleep('1 minute');", "await sleep('1 minute';");
  const unknownModule = `import axios from 'axios';\n${workflows}`;
  const missingFile = workflows.replace("'./activities'", "'./activities'").replace('export async function order', "import { helper } from './helpers';\nexport async function order");
  for (const [what, file, text, message] of [
    ['does not compile', 'workflows.ts', unclosed, new RegExp(`workflows\\.ts:${lineOf(unclosed, "'1 minute';")}:\\d+ .*'\\)' expected`)],
    ['imports an unknown module', 'workflows.ts', unknownModule, /workflows\.ts:1:\d+ .*axios/],
    ['imports a file that is not there', 'workflows.ts', missingFile, new RegExp(`workflows\\.ts:${lineOf(missingFile, './helpers')}:\\d+ .*helpers`)],
    ['does not compile, in an activity', 'activities.ts', `${activities}\nexport async function {`, /activities\.ts:\d+:\d+ /],
    ['does not compile, in the client', 'client.ts', client.replace('await run(', 'await run((').replace('async function run() {', 'async function run( {'), /client\.ts:\d+:\d+ /],
  ] as const)
    test(`${what}: says where, and the run before stays`, async ({ page }) => {
      const stage = await Stage.open(page, SLUG);
      await stage.stepUntil(stage.event('TimerStarted'));
      const before = await stage.step();
      const dialog = await stage.write(file === 'client.ts' ? 'client' : 'worker-1', file, text);
      for (const button of ['Deploy and restart', 'Run from the start']) {
        await dialog.getByRole('button', { name: button }).click();
        await expect(dialog.getByRole('alert')).toContainText(message);
      }
      await expectRunStillThere(stage, before);
      await expect(stage.branches).toHaveCount(0);
    });
});

test.describe('code that misbehaves when it runs', () => {
  const cases: readonly { what: string; process: string; file: string; text: string; says: RegExp; where?: RegExp }[] = [
    { what: 'a workflow file that throws at load', process: 'worker-1', file: 'workflows.ts', text: `throw new Error('boom at load');\n${workflows}`, says: /boom at load/, where: /workflows\.ts:1/ },
    { what: 'a workflow that loops forever', process: 'worker-1', file: 'workflows.ts', text: inWorkflow('for (;;) {}'), says: /Potential deadlock|deadlock|did not yield|TMPRL1101/i, where: /workflows\.ts:\d+/ },
    { what: 'a workflow that eats memory', process: 'worker-1', file: 'workflows.ts', text: inWorkflow('const hoard: unknown[] = []; for (;;) hoard.push(new Array(10000).fill(1));'), says: /memory/i },
    { what: 'a workflow that recurses', process: 'worker-1', file: 'workflows.ts', text: inWorkflow('const again = (): number => 1 + again(); again();'), says: /stack/i, where: /workflows\.ts:\d+/ },
    { what: 'a worker file that throws at load', process: 'worker-1', file: 'worker.ts', text: `throw new Error('no worker today');`, says: /no worker today/, where: /worker\.ts:1/ },
    { what: 'a worker file that loops forever', process: 'worker-1', file: 'worker.ts', text: 'for (;;) {}', says: /loop|hang|budget|endless|time/i },
    { what: 'an activity that loops forever', process: 'worker-1', file: 'activities.ts', text: activities.replace("export async function charge(orderId: string, item: string): Promise<string> {", "export async function charge(orderId: string, item: string): Promise<string> {\n  for (;;) {}"), says: /loop|hang|budget|endless|time/i },
    { what: 'an activity that eats memory', process: 'worker-1', file: 'activities.ts', text: activities.replace("export async function charge(orderId: string, item: string): Promise<string> {", "export async function charge(orderId: string, item: string): Promise<string> {\n  const hoard: unknown[] = []; for (;;) hoard.push(new Array(10000).fill(1));"), says: /memory/i },
    { what: 'an activity that recurses', process: 'worker-1', file: 'activities.ts', text: activities.replace("export async function charge(orderId: string, item: string): Promise<string> {", "export async function charge(orderId: string, item: string): Promise<string> {\n  const again = (): number => 1 + again(); again();"), says: /stack/i },
    { what: 'a client that throws at load', process: 'client', file: 'client.ts', text: `throw new Error('no client today');`, says: /no client today/, where: /client\.ts:1/ },
    { what: 'a client that loops forever', process: 'client', file: 'client.ts', text: 'for (;;) {}', says: /loop|hang|budget|endless|time/i },
    { what: 'a client that eats memory', process: 'client', file: 'client.ts', text: 'const hoard: unknown[] = []; for (;;) hoard.push(new Array(10000).fill(1));', says: /memory/i },
    { what: 'a client that recurses', process: 'client', file: 'client.ts', text: 'const again = (): number => 1 + again(); again();', says: /stack/i },
  ];
  for (const { what, process, file, text, says, where } of cases)
    test(what, async ({ page }) => {
      const stage = await Stage.open(page, SLUG);
      await stage.stepUntil(stage.event('TimerStarted'));
      const before = await stage.step();
      const dialog = await stage.write(process, file, text);
      await dialog.getByRole('button', { name: 'Deploy and restart' }).click();
      await expect(dialog).toHaveCount(0, { timeout: 30_000 });
      await expect(stage.branches).toContainText('2 branches');
      await page.keyboard.press('.');
      // Somewhere on the way the trouble is said; here: by the end of the branch, or of what has been computed of it.
      const trouble = page.getByRole('main').getByText(says).first();
      await stage.stepUntil(trouble, 150);
      if (where) await expect(page.getByRole('main').getByText(where).first()).toBeVisible();
      // The page lives, and the run before is there.
      await stage.branches.click();
      await page.getByRole('menuitemradio', { name: 'undisturbed' }).click();
      await stage.goTo(before);
      await expect(stage.event('TimerStarted')).toBeVisible();
      await stage.expectState('worker-1', 'running');
    });
});

test.describe('histories that are none', () => {
  for (const [what, text, says] of [
    ['no JSON', 'hello', /JSON|history/i],
    ['other JSON', '{"name": "replayground"}', /event/i],
    ['no events', '{"events": []}', /event/i],
    ['events of another kind', '{"events": [{"eventId": 1, "eventType": "Nonsense"}]}', /Nonsense|eventType|event type|1/i],
    ['another workflow', JSON.stringify({ events: [{ eventId: '1', eventTime: '2026-01-01T00:00:00Z', eventType: 'EVENT_TYPE_WORKFLOW_EXECUTION_STARTED', workflowExecutionStartedEventAttributes: { workflowType: { name: 'nobody' }, taskQueue: { name: 'q' }, originalExecutionRunId: 'x' } }, { eventId: '2', eventTime: '2026-01-01T00:00:00Z', eventType: 'EVENT_TYPE_WORKFLOW_TASK_SCHEDULED', workflowTaskScheduledEventAttributes: {} }, { eventId: '3', eventTime: '2026-01-01T00:00:00Z', eventType: 'EVENT_TYPE_WORKFLOW_TASK_STARTED', workflowTaskStartedEventAttributes: { scheduledEventId: '2' } }] }), /nobody|no such function/i],
  ] as const)
    test(what, async ({ page }) => {
      const stage = await Stage.open(page, SLUG);
      await stage.stepUntil(stage.event('TimerStarted'));
      const before = await stage.step();
      await page.getByRole('button', { name: 'Import a history file' }).click();
      const dialog = page.getByRole('dialog');
      await dialog.getByLabel('or paste it here').fill(text);
      await dialog.getByRole('button', { name: 'Replay' }).click();
      await expect(dialog.getByText(/This is no history|The replay failed|Non-determinism/)).toContainText(says);
      await expectRunStillThere(stage, before);
    });
});

test.describe('addresses that lead nowhere', () => {
  test('no such scenario', async ({ page }) => {
    await page.goto('#/s/none');
    await expect(page.getByRole('alert')).toContainText('There is no scenario “none”');
    await page.getByRole('link', { name: 'All scenarios' }).click();
    await expect(page.getByRole('heading', { level: 1, name: 'Scenarios' })).toBeVisible();
  });

  test('no such page', async ({ page }) => {
    await page.goto('#/nothing/here');
    await expect(page.getByRole('alert')).toContainText('There is no page “/nothing/here”');
  });

  for (const [where, says] of [
    ['seed=abc', 'The address says seed=abc'],
    ['step=-1', 'The address says step=-1'],
    ['step=9999', 'asks for step 9999, and this run ends at step'],
    ['variant=ten-workers', 'The address says variant=ten-workers'],
    ['beat=nowhere', 'The address says beat=nowhere'],
    ['run=nonsense', 'The address says run=nonsense'],
  ] as const)
    test(where, async ({ page }) => {
      const stage = await Stage.open(page, SLUG, where);
      const alert = page.getByRole('alert').filter({ hasText: says });
      await expect(alert).toBeVisible();
      await alert.getByRole('button', { name: 'Close' }).click();
      await expect(alert).toHaveCount(0);
      await stage.goTo(0);
      await stage.stepUntil(stage.event('WorkflowExecutionStarted'));
    });
});
