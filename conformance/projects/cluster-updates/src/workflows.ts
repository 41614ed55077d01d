import { allHandlersFinished, ApplicationFailure, condition, continueAsNew, defineQuery, defineSignal, defineUpdate, proxyActivities, setHandler, workflowInfo } from '@temporalio/workflow';
import type * as activities from './activities';
import { Lock } from './lock';

const { assignNodes } = proxyActivities<typeof activities>({ startToCloseTimeout: '10s' });

export interface ClusterState {
  nodes: Record<string, string | null>;
  jobs: string[];
}

export const startCluster = defineSignal('startCluster');
export const shutdownCluster = defineSignal('shutdownCluster');
export const assignNodesToJob = defineUpdate<string[], [{ job: string; count: number }]>('assignNodesToJob');
export const status = defineQuery<ClusterState>('status');

export async function clusterManager(state: ClusterState = { nodes: { n1: null, n2: null, n3: null }, jobs: [] }): Promise<ClusterState> {
  const lock = new Lock();
  let started = false;
  let shutdown = false;
  setHandler(startCluster, () => void (started = true));
  setHandler(shutdownCluster, () => void (shutdown = true));
  setHandler(status, () => state);
  setHandler(
    assignNodesToJob,
    async ({ job, count }) => {
      await condition(() => started);
      // Two of these must not look for free nodes at the same time.
      return lock.runExclusive(async () => {
        if (state.jobs.includes(job)) return nodesOf(state, job);
        const free = Object.keys(state.nodes).filter((node) => state.nodes[node] === null);
        if (free.length < count) throw ApplicationFailure.nonRetryable(`only ${free.length} nodes are free`, 'NotEnoughNodes');
        const chosen = free.slice(0, count);
        await assignNodes(job, chosen);
        for (const node of chosen) state.nodes[node] = job;
        state.jobs.push(job);
        return chosen;
      });
    },
    {
      validator: ({ count }) => {
        if (count <= 0) throw new Error('count has to be positive');
      },
    },
  );
  await condition(() => shutdown || workflowInfo().continueAsNewSuggested);
  await condition(allHandlersFinished);
  if (!shutdown) await continueAsNew<typeof clusterManager>(state);
  return state;
}

const nodesOf = (state: ClusterState, job: string): string[] => Object.keys(state.nodes).filter((node) => state.nodes[node] === job);
