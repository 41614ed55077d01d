import { readFileSync } from 'node:fs';
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

test('code that is refused: what and where, and the run before stays', async ({ page }) => {
  const stage = await Stage.open(page, SLUG);
  await stage.toEvent('TimerStarted');
  const before = await stage.step();
  const unclosed = workflows.replace("await sleep('1 minute');", "await sleep('1 minute';");
  const missingFile = workflows.replace('export async function order', "import { helper } from './helpers';\nexport const help = helper;\nexport async function order");
  let dialog = await stage.edit('worker-1');
  for (const [file, text, message] of [
    ['workflows.ts', unclosed, new RegExp(`workflows\\.ts:${lineOf(unclosed, "'1 minute';")}:\\d+ .*expected`)],
    ['workflows.ts', `import axios from 'axios';\nexport const get = axios;\n${workflows}`, /workflows\.ts:1:\d+ Cannot find module 'axios'/],
    ['workflows.ts', missingFile, new RegExp(`workflows\\.ts:${lineOf(missingFile, './helpers')}:\\d+ Cannot find module '\\./helpers'`)],
    ['activities.ts', `${activities}\nexport async function {`, new RegExp(`activities\\.ts:${activities.split('\n').length + 1}:\\d+ `)],
  ] as const) {
    await stage.write(file, text);
    for (const button of ['Deploy and restart', 'Run from the start']) {
      await dialog.getByRole('button', { name: button }).click();
      await expect(dialog.getByRole('alert')).toContainText(message);
    }
    await dialog.getByRole('button', { name: 'Undo all changes' }).click();
    await expect(dialog.getByRole('alert')).toHaveCount(0);
  }
  await page.keyboard.press('Escape');
  dialog = await stage.edit('client-1');
  await stage.write('client.ts', client.replace('async function run() {', 'async function run( {'));
  await dialog.getByRole('button', { name: 'Run from the start' }).click();
  await expect(dialog.getByRole('alert')).toContainText(new RegExp(`client\\.ts:${lineOf(client, 'async function run') + 1}:\\d+ `));
  await stage.write('services.ts', 'export default 7;');
  await stage.write('client.ts', client);
  await dialog.getByRole('button', { name: 'Run from the start' }).click();
  await expect(dialog.getByRole('alert')).toContainText('services.ts:1:1 the default export has to be an object of services');
  await expectRunStillThere(stage, before);
  await expect(stage.branches).toHaveCount(0);
});

const hoard = 'const hoard: unknown[] = []; for (;;) hoard.push(new Array(10000).fill(1));';
const recurse = 'const again = (): number => 1 + again(); again();';
const charge = 'export async function charge(orderId: string, item: string): Promise<string> {';
const inCharge = (code: string): string => activities.replace(charge, `${charge}\n  ${code}`);
const chargeLine = lineOf(activities, charge) + 1;

/** Deployed while the order waits; by and by the screen says what happened. */
const misbehaving: Readonly<Record<string, readonly { what: string; process: string; file: string; text: string; says: RegExp }[]>> = {
  workflow: [
    { what: 'throws at load', process: 'worker-1', file: 'workflows.ts', text: `throw new Error('boom at load');\n${workflows}`, says: /boom at load\s*workflows\.ts:1/ },
    { what: 'loops forever', process: 'worker-1', file: 'workflows.ts', text: inWorkflow('for (;;) {}'), says: /Script execution timed out after 5000ms\s*workflows\.ts:9/ },
    { what: 'eats memory', process: 'worker-1', file: 'workflows.ts', text: inWorkflow(hoard), says: /out of memory\s*workflows\.ts:9/ },
    { what: 'recurses', process: 'worker-1', file: 'workflows.ts', text: inWorkflow(recurse), says: /Maximum call stack size exceeded\s*workflows\.ts:9/ },
  ],
  worker: [
    { what: 'throws at load', process: 'worker-1', file: 'worker.ts', text: `throw new Error('no worker today');`, says: /no worker today.*worker\.ts:1/ },
    { what: 'loops forever', process: 'worker-1', file: 'worker.ts', text: 'for (;;) {}', says: /hangs at worker\.ts:1/ },
    { what: 'eats memory', process: 'worker-1', file: 'worker.ts', text: hoard, says: /heap out of memory at worker\.ts:1/ },
    { what: 'recurses', process: 'worker-1', file: 'worker.ts', text: recurse, says: /Maximum call stack size exceeded at worker\.ts:1/ },
  ],
  activity: [
    { what: 'loops forever', process: 'worker-1', file: 'activities.ts', text: inCharge('for (;;) {}'), says: new RegExp(`hangs at activities\\.ts:${chargeLine}`) },
    { what: 'eats memory', process: 'worker-1', file: 'activities.ts', text: inCharge(hoard), says: new RegExp(`heap out of memory at activities\\.ts:${chargeLine}`) },
    { what: 'recurses', process: 'worker-1', file: 'activities.ts', text: inCharge(recurse), says: /RangeError: Maximum call stack size exceeded/ },
  ],
  client: [
    { what: 'throws at load', process: 'client-1', file: 'client.ts', text: `throw new Error('no client today');`, says: /no client today.*client\.ts:1/ },
    { what: 'loops forever', process: 'client-1', file: 'client.ts', text: 'for (;;) {}', says: /hangs at client\.ts:1/ },
    { what: 'eats memory', process: 'client-1', file: 'client.ts', text: hoard, says: /heap out of memory at client\.ts:1/ },
    { what: 'recurses', process: 'client-1', file: 'client.ts', text: recurse, says: /Maximum call stack size exceeded at client\.ts:1/ },
  ],
};

