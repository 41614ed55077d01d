import { startActivity } from '../history/activity.ts';
import { activityTask } from '../history/activity-task.ts';
import { commit, endsAtLimit } from '../history/commit.ts';
import { wake } from '../history/external.ts';
import { scalingDecision, type Deliver } from '../matching/task-queue.ts';
import { newId, ok } from '../service.ts';
import { neededTransition } from './deployments.ts';
import { deliverWorkflowTask } from './workflow-tasks.ts';

/** Hands any kind of task to a poller: records its start in history first. */
export const deliverTask: Deliver = (svc, queue, task, poller, backlog) => (task.kind === 'activityTask' ? deliverActivityTask(svc, queue, task, poller, backlog) : deliverWorkflowTask(svc, queue, task, poller, backlog));

const deliverActivityTask: Deliver = (svc, queue, task, poller) => {
  const run = svc.state.runs[task.runId];
  if (!run || task.kind !== 'activityTask' || run.closedAt !== null) return 'obsolete';
  const activity = run.activities[task.scheduledEventId];
  if (!activity || activity.stamp !== task.stamp || activity.startedEventId !== 0 || activity.paused) return 'obsolete';
  const transition = neededTransition(svc, run, poller.deployment, activity.taskQueue);
  if (transition && run.versioning) {
    // The task comes again once a Workflow Task has completed on that version.
    if (!run.versioning.transition) {
      run.versioning.transition = transition;
      run.sticky = null;
      wake(svc, run);
    }
    return 'obsolete';
  }
  if (endsAtLimit(svc, run, 0)) {
    commit(svc, run);
    return 'obsolete';
  }
  startActivity(svc, run, activity, {
    requestId: newId(svc), identity: poller.identity,
    deploymentVersion: poller.deployment?.versioned ? { deploymentName: poller.deployment.deploymentName, buildId: poller.deployment.buildId } : null,
  });
  commit(svc, run);
  ok(svc, poller.callId, { ...activityTask(run, activity), ...scalingDecision(svc, queue, poller) });
  return 'delivered';
};
