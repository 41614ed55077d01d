import { readFileSync } from 'node:fs';
import { expect, source, Stage, test } from './helpers.ts';

const SLUG = 'crash-and-replay';

test('stepping, scrubbing, playing', async ({ page }) => {
  const stage = await Stage.open(page, SLUG);
  const forward = page.getByRole('button', { name: 'Step forward' });
  await forward.click();
  await forward.click();
  await expect(stage.scrubber).toHaveValue('2');
  await expect(page.getByTestId('step')).toContainText('step 2 of');
  await page.getByRole('button', { name: 'Step back' }).click();
  await expect(stage.scrubber).toHaveValue('1');
  await page.getByRole('button', { name: 'Next Workflow Task' }).click();
  await expect(stage.event('WorkflowTaskStarted').or(page.locator('[data-event]').last())).toBeVisible();
  const atTask = await stage.step();
  expect(atTask).toBeGreaterThan(5);
  const clock = page.getByRole('timer', { name: 'Virtual time' });
  const then = await clock.textContent();
  await stage.goTo(3);
  expect(await clock.textContent()).not.toBe(then);
  await expect(page.locator('[data-event]')).toHaveCount(0);

  await page.getByLabel('Speed').selectOption('16');
  await page.getByRole('button', { name: 'Play', exact: false }).and(page.getByTestId('play')).click();
  await expect.poll(() => stage.step()).toBeGreaterThan(20);
  await page.getByTestId('play').click();
  await expect(page.getByTestId('play')).toContainText('Play');
  const paused = await stage.step();
  await page.waitForTimeout(400);
  expect(await stage.step()).toBe(paused);

  await page.keyboard.press('End');
  await expect(stage.status).toHaveAttribute('data-status', 'COMPLETED');
  await page.keyboard.press('Home');
  await expect(stage.scrubber).toHaveValue('0');
  await expect(stage.status).toHaveAttribute('data-status', 'none');
});

test('a click at step n changes the run from n on; what came before is shared, what came after stays on its branch', async ({ page }) => {
  const stage = await Stage.open(page, SLUG);
  await stage.toEvent('TimerStarted');
  const at = await stage.step();
  const clock = page.getByTestId('clock');
  await page.keyboard.press('ArrowRight');
  const undisturbed = await page.getByTestId('step').textContent();
  await page.keyboard.press('ArrowLeft');
  const before = await clock.textContent();
  await page.keyboard.press('x');
  await stage.expectState('worker-1', 'killed');
  await page.keyboard.press('.'); // the lesson plays on from here
  await stage.goTo(at + 1);
  expect(await clock.textContent()).toBe(before); // the crash takes no time
  expect(await page.getByTestId('step').textContent()).not.toBe(undisturbed);
  await page.keyboard.press('ArrowLeft'); // the shared past
  await stage.expectState('worker-1', 'running');
  await expect(stage.event('TimerStarted')).toBeVisible();
  await page.keyboard.press('End');
  await expect(stage.status).toHaveAttribute('data-status', 'RUNNING'); // nobody is there to go on
  await stage.branches.click();
  await page.getByRole('menuitemradio', { name: 'undisturbed' }).click();
  await page.keyboard.press('End');
  await expect(stage.status).toHaveAttribute('data-status', 'COMPLETED');
  await stage.goTo(at + 1);
  expect(await page.getByTestId('step').textContent()).toBe(undisturbed);
});

test('two workers: the other one takes the order over, from its history', async ({ page }) => {
  const stage = await Stage.open(page, SLUG);
  await page.getByLabel('Variant').selectOption({ label: 'Two workers' });
  await expect(stage.scrubber).toHaveValue('0');
  await stage.ready();
  await stage.toEvent('TimerStarted');
  const holder = (await stage.process('worker-1').getByTestId('cache').textContent())?.includes('order-17') ? 'worker-1' : 'worker-2';
  const other = holder === 'worker-1' ? 'worker-2' : 'worker-1';
  await stage.process(holder).getByRole('button', { name: /^Crash/ }).click();
  await stage.expectState(holder, 'killed');
  await stage.view('Replay');
  await stage.tasksUntil(stage.ticks.nth(1));
  await expect(stage.process(other).getByTestId('cache')).toContainText('order-17');
  await expect(stage.calls('reserveStock')).toContainText('1×');
  await page.keyboard.press('End');
  await expect(stage.status).toHaveAttribute('data-status', 'COMPLETED');
  await expect(page).toHaveURL(/variant=two-workers/); // a reload starts the same run
});

