import { Client } from '@temporalio/client';
import { example } from './workflows.js';

const client = new Client();
const result = await client.workflow.execute(example, { taskQueue: 'esm', workflowId: 'esm-1', args: ['ESM'] });
console.log(result, import.meta.url.endsWith('/src/client.ts'));
