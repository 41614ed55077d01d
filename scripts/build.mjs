// `npm run build`: the web app, ready to be put on any static host, at any path.
import { ensureInstalled } from './lib/install.mjs';
import { root } from './lib/paths.mjs';

ensureInstalled();
const { prepare } = await import('./prepare.mjs');
await prepare();
const { build } = await import('vite');
await build({ root });
const { checkBudgets } = await import('./lib/budgets.mjs');
checkBudgets();
