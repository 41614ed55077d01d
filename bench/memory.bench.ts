import { must } from '../src/base/assert.ts';
import type { Measure } from './context.ts';
import { compileBench, simulate } from './simulation.ts';

/** Memory that a workflow takes which waits in the worker's cache, in KB: in its VM, and in the heap of Node for everything around it. */
export const measure: Measure = async ({ root }) => {
  const project = compileBench(root, 'waiting');
  const memory = async (workflows: number): Promise<{ vm: number; node: number }> => {
    let vm = 0;
    let node = 0;
    await simulate(project, workflows, {
      atEnd: (vms) => {
        vm = must(vms[0], 'a workflow VM').heapBytes();
        globalThis.gc?.();
        node = process.memoryUsage().heapUsed;
      },
    });
    return { vm, node };
  };
  await memory(10);
  const few = await memory(100);
  const many = await memory(600);
  const each = (a: number, b: number): number => Math.round((b - a) / 500 / 102.4) / 10;
  return { cachedWorkflows: 600, vmKbEach: each(few.vm, many.vm), nodeKbEach: each(few.node, many.node) };
};
