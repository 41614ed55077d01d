// One benchmark in a process of its own: node bench-child.mjs <bundle>. The result goes to file descriptor 3 as JSON, so that whatever
// the benchmark or a package prints is not in its way.
import { spawnSync } from 'node:child_process';
import { writeSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { chromium } from '@playwright/test';
import { serveDist } from '../serve.mjs';
import { root } from './paths.mjs';

const context = {
  root,
  async withApp(task) {
    if (process.env.BENCH_WITHOUT_BROWSER) throw new Error('this benchmark needs a browser');
    buildApp();
    const server = await serveDist({ base: '/some/sub-path/' });
    const browser = await chromium.launch(process.env.CHROMIUM_PATH ? { executablePath: process.env.CHROMIUM_PATH } : {});
    try {
      return await task({ url: server.url, browser });
    } finally {
      await browser.close();
      await server.close();
    }
  },
  buildApp,
};

const { measure } = await import(pathToFileURL(`${root}/${process.argv[2]}`).href);
writeSync(3, JSON.stringify(await measure(context)));

function buildApp() {
  const { status } = spawnSync(process.execPath, ['scripts/build.mjs'], { cwd: root, stdio: ['ignore', 'ignore', 2] });
  if (status !== 0) throw new Error('the production build failed');
}
