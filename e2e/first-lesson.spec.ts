import { expect, Stage, test } from './helpers.ts';

test('by mouse: landing, crash, restart, replay, step back, fork', async ({ page }) => {
  await page.goto('');
  await page.getByRole('link', { name: 'Watch a worker die' }).click(); // 1
  const stage = new Stage(page);
  await expect(stage.event('TimerStarted')).toBeVisible({ timeout: 30_000 });
  const worker = stage.process('worker-1');
  await worker.getByRole('button', { name: /^Crash/ }).click(); // 2
  await stage.expectState('worker-1', 'killed');
  await expect(worker).toContainText('cache lost: order-17');
  await expect(stage.event('TimerFired')).toBeVisible({ timeout: 30_000 });
  await worker.getByRole('button', { name: /^Restart/ }).click(); // 3: and the replay comes
  await expect(stage.ticks).toHaveCount(2, { timeout: 30_000 });
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