for (const [kind, cases] of Object.entries(misbehaving))
  test(`a ${kind} that misbehaves when it runs: what and where, and the page lives`, async ({ page }) => {
    const stage = await Stage.open(page, SLUG);
    await stage.toEvent('TimerStarted');
    const before = await stage.step();
    for (const [index, { what, process, file, text, says }] of cases.entries()) {
      const dialog = await stage.edit(process);
      await stage.write(file, text);
      await dialog.getByRole('button', { name: 'Deploy and restart' }).click();
      await expect(dialog, what).toHaveCount(0, { timeout: 30_000 });
      await page.keyboard.press('.'); // the lesson may want to play on
      await stage.view('Replay');
      const said = page.getByRole('alert').or(page.getByRole('listitem')).or(page.getByRole('row')).filter({ hasText: says }).first();
      await (kind === 'workflow' ? stage.tasksUntil(said) : stage.stepUntil(said));
      if (kind === 'workflow') await expect(stage.process(process).locator('.cm-mark-error'), what).toHaveCount(1); // its line, beside what is said
      // The page lives, and the run before is there.
      await stage.branches.click();
      await expect(page.getByRole('menuitemradio')).toHaveCount(index + 2);
      await page.getByRole('menuitemradio', { name: 'undisturbed' }).click();
      await stage.goTo(before);
      await expect(stage.event('TimerStarted')).toBeVisible();
      await stage.expectState('worker-1', 'running');
    }
  });

test('histories that are none: the reason, and the run before stays', async ({ page }) => {
  const stage = await Stage.open(page, SLUG);
  await stage.toEvent('TimerStarted');
  const before = await stage.step();
  await page.getByRole('button', { name: 'Import a history file' }).click();
  const dialog = page.getByRole('dialog');
  const event = (eventId: string, eventType: string, attributes: object): object => ({ eventId, eventTime: '2026-01-01T00:00:00Z', eventType: `EVENT_TYPE_${eventType}`, ...attributes });
  const foreign = [
    event('1', 'WORKFLOW_EXECUTION_STARTED', { workflowExecutionStartedEventAttributes: { workflowType: { name: 'nobody' }, taskQueue: { name: 'q' }, originalExecutionRunId: 'x' } }),
    event('2', 'WORKFLOW_TASK_SCHEDULED', { workflowTaskScheduledEventAttributes: {} }),
    event('3', 'WORKFLOW_TASK_STARTED', { workflowTaskStartedEventAttributes: { scheduledEventId: '2' } }),
    event('4', 'WORKFLOW_TASK_COMPLETED', { workflowTaskCompletedEventAttributes: { scheduledEventId: '2', startedEventId: '3' } }),
  ];
  for (const [text, says] of [
    ['hello', /JSON/i],
    ['{"name": "replayground"}', /event/i],
    ['{"events": []}', /event/i],
    ['{"events": [{"eventId": 1, "eventType": "Nonsense"}]}', /Nonsense|event/i],
    [JSON.stringify({ events: foreign }), /nobody/],
  ] as const) {
    await dialog.getByLabel('or paste it here').fill(text);
    await dialog.getByRole('button', { name: 'Replay' }).click();
    await expect(dialog.getByText(/This is no history|has no workflow of that name/), text).toContainText(says);
  }
  await expectRunStillThere(stage, before);
});

test('a file that is dropped on the page is read as a history, and the run is not left for it', async ({ page }) => {
  const stage = await Stage.open(page, 'data-processing');
  await page.keyboard.press('End');
  await expect(stage.status).toHaveAttribute('data-status', 'COMPLETED');
  const before = await stage.step();
  const real = readFileSync('conformance/goldens/data-processing/history.data-1.json', 'utf8');
  for (const [text, says] of [
    ['no JSON at all', /This is no history/],
    [real, /17 events of dataProcessing replay without a difference/],
  ] as const) {
    const taken = await page.evaluate((content) => {
      const data = new DataTransfer();
      data.items.add(new File([content], 'history.json', { type: 'application/json' }));
      return !document.body.dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true }));
    }, text);
    expect(taken, 'the browser does not open it').toBe(true);
    await expect(page.getByRole('dialog').getByText(says)).toBeVisible();
  }
  await page.keyboard.press('Escape');
  await expect(stage.scrubber).toHaveValue(String(before));
});

test('addresses that lead nowhere: what of them, and a page all the same', async ({ page }) => {
  await page.goto('#/s/none');
  await expect(page.getByRole('alert')).toContainText('There is no scenario “none”');
  await page.getByRole('link', { name: 'All scenarios' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Scenarios' })).toBeVisible();
  await page.goto('#/nothing/here');
  await expect(page.getByRole('alert')).toContainText('There is no page “/nothing/here”');

  for (const [where, says] of [
    ['seed=abc', 'The address says seed=abc'],
    ['step=-1', 'The address says step=-1'],
    ['step=9999', 'asks for step 9999, and this run ends at step'],
    ['variant=ten-workers', 'The address says variant=ten-workers'],
    ['beat=nowhere', 'The address says beat=nowhere'],
    ['run=nonsense', 'The address says run=nonsense'],
    ['amp;seed=7', 'The address says amp;seed=7'],
  ] as const) {
    const stage = await Stage.open(page, SLUG, where);
    const alert = page.getByRole('alert').filter({ hasText: says });
    await expect(alert).toBeVisible();
    await alert.getByRole('button', { name: 'Close' }).click();
    await expect(alert).toHaveCount(0);
    await stage.toEvent('WorkflowExecutionStarted');
  }
});
