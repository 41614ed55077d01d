import { expect, source, Stage, test } from './helpers.ts';

const SMALL = { width: 1366, height: 768 };

test('a new page of the lesson begins at its heading', async ({ page }) => {
  await page.setViewportSize(SMALL);
  await Stage.open(page, 'crash-and-replay');
  const guide = page.getByTestId('guide');
  const heading = guide.getByRole('heading', { level: 1 });
  for (const title of ['What is where', 'Now break it', 'Nobody notices', 'A new worker, an empty head']) {
    await guide.getByRole('button', { name: 'Next' }).click(); // often below the fold: the text has been scrolled to it
    await expect(heading).toHaveText(title);
    await expect(heading).toBeInViewport({ ratio: 1 });
  }
});

test('turning back in front of a class shows the moment that the page is about, and the one after it again', async ({ page }) => {
  await page.setViewportSize(SMALL);
  const stage = await Stage.open(page, 'crash-and-replay');
  await page.getByRole('button', { name: /^Present/ }).click();
  const heading = page.getByTestId('guide-bar').getByRole('heading');
  const click = async (key: 'PageDown' | 'PageUp', to: string): Promise<void> => {
    await page.keyboard.press(key);
    await expect(heading).toHaveText(to);
  };
  await click('PageDown', 'What is where');
  await page.keyboard.press('PageDown'); // finishes what plays
  await expect(stage.event('TimerStarted')).toBeVisible();
  await click('PageDown', 'Now break it');
  const before = await stage.step();
  await click('PageDown', 'Nobody notices');
  await expect(stage.event('TimerFired')).toBeVisible();
  await expect(page.getByTestId('play')).toContainText('Play'); // and stands still
  const silent = await stage.step();

  await click('PageUp', 'Now break it');
  await stage.expectState('worker-1', 'running');
  await expect(stage.scrubber).toHaveValue(String(before));
  await click('PageDown', 'Nobody notices');
  await stage.expectState('worker-1', 'killed');
  await expect(stage.scrubber).toHaveValue(String(silent));
  await expect(stage.branches).toContainText('2 branches'); // the crash is not made again
});

test('a line that waits names the event that it waits for, in a first run too', async ({ page }) => {
  const stage = await Stage.open(page, 'data-processing');
  await stage.toEvent('ActivityTaskScheduled');
  await expect(stage.process('worker-1').locator('.cm-notes')).toContainText('#11');
});

test('code that fails has run: the zipper keeps its rows and says why', async ({ page }) => {
  const stage = await Stage.open(page, 'crash-and-replay');
  await stage.toEvent('TimerStarted');
  const dialog = await stage.edit('worker-1');
  await stage.write('workflows.ts', source('crash-and-replay', 'workflows.ts').replace("await sleep('1 minute');", "await sleep('1 minute');\n  JSON.parse('no');"));
  await dialog.getByRole('button', { name: /^Deploy/ }).click();
  await stage.expectState('worker-1', /starting|running/);
  await page.keyboard.press('.');
  await stage.stepUntil(stage.event('WorkflowTaskFailed'));
  await stage.view('Replay');
  await expect(stage.ticks).toHaveCount(2);
  await expect(page.getByTestId('zipper')).toContainText('The Workflow Task fails');
  await expect(page.getByTestId('zipper')).toContainText('The workflow itself has not failed');
});

test('a waiting Workflow Task is shown in the queue in which it waits', async ({ page }) => {
  const stage = await Stage.open(page, 'crash-and-replay');
  await stage.crashAtTimer();
  await page.keyboard.press('t');
  await stage.stepUntil(stage.event('TimerFired'));
  await expect(page.getByRole('list', { name: 'Pending' })).toContainText('orders');
});

test('the last of the failed attempts looks as failed as the others', async ({ page }) => {
  const stage = await Stage.open(page, 'retry-policy', 'variant=limited');
  await page.keyboard.press('End');
  await stage.view('Timeline');
  await page.getByText('As a table').click();
  await expect(page.getByRole('row').filter({ hasText: 'attempts' }).filter({ hasText: 'failed' })).toHaveCount(3);
});

test('an outage is called by its service: in the branch, in the step, and at the service itself for as long as it lasts', async ({ page }) => {
  const stage = await Stage.open(page, 'retry-policy');
  await stage.goTo(20);
  const bank = stage.process('bank');
  await bank.getByRole('button', { name: 'Take this service down for 30 s' }).click();
  await page.keyboard.press('.');
  await expect(stage.branches).toContainText('bank down at 20');
  await stage.view('Explain');
  await expect(page.getByRole('heading', { name: 'you take bank down for a while' })).toBeVisible();
  await expect(bank.getByText('down, 30 s left')).toBeVisible();
  await stage.stepUntil(stage.event('ActivityTaskCompleted'));
  await expect(bank.getByText(/down/)).toHaveCount(0);
  await stage.goTo(20);
  await stage.branches.click();
  await page.getByRole('menuitemradio', { name: 'undisturbed' }).click();
  await bank.getByRole('button', { name: 'Take this service down for 30 s' }).click();
  await expect(stage.branches).toContainText('bank down at 20 (2)');
});

test('an eager activity comes along with the answer, and the diagram says so', async ({ page }) => {
  const stage = await Stage.open(page, 'data-processing', 'variant=eager');
  await page.keyboard.press('End');
  await stage.view('Sequence');
  await expect(page.getByRole('button', { name: /ok, processData, attempt 1/ })).toBeVisible();
});

test('a Workflow Task that waits for a worker says which time is running', async ({ page }) => {
  const stage = await Stage.open(page, 'crash-and-replay');
  await stage.crashAtTimer();
  await stage.toEvent('TimerFired'); // a slow machine has played past it before it could be stopped
  const pending = page.getByRole('list', { name: 'Pending' });
  await expect(pending).toContainText('to ScheduleToStart');
  await page.keyboard.press('ArrowRight');
  await expect(stage.event('WorkflowTaskTimedOut')).toBeVisible();
  await expect(pending).toContainText('Workflow Task waits in orders');
  await expect(pending).not.toContainText('left');
});
