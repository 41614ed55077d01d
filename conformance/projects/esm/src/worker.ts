import { fileURLToPath, URL } from 'node:url';
import { Worker } from '@temporalio/worker';
import * as activities from './activities.js';

const worker = await Worker.create({
  workflowsPath: fileURLToPath(new URL('./workflows.ts', import.meta.url)),
  activities,
  taskQueue: 'esm',
});
await worker.run();
