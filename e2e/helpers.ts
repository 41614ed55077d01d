import { readFileSync } from 'node:fs';
import { expect, test as base, type Locator, type Page } from '@playwright/test';

/**
 * What all specs use. `test` comes with a guard: a page that asks another host for anything, that breaks its own Content Security
 * Policy, throws, or logs an error, fails its test. Texts are the English ones; roles and names are preferred to CSS, so that the look
 * may change.
 */
export const test = base.extend<{ guard: Guard }>({
  guard: [
    async ({ context, baseURL }, use) => {
      const guard: Guard = { requests: [], problems: [], tolerated: [] };
      const own = new URL(baseURL ?? '').origin;
      context.on('request', (request) => {
        const url = request.url();
        guard.requests.push(url);
        if (!/^(data|blob):/.test(url) && new URL(url).origin !== own) guard.problems.push(`asked another host: ${url}`);
      });
      // A violated policy is logged as an error too.
      context.on('console', (message) => {
        if (message.type() === 'error') guard.problems.push(`console: ${message.text()}`);
      });
      context.on('weberror', (error) => guard.problems.push(`thrown: ${error.error().message}`));
      await use(guard);
      expect(guard.problems.filter((problem) => !guard.tolerated.some((pattern) => pattern.test(problem)))).toEqual([]);
    },
    { auto: true },
  ],
});

export interface Guard {
  /** Every address that was asked for, in order. */
  readonly requests: string[];
  readonly problems: string[];
  /** Problems that a test provokes on purpose. */
  readonly tolerated: RegExp[];
}

export { expect };

/** A file of a scenario's project, as shipped. */
export const source = (slug: string, file: string): string => readFileSync(`src/scenarios/${slug}/project/${file}`, 'utf8');

/** The stage: what a learner sees and does once a scenario is open. */
export class Stage {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  /** Opens a scenario; `where` is what an address may say: `seed=7&step=41`. */
  static async open(page: Page, slug: string, where = ''): Promise<Stage> {
    await page.goto(`#/s/${slug}${where === '' ? '' : `/${where}`}`);
    const stage = new Stage(page);
    await stage.ready();
    return stage;
  }

  /** The engine has computed all that it will without being asked. */
  async ready(): Promise<void> {
    let before = 0;
    const rests = async (): Promise<boolean> => {
      const last = before;
      before = await this.head();
      return before > 20 && before === last;
    };
    await expect.poll(rests, { intervals: [250] }).toBe(true);
  }

  get scrubber(): Locator {
    return this.page.getByRole('slider', { name: /^(Step|Schritt)$/ });
  }

  async step(): Promise<number> {
    return Number(await this.scrubber.inputValue());
  }

  /** The last step known on any branch. */
  async head(): Promise<number> {
    return Number(await this.scrubber.getAttribute('max'));
  }

  /** Scrubs to a step. */
  async goTo(step: number): Promise<void> {
    await this.scrubber.fill(String(step));
    await expect(this.scrubber).toHaveValue(String(step));
  }

  /** A crash in the minute in which the order waits, then the restart, and on to the replay; works in every language. */
  async crashAtTimer(): Promise<void> {
    await this.toEvent('TimerStarted');
    await this.page.keyboard.press('x');
    await this.expectState('worker-1', 'killed');
    await this.page.keyboard.press('.'); // the lesson would play on by itself
  }

  async restartAndReplay(): Promise<void> {
    await this.page.keyboard.press('t');
    await this.stepUntil(this.event('TimerFired'));
    await this.page.keyboard.press('r');
    await this.expectState('worker-1', /starting|running/);
    await this.page.keyboard.press('.');
    await this.tasksUntil(this.page.locator('[data-match=matched]').nth(1));
  }

  /** Goes to the step that wrote an event of the run as it ends: End, the event's row, its button. */
  async toEvent(type: string): Promise<void> {
    await this.page.keyboard.press('End');
    await this.event(type).getByRole('button').first().click();
    await this.event(type).getByRole('button', { name: /Go to step|Schritt/ }).click();
    await this.event(type).getByRole('button').first().click(); // folded again
  }

