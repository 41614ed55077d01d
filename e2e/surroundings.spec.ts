import { expect, source, Stage, test } from './helpers.ts';

/** What is around the page: its host, the network, storage, the engine's worker. */

test('asks its own host only, from below its own path; the guard would notice', async ({ page, guard, baseURL }) => {
  const stage = await Stage.open(page, 'crash-and-replay');
  await stage.view('Sequence'); // mermaid comes late
  await expect(page.locator('svg[id^=diagram-]')).toBeAttached();
  await page.goto('#/scenarios');
  expect(guard.requests.length).toBeGreaterThan(10);
  expect(guard.requests.filter((url) => !url.startsWith(baseURL ?? '') && !/^(data|blob):/.test(url))).toEqual([]);
  expect(guard.requests.some((url) => url.endsWith('.wasm'))).toBe(true);

  guard.tolerated.push(/Content Security Policy/, /example\.org/);
  const refused = page.waitForEvent('console', (message) => message.text().includes('Content Security Policy'));
  await page.evaluate(() => fetch('https://example.org/').catch(() => {}));
  await refused;
});

test.describe('offline', () => {
  test.use({ serviceWorkers: 'allow' });
  test('after the first visit the page and its scenarios need no network', async ({ page, context }) => {
    await page.goto('');
    await page.evaluate(async () => {
      const { active } = await navigator.serviceWorker.ready; // installed: everything is in the cache
      if (active && active.state !== 'activated') await new Promise((resolve) => active.addEventListener('statechange', resolve, { once: true }));
    });
    await context.setOffline(true);
    await page.reload();
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
    const stage = await Stage.open(page, 'retry-policy'); // never opened before
    await page.keyboard.press('End');
    await expect(stage.status).toHaveAttribute('data-status', /COMPLETED|FAILED/);
    await stage.goTo(5);
    await stage.stepUntil(stage.process('worker-1'));
    const dialog = await stage.edit('worker-1'); // the compiler too
    await stage.write('workflows.ts', `${source('retry-policy', 'workflows.ts')}\nlet (`);
    await dialog.getByRole('button', { name: 'Deploy and restart' }).click();
    await expect(dialog.getByRole('alert')).toContainText(/workflows\.ts:\d+:\d+/, { timeout: 120_000 });
  });
});

test('an engine that breaks says so, and another one takes its place', async ({ page, guard }) => {
  const stage = await Stage.open(page, 'crash-and-replay', 'seed=3');
  await stage.toEvent('TimerStarted');
  const before = await stage.step();
  guard.tolerated.push(/the engine is on fire/);
  await page.workers()[0]?.evaluate(() => void setTimeout(() => { throw new Error('the engine is on fire'); }));
  const alert = page.getByRole('alert').filter({ hasText: 'The engine stopped' });
  await expect(alert).toContainText('the engine is on fire');
  await expect(stage.scrubber).toHaveValue(String(before)); // what is known can still be looked at
  await page.keyboard.press('ArrowLeft');
  await expect(stage.scrubber).toHaveValue(String(before - 1));
  await alert.getByRole('button', { name: 'Start it again' }).click();
  await expect(alert).toHaveCount(0);
  await stage.ready();
  await expect(page.getByLabel('Seed')).toHaveValue('3');
  await stage.toEvent('TimerStarted');
});

test('theme, language and large type are kept', async ({ page }) => {
  const stage = await Stage.open(page, 'data-processing');
  await page.keyboard.press('d');
  await page.getByRole('button', { name: 'Large type' }).click();
  await page.getByRole('button', { name: 'Deutsch' }).click();
  const root = page.locator('html');
  await page.reload();
  await stage.ready();
  await expect(root).toHaveAttribute('data-theme', 'light');
  await expect(root).toHaveAttribute('data-large', 'true');
  await expect(root).toHaveAttribute('lang', 'de');
  await expect(page.getByRole('tab', { name: 'Zustände' })).toBeVisible();
});

test('without storage everything works, for as long as the page is open', async ({ page }) => {
  await page.addInitScript(() => {
    for (const name of ['localStorage', 'indexedDB'])
      Object.defineProperty(window, name, {
        get() {
          throw new DOMException('storage is blocked', 'SecurityError');
        },
      });
  });
  const stage = await Stage.open(page, 'crash-and-replay');
  await page.keyboard.press('d');
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'light');
  await stage.stepUntil(stage.process('worker-1'));
  const dialog = await stage.edit('worker-1');
  await stage.write('workflows.ts', '// mine');
  await page.keyboard.press('Escape');
  await page.keyboard.press('Escape');
  await expect(dialog).toHaveCount(0);
  await stage.edit('worker-1');
  await expect(dialog.getByRole('textbox')).toContainText('// mine');
});
