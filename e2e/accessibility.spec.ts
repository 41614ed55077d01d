import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { expect, Stage, test } from './helpers.ts';

/** Every rule that axe has, by the standards' tags: those that it checks by itself and those that it leaves to be asked for. */
const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22a', 'wcag22aa', 'section508', 'EN-301-549', 'best-practice'];

async function expectAccessible(page: Page, what: string): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).withTags(tags).analyze();
  const said = violations.map(({ id, nodes }) => `${id}: ${nodes.slice(0, 5).map((node) => `${node.target.join(' ')} (${node.any[0]?.message ?? node.failureSummary})`).join(' | ')}`);
  expect.soft(said, what).toEqual([]);
}

for (const locale of ['en-US', 'de-DE'])
  for (const colorScheme of ['dark', 'light'] as const)
    test.describe(`${locale}, ${colorScheme}`, () => {
      test.use({ locale, colorScheme, contextOptions: { reducedMotion: 'reduce' } }); // colours half-way through a fade are nobody's

      test('axe finds nothing on landing, crashed, mid-replay and in dialogs', async ({ page }) => {
        await page.goto('');
        await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
        await expect(page.locator('html')).toHaveAttribute('data-theme', colorScheme);
        await expect(page.locator('html')).toHaveAttribute('lang', locale.slice(0, 2));
        await expectAccessible(page, 'landing');
        await page.goto('#/scenarios');
        await expectAccessible(page, 'scenarios');

        const stage = await Stage.open(page, 'crash-and-replay');
        await stage.crashAtTimer();
        await expectAccessible(page, 'crashed');
        await stage.restartAndReplay();
        await expectAccessible(page, 'mid-replay');
        for (const tab of await page.getByRole('tab').all()) {
          await tab.click();
          await expect(page.getByRole('tabpanel')).not.toContainText(/Loading|Drawing|Lädt|Zeichnet/);
          await expectAccessible(page, `view ${await tab.textContent()}`);
        }
        await page.keyboard.press('?');
        await expect(page.getByRole('dialog')).toBeVisible();
        await expectAccessible(page, 'help');
        await page.keyboard.press('Escape');
        await page.keyboard.press('Control+k');
        await expect(page.getByRole('dialog')).toBeVisible();
        await expectAccessible(page, 'palette');
        await page.keyboard.press('Escape');
        await page.getByRole('button', { name: /^(Import a history file|History-Datei importieren)$/ }).click();
        await page.locator('input[type=file]').setInputFiles('conformance/goldens/crash-and-replay/history.order-17.json');
        await expect(page.getByTestId('imported').getByRole('row').first()).toBeVisible();
        await expect(page.getByTestId('imported').locator('canvas')).toBeVisible();
        await expectAccessible(page, 'imported history');
        await page.keyboard.press('Escape');
      });
    });

test('a phone of 390 × 844 shows every pane without scrolling sideways', async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  const fits = async (what: string) => expect.soft(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), what).toBeLessThanOrEqual(0);
  await page.goto('');
  await fits('landing');
  await page.goto('#/scenarios');
  await fits('scenarios');
  await Stage.open(page, 'crash-and-replay');
  await page.keyboard.press('End');
  for (const pane of ['Guide', 'What can die', 'What remains', 'Views']) {
    await page.getByRole('tab', { name: pane }).click();
    await fits(pane);
  }
  await page.goto('#/bench');
  await fits('bench');
});

test('the focus is never lost: crash and restart, the last page, a closed dialog', async ({ page }) => {
  const stage = await Stage.open(page, 'data-processing');
  await page.keyboard.press('End');
  for (const process of ['worker-1', 'warehouse']) {
    for (const [from, to] of [
      ['Crash', 'Restart'],
      ['Restart', 'Crash'],
    ] as const) {
      await stage.process(process).getByRole('button', { name: from }).focus();
      await page.keyboard.down('Enter');
      await expect(stage.process(process).getByRole('button', { name: to })).toBeFocused();
      await page.keyboard.down('Enter'); // held down: repeats, and does nothing more
      await page.keyboard.up('Enter');
      await expect(stage.process(process).getByRole('button', { name: to })).toBeFocused();
    }
  }
  await page.getByRole('button', { name: 'Help and keys' }).focus();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('dialog')).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('button', { name: 'Help and keys' })).toBeFocused();

  const guide = page.getByTestId('guide');
  for (let n = 0; n < 7; n += 1) await guide.getByRole('button', { name: 'Next' }).click();
  await expect(guide.getByRole('heading', { level: 1, name: 'Seventeen events' })).toBeFocused();
  await guide.getByRole('link', { name: /^Next scenario/ }).click();
  await expect(guide.getByRole('heading', { level: 1 })).toHaveText('Place your bet');
  await expect(page).toHaveTitle(/A crash that loses nothing/);
});

test('a phone, and a trainer who presents, can choose the variant that the lesson asks for', async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  const stage = await Stage.open(page, 'retry-policy');
  const variants = page.getByRole('combobox', { name: 'Variant' });
  await variants.dispatchEvent('pointerdown'); // by finger or mouse: after that the keys are the stage's again
  await variants.selectOption({ label: 'At most 3 attempts' });
  await expect(page).toHaveURL(/variant=limited/);
  await page.keyboard.press('End');
  await expect(stage.status).toHaveAttribute('data-status', 'FAILED');

  await page.setViewportSize({ width: 1366, height: 768 });
  await page.getByRole('button', { name: /^Present/ }).click();
  await page.keyboard.press('Control+k');
  await page.keyboard.type('Every 3');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/variant=constant/);
  await page.keyboard.press('End');
  await expect(stage.status).toHaveAttribute('data-status', 'COMPLETED');
});