  /** Goes from Workflow Task to Workflow Task until the locator is there. */
  async tasksUntil(what: Locator, limit = 8): Promise<void> {
    for (let n = 0; n < limit; n += 1) {
      if (await what.isVisible()) return;
      await this.page.keyboard.press('Shift+ArrowRight');
      await what.waitFor({ state: 'visible', timeout: 1_500 }).catch(() => {}); // the next one would be gone past
    }
    await expect(what).toBeVisible();
  }

  /** Steps on until the locator is there. */
  async stepUntil(what: Locator, limit = 200): Promise<void> {
    for (let n = 0; n < limit; n += 1) {
      if (await what.isVisible()) return;
      await this.page.keyboard.press('ArrowRight');
    }
    throw new Error(`${limit} steps on, there is no ${String(what)}`);
  }

  /** A worker, a client or an external service, by its id. */
  process(id: string): Locator {
    return this.page.getByRole('region', { name: id, exact: true });
  }

  async expectState(id: string, state: string | RegExp): Promise<void> {
    await expect(this.process(id)).toHaveAttribute('data-state', state);
  }

  /** An event in the Event History, by its type. */
  event(type: string): Locator {
    return this.page.locator('[data-event]').filter({ hasText: type }).last();
  }

  /** How often an activity's body ran, as the zipper counts. */
  calls(activity: string): Locator {
    return this.page.locator(`[data-calls=${activity}]`);
  }

  get zipper(): Locator {
    return this.page.getByRole('table', { name: 'Replay zipper' });
  }

  get ticks(): Locator {
    return this.zipper.getByLabel('matches');
  }

  get status(): Locator {
    return this.page.getByTestId('run-status');
  }

  get branches(): Locator {
    return this.page.getByTestId('branches');
  }

  /** Opens the editor on the code of a process. */
  async edit(process: string): Promise<Locator> {
    await this.process(process).getByRole('button', { name: 'Edit code and deploy' }).click();
    return this.page.getByRole('dialog', { name: 'Edit code and deploy' });
  }

  /** Writes a file anew in the open editor. */
  async write(file: string, text: string): Promise<void> {
    const dialog = this.page.getByRole('dialog', { name: 'Edit code and deploy' });
    await dialog.getByRole('button', { name: file }).click();
    await dialog.getByRole('textbox', { name: `Source of ${file}` }).fill(text);
  }

  async view(name: 'Replay' | 'Sequence' | 'Timeline' | 'States' | 'Metrics' | 'Explain'): Promise<void> {
    const tab = this.page.getByRole('tab', { name, exact: true });
    await tab.click();
    await tab.blur(); // arrows go from tab to tab while one has the focus
  }
}

/** Runs a load on the bench page (`#/bench`, src/ui/app/bench.tsx) and reads what it found; the first run warms up. */
export async function bench(page: Page, load: string, options: { first?: number; seeds?: number; args?: string } = {}): Promise<{ hashes: string[]; events: number; eventsPerSecond: number }> {
  const query = new URLSearchParams({ load, first: String(options.first ?? 1), seeds: String(options.seeds ?? 20), ...(options.args === undefined ? {} : { args: options.args }) });
  await page.goto('about:blank'); // else a second address of the same page would only change the hash
  await page.goto(`#/bench/${query.toString()}`);
  await expect(page.locator('[data-testid=bench][data-done=true]')).toBeVisible({ timeout: 600_000 });
  const row = page.locator(`[data-load=${load}]`);
  const text = (await page.locator(`[data-hashes=${load}]`).textContent()) ?? '';
  return {
    hashes: text.split('\n').map((line) => line.split(' ')[1] ?? ''),
    events: Number(await row.getAttribute('data-events')),
    eventsPerSecond: Number(await row.getAttribute('data-per-second')),
  };
}
