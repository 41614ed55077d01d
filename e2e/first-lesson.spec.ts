import type { Page } from '@playwright/test';
import { expect, Stage, test } from './helpers.ts';

test('by mouse: landing, crash, restart, replay, step back, fork', async ({ page }) => {
  await page.goto('');
  await page.getByRole('link', { name: 'Watch a worker die' }).click(); // 1
  const stage = new Stage(page);
  await page.getByLabel('Speed').selectOption('4');
  await expect(stage.event('TimerStarted')).toBeVisible();
  const worker = stage.process('worker-1');
  await worker.getByRole('button', { name: /^Crash/ }).click(); // 2
  await stage.expectState('worker-1', 'killed');
  await expect(worker).toContainText('cache lost: order-17');
  await expect(stage.event('TimerFired')).toBeVisible();
  await worker.getByRole('button', { name: /^Restart/ }).click(); // 3: and the replay comes
  await expect(stage.ticks).toHaveCount(2);
  await expect(stage.zipper).toContainText('not sent');
  await expect(stage.calls('reserveStock')).toContainText('1×');
  const replayed = await stage.step();

  await page.getByRole('button', { name: 'Step back' }).click();
  await expect(stage.scrubber).toHaveValue(String(replayed - 1));
  await expect(stage.ticks).toHaveCount(0);

  await stage.goTo(replayed - 3);
  await worker.getByRole('button', { name: /^Crash/ }).click();
  await stage.expectState('worker-1', 'killed');
  await expect(stage.branches).toContainText('branches');
  await stage.branches.click();
  const menu = page.getByRole('menuitemradio');
  await expect(menu.filter({ hasText: 'undisturbed' })).toHaveCount(1);
  await expect(menu.filter({ hasText: `crashed at ${replayed - 3}` })).toHaveAttribute('aria-checked', 'true');
});

/** Moves the focus on with Tab until it is on what has this name. */
async function tabTo(page: Page, name: RegExp): Promise<void> {
  for (let n = 0; n < 120; n += 1) {
    await page.keyboard.press('Tab');
    // A page that is not drawn yet has nothing to focus: its body holds every text.
    const focused = await page.evaluate(() => (document.activeElement === document.body ? '' : (document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent ?? '')));
    if (name.test(focused)) return;
  }
  throw new Error(`Tab does not lead to ${String(name)}`);
}

test('by keyboard alone: landing, crash, restart, replay, step back, fork', async ({ page }) => {
  await page.goto('');
  await tabTo(page, /Watch a worker die/);
  await page.keyboard.press('Enter');
  const stage = new Stage(page);
  await stage.ready();
  await stage.stepUntil(stage.event('TimerStarted'));
  await page.keyboard.press('x');
  await stage.expectState('worker-1', 'killed');
  await page.keyboard.press('.');
  await page.keyboard.press('t');
  await stage.stepUntil(stage.event('TimerFired'));
  await tabTo(page, /^\s*Restart/); // as by R
  await page.keyboard.press('Enter');
  await stage.expectState('worker-1', /starting|running/);
  await page.keyboard.press('.');
  await stage.tasksUntil(stage.ticks.nth(1));
  await expect(stage.ticks).toHaveCount(2);
  await expect(stage.calls('reserveStock')).toContainText('1×');
  const replayed = await stage.step();
  await page.keyboard.press('PageUp');
  await expect(stage.scrubber).toHaveValue(String(replayed - 1));
  await page.keyboard.press('x');
  await expect(stage.branches).toContainText('4 branches');
  await page.keyboard.press('.');
  await page.keyboard.press('Control+k');
  await page.keyboard.type('undisturbed');
  await page.keyboard.press('Enter');
  await expect(stage.branches).toContainText('undisturbed');
  await page.keyboard.press('g');
  await page.keyboard.type('12');
  await page.keyboard.press('Enter');
  await expect(stage.scrubber).toHaveValue('12');
});
