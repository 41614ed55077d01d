import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { TemplateName, Vm } from '../api/sandbox.ts';
import { nodeSandbox, projectRoot } from './engine.ts';
import { runProject } from './run.ts';

/** Bytes outside the JavaScript heap: the memory of the VMs above all. */
const external = (): number => process.memoryUsage().external;

it('run after run takes no more memory: VMs are given back, killed ones too', async () => {
  const dir = join(projectRoot(), 'src/scenarios/crash-and-replay/project');
  const run = (seed: number) =>
    runProject({ dir, seed, faults: seed % 2 === 0 ? [] : [{ when: { step: 30 }, do: { kill: 'worker-1' } }, { when: { at: '1s' }, do: { start: 'worker-1' } }] });
  for (let seed = 1; seed <= 4; seed++) await run(seed);
  const before = external();
  for (let seed = 5; seed <= 24; seed++) await run(seed);
  expect(external() - before).toBeLessThan(20e6); // a VM is 16 MB
}, 120_000);

it('a worker that runs many activities keeps nothing of them', async () => {
  const { pool } = await nodeSandbox();
  const taken: { template: TemplateName; vm: Vm }[] = [];
  const acquire = pool.acquire.bind(pool);
  pool.acquire = (template) => {
    const vm = acquire(template);
    taken.push({ template, vm });
    return vm;
  };
  const heap: number[] = [];
  let steps = 0;
  try {
    await runProject({
      dir: join(projectRoot(), 'bench/projects/sequential'), clientArgs: ['800'],
      onStep() {
        if (++steps % 250 === 0) heap.push(taken[0]!.vm.heapBytes());
      },
    });
  } finally {
    pool.acquire = acquire;
  }
  expect(taken[0]!.template).toBe('process');
  // Garbage in cycles comes and goes with the collector; what stayed of each activity would add up to 800 times 6 KB.
  expect(Math.max(...heap)).toBeLessThan(16e6);
  expect(Math.min(...heap.slice(-8))).toBeLessThan(Math.min(...heap.slice(0, 8)) + 3e6);
}, 120_000);
