// The page has to open quickly on a conference network: limits for what a first visit loads, in KB gz.
import { readFileSync, readdirSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { distDirectory } from './paths.mjs';

const limits = { entry: 450, largestScript: 1_600, everything: 9_000 };

/**
 * @returns {{ entry: number, scripts: number, largestScript: number, wasm: number, everything: number }} KB gz: the scripts and styles
 *   that index.html names, all scripts, the largest of them, all WebAssembly, all files
 */
export function measureSizes() {
  const html = readFileSync(`${distDirectory}/index.html`, 'utf8');
  const sizes = { entry: 0, scripts: 0, largestScript: 0, wasm: 0, everything: 0 };
  for (const entry of readdirSync(distDirectory, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || entry.name.endsWith('.map')) continue;
    const path = `${entry.parentPath}/${entry.name}`;
    const size = gzipSync(readFileSync(path)).length / 1024;
    sizes.everything += size;
    if (entry.name.endsWith('.wasm')) sizes.wasm += size;
    if (entry.name.endsWith('.js')) {
      sizes.scripts += size;
      sizes.largestScript = Math.max(sizes.largestScript, size);
    }
    if (/\.(js|css)$/.test(entry.name) && html.includes(`/${entry.name}"`)) sizes.entry += size;
  }
  for (const [name, size] of Object.entries(sizes)) sizes[name] = Math.round(size * 10) / 10;
  return sizes;
}

/** @throws {Error} naming each budget that is exceeded */
export function checkBudgets() {
  const sizes = measureSizes();
  const exceeded = Object.entries(limits).filter(([name, limit]) => sizes[name] > limit);
  process.stdout.write(`Sizes in KB gz: ${JSON.stringify(sizes)}\n`);
  if (exceeded.length > 0) {
    throw new Error(exceeded.map(([name, limit]) => `${name}: ${sizes[name]} KB gz, the budget is ${limit}`).join('\n'));
  }
}
