import type { Page } from '@playwright/test';
import { medianOf, type Measure } from './context.ts';

/** In Chromium, on the production build under a sub-path: events simulated per second in the Web Worker, and how soon a newcomer can step. */
export const measure: Measure = ({ withApp }) =>
  withApp(async ({ url, browser }) => {
    const load = async (page: Page, name: string, size: number): Promise<{ events: number; eventsPerSecond: number }> => {
      const query = new URLSearchParams({ load: `bench-${name}`, first: '1', seeds: '6', args: String(size) });
      await page.goto('about:blank'); // else the address of the same page would only change its hash
      await page.goto(`${url}#/bench/${query.toString()}`);
      await page.locator('[data-testid=bench][data-done=true]').waitFor({ timeout: 600_000 });
      const row = page.locator(`[data-load=bench-${name}]`);
      return { events: Number(await row.getAttribute('data-events')), eventsPerSecond: Number(await row.getAttribute('data-per-second')) };
    };
    const page = await browser.newPage();
    const worker = {
      sequential: await load(page, 'sequential', 2_000),
      concurrent: await load(page, 'concurrent', 200),
      timers: await load(page, 'timers', 2_000),
      'fan-out': await load(page, 'fan-out', 20),
    };
    await page.close();
    /** From navigation to a scenario until the first step forward is on the screen; "again" with the browser's cache filled. */
    const firstStep = (warm: boolean) => async (): Promise<number> => {
      const context = await browser.newContext();
      const visit = async (): Promise<number> => {
        const visited = await context.newPage();
        const started = performance.now();
        await visited.goto(`${url}#/s/data-processing`);
        const forward = visited.getByTestId('forward');
        const back = visited.getByTestId('back');
        await forward.waitFor({ timeout: 120_000 });
        // Stepping back is possible when a step has been made.
        while (await back.isDisabled()) {
          await forward.click();
          await visited.waitForTimeout(10);
        }
        const took = performance.now() - started;
        await visited.close();
        return took;
      };
      const cold = await visit();
      const result = warm ? await visit() : cold;
      await context.close();
      return result;
    };
    return { eventsPerSecond: worker, firstUsableStepMs: await medianOf(5, firstStep(false)), firstUsableStepAgainMs: await medianOf(5, firstStep(true)) };
  });
