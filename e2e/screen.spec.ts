import { expect, Stage, test } from './helpers.ts';

/** What a class sees: on a projector, with larger type, by mouse and clicker in turns. */

test.describe('on a projector of 1280 × 720', () => {
  test.use({ viewport: { width: 1280, height: 720 }, contextOptions: { reducedMotion: 'reduce' } });

  test('the way on stays in sight beside a long text, and the crashed worker keeps its button in its first line', async ({ page }) => {
    const stage = await Stage.open(page, 'crash-and-replay');
    const next = page.getByTestId('guide').getByRole('button', { name: 'Next' });
    await expect(next).toBeInViewport();
    await stage.crashAtTimer();
    await expect(next).toBeInViewport();
    const worker = stage.process('worker-1');
    const [name, restart] = [await worker.getByRole('heading').boundingBox(), await worker.getByRole('button', { name: 'Restart' }).boundingBox()];
    expect(Math.abs(name!.y + name!.height / 2 - (restart!.y + restart!.height / 2))).toBeLessThan(6);
  });

  test('a button pressed by mouse gives Space back to the stage', async ({ page }) => {
    const stage = await Stage.open(page, 'crash-and-replay');
    await stage.toEvent('TimerStarted');
    await stage.process('worker-1').getByRole('button', { name: 'Crash' }).click();
    await stage.expectState('worker-1', 'killed');
    await page.keyboard.press('.');
    const before = await stage.step();
    await page.keyboard.press('Space'); // would press Restart, which stands where Crash was
    await expect.poll(() => stage.step()).toBe(before + 1);
    await stage.expectState('worker-1', 'killed');
    await page.getByRole('button', { name: /^Present/ }).click();
    await page.keyboard.press('Space');
    await expect(page.getByTestId('guide-bar')).toBeVisible();
    await expect(page.getByRole('combobox', { name: 'Variant' })).toBeVisible(); // the lessons ask for it
  });

  test('who has set type of twice the size gets twice the size, and one pane at a time', async ({ page }) => {
    await Stage.open(page, 'crash-and-replay');
    const size = () => page.evaluate(() => parseFloat(getComputedStyle(document.documentElement).fontSize));
    const before = await size();
    const cdp = await page.context().newCDPSession(page);
    await cdp.send('Page.setFontSizes', { fontSizes: { standard: 32 } });
    await page.reload();
    await expect(page.getByRole('tab', { name: 'What can die' })).toBeVisible();
    expect(await size()).toBe(before * 2);
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
  });
});

test('a view of 1024 × 768 breaks no name of the zipper inside a word', async ({ page }) => {
  await page.setViewportSize({ width: 1024, height: 768 });
  const stage = await Stage.open(page, 'crash-and-replay');
  await page.keyboard.press('End');
  await stage.view('Replay');
  const broken = await stage.zipper.getByRole('cell').evaluateAll((cells) =>
    cells.flatMap((cell) => {
      const walker = document.createTreeWalker(cell, NodeFilter.SHOW_TEXT);
      const found: string[] = [];
      for (let node = walker.nextNode(); node; node = walker.nextNode())
        for (const word of (node.textContent ?? '').matchAll(/\w+/g)) {
          const range = document.createRange();
          range.setStart(node, word.index);
          range.setEnd(node, word.index + word[0].length);
          if (range.getClientRects().length > 1) found.push(word[0]);
        }
      return found;
    }),
  );
  expect(broken).toEqual([]);
});
