// `npm run check`: everything that needs no run.
import { ensureInstalled } from './lib/install.mjs';
import { formatScore, runStages } from './lib/stages.mjs';
import { staticChecks } from './lib/static-checks.mjs';

ensureInstalled();
const { prepare } = await import('./prepare.mjs');
await prepare();
const score = await runStages(staticChecks);
process.stdout.write(`\n${formatScore(score)}\n`);
process.exitCode = score.failed === 0 ? 0 : 1;
