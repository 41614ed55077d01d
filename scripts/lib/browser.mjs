// Finds a Chromium by launching it: a file that exists proves nothing. Order: CHROMIUM_PATH (exclusively, if set), Playwright's own
// download, a system browser, a new download, the Debian package.
import { spawnSync } from 'node:child_process';
import { chromium } from '@playwright/test';
import { root } from './paths.mjs';

const systemBrowsers = {
  linux: ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'microsoft-edge'],
  darwin: [
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    '/Applications/Chromium.app/Contents/MacOS/Chromium',
    '/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge',
  ],
  win32: [
    String.raw`C:\Program Files\Google\Chrome\Application\chrome.exe`,
    String.raw`C:\Program Files (x86)\Google\Chrome\Application\chrome.exe`,
    String.raw`C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe`,
  ],
};

/**
 * @returns {Promise<{ executablePath: string | undefined }>} the browser that starts; undefined means Playwright's own
 * @throws {Error} with every attempt and why it failed
 */
export async function findBrowser() {
  const attempts = [];
  const launches = async (what, executablePath) => {
    try {
      const browser = await chromium.launch(executablePath === undefined ? {} : { executablePath });
      await (await browser.newPage()).close();
      await browser.close();
      return true;
    } catch (error) {
      attempts.push(`${what}: ${String(error instanceof Error ? error.message : error).split('\n')[0]}`);
      return false;
    }
  };
  const systemBrowser = async () => {
    for (const candidate of systemBrowsers[process.platform] ?? []) {
      const path = candidate.includes('/') || candidate.includes('\\') ? candidate : onPath(candidate);
      if (path !== undefined && (await launches(path, path))) return { executablePath: path };
    }
    return undefined;
  };

  const given = process.env.CHROMIUM_PATH;
  if (given) {
    if (await launches('CHROMIUM_PATH', given)) return { executablePath: given };
    throw noBrowser(attempts);
  }
  if (await launches("Playwright's own", undefined)) return { executablePath: undefined };
  const system = await systemBrowser();
  if (system !== undefined) return system;

  if (run(process.execPath, ['node_modules/@playwright/test/cli.js', 'install', 'chromium'])) {
    if (await launches("Playwright's download", undefined)) return { executablePath: undefined };
  } else attempts.push('playwright install chromium: failed');

  if (onPath('apt-get') !== undefined && process.getuid?.() === 0) {
    if (run('apt-get', ['update']) && run('apt-get', ['install', '-y', '--no-install-recommends', 'chromium'])) {
      const installed = await systemBrowser();
      if (installed !== undefined) return installed;
    } else attempts.push('apt-get install chromium: failed');
  }
  throw noBrowser(attempts);
}

function noBrowser(attempts) {
  return new Error(`No Chromium can be started. Set CHROMIUM_PATH to one that can. Tried:\n  ${attempts.join('\n  ')}`);
}

function onPath(name) {
  const { status, stdout } = spawnSync(process.platform === 'win32' ? 'where' : 'which', [name], { encoding: 'utf8' });
  return status === 0 ? stdout.split(/\r?\n/)[0] : undefined;
}

function run(command, args) {
  process.stderr.write(`Looking for a browser: ${command} ${args.join(' ')}\n`);
  return spawnSync(command, args, { cwd: root, stdio: ['ignore', 2, 2] }).status === 0;
}