test('clients and external services can be killed and started', async ({ page }) => {
  const stage = await Stage.open(page, SLUG);
  await stage.toEvent('TimerStarted');
  const client = stage.process('client-1');
  await client.getByRole('button', { name: 'Crash' }).click();
  await stage.expectState('client-1', 'killed');
  await stage.expectState('worker-1', 'running');
  const payments = stage.process('payments');
  await payments.getByRole('button', { name: 'Crash' }).click();
  await stage.expectState('payments', 'killed');
  await page.keyboard.press('.');
  const refused = page.getByRole('list', { name: 'Pending' }).getByText(/fetch failed|ECONNREFUSED/);
  await stage.stepUntil(refused);
  await payments.getByRole('button', { name: 'Restart' }).click();
  await stage.expectState('payments', /starting|running/);
  await page.keyboard.press('End');
  await expect(stage.status).toHaveAttribute('data-status', 'COMPLETED');
  await expect(payments.getByRole('list', { name: 'Ledger of payments' }).getByRole('listitem')).toHaveCount(1);
});

test('a service that is down for 30 s: the activity is tried again until it is back', async ({ page }) => {
  const stage = await Stage.open(page, SLUG);
  await stage.toEvent('TimerFired');
  await stage.process('payments').getByRole('button', { name: 'Take this service down for 30 s' }).click();
  await page.keyboard.press('.');
  await stage.stepUntil(page.getByTestId('attempt').filter({ hasText: 'attempt 3' }));
  await page.keyboard.press('End');
  await expect(stage.status).toHaveAttribute('data-status', 'COMPLETED');
});

test('other code, deployed in the middle: the genuine text, the line, and the old branch', async ({ page }) => {
  const stage = await Stage.open(page, SLUG);
  await stage.toEvent('TimerStarted');
  const dialog = await stage.edit('worker-1');
  await stage.write('workflows.ts', source(SLUG, 'workflows.ts').replace("await sleep('1 minute');", 'await ship(id, item);'));
  await dialog.getByRole('button', { name: 'Deploy and restart' }).click();
  await expect(dialog).toHaveCount(0, { timeout: 120_000 });
  await expect(stage.branches).toContainText('new code for worker-1');
  await page.keyboard.press('.');
  await stage.view('Replay');
  const verdict = page.getByRole('alert').filter({ hasText: 'Non-determinism' });
  await stage.tasksUntil(verdict);
  await expect(verdict).toContainText('Activity machine does not handle this event: HistoryEvent(id: 11, TimerStarted)');
  await expect(verdict).toContainText('workflows.ts:11');
  await expect(stage.zipper.getByLabel('does not match')).toHaveCount(1);
  await expect(page.getByLabel('workflows.ts in worker-1')).toContainText('await ship(id, item);'); // what this branch runs
  await stage.branches.click();
  await page.getByRole('menuitemradio', { name: 'undisturbed' }).click();
  await expect(page.getByLabel('workflows.ts in worker-1')).toContainText("await sleep('1 minute');");
  await page.keyboard.press('End');
  await expect(stage.status).toHaveAttribute('data-status', 'COMPLETED');

  // What was written is kept over a reload, though the run starts as shipped.
  await page.reload();
  await stage.ready();
  await stage.stepUntil(stage.process('worker-1'));
  const again = await stage.edit('worker-1');
  await expect(again.getByRole('textbox')).toContainText('await ship(id, item);');
});

test('changed code runs from the start, and the address carries it to whoever opens it', async ({ page, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const stage = await Stage.open(page, SLUG);
  await stage.stepUntil(stage.process('client-1'));
  const dialog = await stage.edit('client-1');
  await stage.write('client.ts', source(SLUG, 'client.ts').replaceAll('order-17', 'order-18'));
  await dialog.getByRole('button', { name: 'Run from the start' }).click();
  await expect(dialog).toHaveCount(0, { timeout: 120_000 });
  await stage.ready();
  await stage.toEvent('TimerStarted');
  await expect(stage.status).toContainText('order-18');
  await page.keyboard.press('x');
  await stage.expectState('worker-1', 'killed');
  await page.reload(); // the code is in the address, the crash is not
  await stage.ready();
  await stage.toEvent('TimerStarted');
  await expect(stage.status).toContainText('order-18');
  await page.keyboard.press('x');
  await stage.expectState('worker-1', 'killed');
  await page.keyboard.press('.'); // the lesson would play on by itself
  const at = await stage.step();
  await page.getByRole('button', { name: 'Copy a link to this step' }).click();
  await expect(page.getByText('Link copied')).toBeVisible();
  const link = await page.evaluate(() => navigator.clipboard.readText());

  const visitor = await context.newPage();
  await visitor.goto(link);
  const shared = new Stage(visitor);
  await shared.expectState('worker-1', 'killed');
  await expect(shared.scrubber).toHaveValue(String(at));
  await expect(shared.status).toContainText('order-18');
  await expect(shared.branches).toContainText('2 branches');
});

test('histories: one of a real cluster replays with its verdict, ours can be taken along', async ({ page }) => {
  const stage = await Stage.open(page, 'data-processing');
  await page.keyboard.press('End');
  await expect(stage.status).toHaveAttribute('data-status', 'COMPLETED');
  await page.getByRole('group', { name: 'How events are shown' }).getByRole('button', { name: 'JSON' }).click();
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Download as JSON' }).click()]);
  const ours = readFileSync(await download.path(), 'utf8');
  const { events } = JSON.parse(ours) as { events: { eventId: string; eventType: string; eventTime: string }[] };
  expect(events).toHaveLength(17);
  expect(events[0]).toMatchObject({ eventId: '1', eventType: 'EVENT_TYPE_WORKFLOW_EXECUTION_STARTED' });

  const real = readFileSync('conformance/goldens/data-processing/history.data-1.json', 'utf8');
  await page.getByRole('button', { name: 'Import a history file' }).click();
  const dialog = page.getByRole('dialog');
  for (const [name, text] of [['ours.json', ours], ['real.json', real]] as const) {
    await dialog.getByLabel('Choose a file').setInputFiles({ name, mimeType: 'application/json', buffer: Buffer.from(text) });
    await expect(dialog.getByText(/17 events of .* replay without a difference/)).toBeVisible();
    await dialog.getByRole('button', { name: 'Another history' }).click();
  }
  const swapped = real.replace(/"activityType": \{\s*"name": "(\w+)"/, '"activityType": { "name": "somethingElse"');
  await dialog.getByLabel('Choose a file').setInputFiles({ name: 'swapped.json', mimeType: 'application/json', buffer: Buffer.from(swapped) });
  await expect(dialog.getByText(/Non-determinism: /)).toContainText("Activity type of scheduled event 'somethingElse' does not match activity type of activity command 'processData'");
  await dialog.getByRole('button', { name: 'Another history' }).click();

  // One whose code is not here can be looked at all the same.
  await dialog.getByLabel('Choose a file').setInputFiles('conformance/goldens/signals-and-queries/history.adder.json');
  await expect(dialog.getByText(/events of adder\. This scenario’s code has no workflow of that name/)).toBeVisible();
  const shown = dialog.getByTestId('imported');
  await expect(shown.locator('[data-event="1"]')).toContainText('WorkflowExecutionStarted adder');
  await shown.getByRole('button', { name: 'As a table' }).click();
  await expect(shown.getByRole('rowheader', { name: /^adder / })).toBeVisible();
  await dialog.getByRole('slider', { name: /^Up to event/ }).fill('3');
  await expect(shown.locator('[data-event]')).toHaveCount(3);
});
