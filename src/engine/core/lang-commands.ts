import type { ContinueAsNewWorkflowExecution, Payload, QueryResult, ScheduleLocalActivity, WorkflowCommand } from '../../api/proto.ts';
import type { CodePosition } from '../../api/sandbox.ts';
import type { Timestamp } from '../../base/brand.ts';
import { compareText } from '../../base/compare.ts';
import { formatTimestamp } from '../../base/time.ts';
import { continueAsNew, requestCancelExternal, scheduleActivityTask, signalExternal, startChildWorkflow, usesCompatibleVersion } from './commands.ts';
import { FatalMachinesError } from './errors.ts';
import { CoreFlag, tryUse } from './flags.ts';
import { patchMarkerAttributes, VERSION_SEARCH_ATTRIBUTE, versionSearchAttribute } from './markers.ts';
import { cancelActivity, type ActivityMachine } from './machines/activity.ts';
import { cancelChildWorkflow, type ChildWorkflowMachine } from './machines/child-workflow.ts';
import type { CloseMachine } from './machines/close.ts';
import { cancelSignal, type SignalExternalMachine } from './machines/external.ts';
import { cancelLocalActivity, type LocalActivityMachine } from './machines/local-activity.ts';
import { annotated, type Annotations } from './machines/machine.ts';
import { scheduled, type Machine } from './machines/index.ts';
import { respondToUpdate } from './machines/update.ts';
import { cancelTimer, type TimerMachine } from './machines/timer.ts';
import { addCommand, findMachine, respond, type WorkflowMachines } from './workflow-machines.ts';

/** A command of the workflow code and the line that made it. */
export interface PositionedCommand {
  readonly command: WorkflowCommand;
  readonly position: CodePosition | null;
}

/** Commands in the order in which they count, and answers to queries. */
export interface Preprocessed {
  readonly commands: readonly PositionedCommand[];
  readonly queryResults: readonly QueryResult[];
}

const isTerminal = (c: WorkflowCommand): boolean =>
  c.completeWorkflowExecution !== undefined || c.failWorkflowExecution !== undefined || c.cancelWorkflowExecution !== undefined || c.continueAsNewWorkflowExecution !== undefined;

/**
 * Takes answers to queries out and puts the first command that ends the run behind all others, so that those still count. Old
 * histories were made differently: what came after the ending command was dropped.
 */
export function preprocess(m: WorkflowMachines, all: readonly PositionedCommand[]): Preprocessed {
  const old = m.replaying && !tryUse(m.flags, CoreFlag.MoveTerminalCommands, false);
  const queryResults: QueryResult[] = [];
  const commands: PositionedCommand[] = [];
  let terminal: PositionedCommand | null = null;
  for (const positioned of all) {
    const { command } = positioned;
    if (command.respondToQuery) queryResults.push(command.respondToQuery);
    else if (old && terminal !== null) continue;
    else if (isTerminal(command)) terminal ??= positioned;
    else commands.push(positioned);
  }
  if (terminal !== null) commands.push(terminal);
  return { commands, queryResults };
}

/** Makes machines of the code's commands. `now` is the worker's clock. */
export function handleLangCommands(m: WorkflowMachines, commands: readonly PositionedCommand[], now: Timestamp): void {
  for (const { command, position } of commands) {
    const annotations: Annotations = { userMetadata: command.userMetadata, eventGroupMarkers: command.eventGroupMarkers };
    handleLangCommand(m, command, position, annotations, now);
  }
}

function handleLangCommand(m: WorkflowMachines, c: WorkflowCommand, position: CodePosition | null, annotations: Annotations, now: Timestamp): void {
  if (c.scheduleActivity) {
    const attributes = c.scheduleActivity;
    const seq = attributes.seq ?? 0;
    const machine: ActivityMachine = {
      kind: 'activity', state: 'Created', position, attributes, seq, cancellationType: attributes.cancellationType ?? 'TRY_CANCEL', scheduledEventId: 0,
      cancelledBeforeSent: false, annotations,
    };
    const compatible = usesCompatibleVersion(attributes.versioningIntent, attributes.taskQueue, m.taskQueue);
    addCommand(m, machine, annotated(scheduleActivityTask(attributes, compatible), annotations), 'Activity', seq);
    m.recorder.waiting.push(machine);
  } else if (c.startTimer) {
    const seq = c.startTimer.seq ?? 0;
    const machine: TimerMachine = { kind: 'timer', state: 'Created', position, attributes: c.startTimer, seq, cancelledBeforeSent: false, annotations };
    const command = { commandType: 'COMMAND_TYPE_START_TIMER' as const, startTimerCommandAttributes: { timerId: String(seq), startToFireTimeout: c.startTimer.startToFireTimeout } };
    addCommand(m, machine, annotated(command, annotations), 'Timer', seq);
    m.recorder.waiting.push(machine);
  } else if (c.cancelTimer) {
    const machine = findMachine(m, 'Timer', c.cancelTimer.seq ?? 0) as TimerMachine;
    respond(m, machine, cancelTimer(machine, annotations));
  } else if (c.requestCancelActivity) {
    const machine = findMachine(m, 'Activity', c.requestCancelActivity.seq ?? 0) as ActivityMachine;
    respond(m, machine, cancelActivity(machine, annotations));
  } else if (c.scheduleLocalActivity) addLocalActivity(m, c.scheduleLocalActivity, position, annotations, now);
  else if (c.requestCancelLocalActivity) {
    const machine = findMachine(m, 'LocalActivity', c.requestCancelLocalActivity.seq ?? 0) as LocalActivityMachine;
    respond(m, machine, cancelLocalActivity(machine));
  } else if (c.setPatchMarker) setPatchMarker(m, c.setPatchMarker.patchId ?? '', c.setPatchMarker.deprecated ?? false, position, annotations);
  else if (c.startChildWorkflowExecution) {
    const attributes = c.startChildWorkflowExecution;
    const seq = attributes.seq ?? 0;
    const machine: ChildWorkflowMachine = {
      kind: 'childWorkflow', state: 'Created', position, seq, namespace: attributes.namespace ?? '', workflowId: attributes.workflowId ?? '',
      workflowType: attributes.workflowType ?? '', cancellationType: attributes.cancellationType ?? 'ABANDON', runId: '', initiatedEventId: 0, startedEventId: 0,
      cancelledBeforeSent: false, seenCancelledEvent: false, annotations,
    };
    const compatible = usesCompatibleVersion(attributes.versioningIntent, attributes.taskQueue, m.taskQueue);
    addCommand(m, machine, annotated(startChildWorkflow(attributes, compatible), annotations), 'ChildWorkflowStart', seq);
    m.recorder.waiting.push(machine);
  } else if (c.cancelChildWorkflowExecution) {
    const machine = findMachine(m, 'ChildWorkflowStart', c.cancelChildWorkflowExecution.childWorkflowSeq ?? 0) as ChildWorkflowMachine;
    respond(m, machine, cancelChildWorkflow(machine, c.cancelChildWorkflowExecution.reason ?? '', annotations));
  } else if (c.requestCancelExternalWorkflowExecution) {
    const { seq = 0, workflowExecution, reason = '' } = c.requestCancelExternalWorkflowExecution;
    if (!workflowExecution) throw new FatalMachinesError('Cancel external workflow command had no workflow_execution field');
    const command = requestCancelExternal({
      namespace: workflowExecution.namespace, workflowId: workflowExecution.workflowId, runId: workflowExecution.runId,
      reason: `Cancel requested by workflow with run id ${m.runId} with reason: ${reason}`,
    });
    const machine: Machine = { kind: 'cancelExternal', state: 'Created', position, seq };
    addCommand(m, machine, annotated(command, annotations), 'CancelExternal', seq);
    m.recorder.waiting.push(machine);
  } else if (c.signalExternalWorkflowExecution) {
    const attributes = c.signalExternalWorkflowExecution;
    const seq = attributes.seq ?? 0;
    if (attributes.workflowExecution === undefined && attributes.childWorkflowId === undefined) throw new FatalMachinesError('Signal external workflow command had empty target field');
    const machine: Machine = { kind: 'signalExternal', state: 'Created', position, seq };
    addCommand(m, machine, annotated(signalExternal(attributes, m.namespace), annotations), 'SignalExternal', seq);
    m.recorder.waiting.push(machine);
  } else if (c.cancelSignalWorkflow) {
    const machine = findMachine(m, 'SignalExternal', c.cancelSignalWorkflow.seq ?? 0) as SignalExternalMachine;
    respond(m, machine, cancelSignal(machine));
  } else if (c.upsertWorkflowSearchAttributes) upsertSearchAttributes(m, c.upsertWorkflowSearchAttributes.searchAttributes?.indexedFields ?? {}, position, annotations);
  else if (c.modifyWorkflowProperties) {
    const command = { commandType: 'COMMAND_TYPE_MODIFY_WORKFLOW_PROPERTIES' as const, modifyWorkflowPropertiesCommandAttributes: { upsertedMemo: c.modifyWorkflowProperties.upsertedMemo } };
    addCommand(m, { kind: 'modifyWorkflowProperties', state: 'Created', position }, annotated(command, annotations), null, 0);
  } else if (c.updateResponse) {
    const id = c.updateResponse.protocolInstanceId ?? '';
    const machine = m.byInstanceId[id];
    if (machine === undefined) throw new FatalMachinesError(`Missing associated machine for protocol message ${id}`);
    respond(m, machine, respondToUpdate(machine, c.updateResponse));
  } else if (isTerminal(c)) closeRun(m, c, position, annotations);
  else throw new FatalMachinesError(`Replayground's Core does not know this command: ${Object.keys(c).join(', ')}`);
}

function closeRun(m: WorkflowMachines, c: WorkflowCommand, position: CodePosition | null, annotations: Annotations): void {
  const close = (kind: CloseMachine['kind'], command: Parameters<typeof annotated>[0]): void =>
    addCommand(m, { kind, state: 'Created', position }, annotated(command, annotations), null, 0);
  if (c.completeWorkflowExecution) {
    const { result } = c.completeWorkflowExecution;
    close('completeWorkflow', {
      commandType: 'COMMAND_TYPE_COMPLETE_WORKFLOW_EXECUTION', completeWorkflowExecutionCommandAttributes: result === undefined ? {} : { result: { payloads: [result] } },
    });
  } else if (c.failWorkflowExecution) {
    const { failure } = c.failWorkflowExecution;
    close('failWorkflow', { commandType: 'COMMAND_TYPE_FAIL_WORKFLOW_EXECUTION', failWorkflowExecutionCommandAttributes: failure === undefined ? {} : { failure } });
  } else if (c.continueAsNewWorkflowExecution) {
    const attributes = withCurrentValues(m, c.continueAsNewWorkflowExecution);
    close('continueAsNew', continueAsNew(attributes, usesCompatibleVersion(attributes.versioningIntent, attributes.taskQueue, m.taskQueue)));
  } else if (c.cancelWorkflowExecution) {
    const { details } = c.cancelWorkflowExecution;
    close('cancelWorkflow', { commandType: 'COMMAND_TYPE_CANCEL_WORKFLOW_EXECUTION', cancelWorkflowExecutionCommandAttributes: details === undefined ? {} : { details } });
  }
  m.finished = true;
  // Local activities have nobody to report to any more.
  m.local.terminating = true;
}

/** Continue-as-new takes over memo, retry policy and search attributes of the run unless the code says otherwise. */
function withCurrentValues(m: WorkflowMachines, attributes: ContinueAsNewWorkflowExecution): ContinueAsNewWorkflowExecution {
  const { started } = m;
  const memo = attributes.memo !== undefined && Object.keys(attributes.memo).length > 0 ? attributes.memo : started?.memo;
  const fields = { ...started?.searchAttributes?.indexedFields, ...m.searchAttributeChanges } as { [key: string]: Payload };
  const current = Object.keys(fields).length > 0 ? { indexedFields: fields } : undefined;
  return {
    ...attributes, memo: memo as { [key: string]: Payload } | undefined, retryPolicy: attributes.retryPolicy ?? started?.retryPolicy,
    searchAttributes: attributes.searchAttributes ?? current,
  };
}

function addLocalActivity(m: WorkflowMachines, command: ScheduleLocalActivity, position: CodePosition | null, annotations: Annotations, now: Timestamp): void {
  const seq = command.seq ?? 0;
  if (command.scheduleToCloseTimeout === undefined && command.startToCloseTimeout === undefined) {
    throw new FatalMachinesError(
      `Invalid schedule local activity request (seq ${seq}): One or both of schedule_to_close or start_to_close timeouts must be set for local activities`,
    );
  }
  const activity: ScheduleLocalActivity = { ...command, originalScheduleTime: command.originalScheduleTime ?? formatTimestamp(now) };
  const { machine, responses } = scheduled<LocalActivityMachine>({
    kind: 'localActivity', state: m.replaying ? 'Replaying' : 'Executing', position, seq, activity, annotations, replayingWhenInvoked: m.replaying,
    timeWhenStarted: m.time, resultKind: null,
  });
  m.byCommandId.LocalActivity[seq] = machine;
  if (m.replaying) m.local.waiting.push(machine);
  m.recorder.waiting.push(machine);
  respond(m, machine, responses);
}

/** The marker of a patch and, beside it, the search attribute that lists all patches of the run. Each patch once. */
function setPatchMarker(m: WorkflowMachines, patchId: string, deprecated: boolean, position: CodePosition | null, annotations: Annotations): void {
  if (m.patches[patchId] === true) return;
  const seenInHistory = m.patches[patchId] === false;
  const known = Object.keys(m.patches).filter((id) => m.patches[id]);
  const machine: Machine = { kind: 'patch', state: m.replaying ? 'Replaying' : 'Executing', position, patchId };
  const command = { commandType: 'COMMAND_TYPE_RECORD_MARKER' as const, recordMarkerCommandAttributes: patchMarkerAttributes(patchId, deprecated) };
  // On replay of a history without the marker there was no upsert either.
  const upserts = tryUse(m.flags, CoreFlag.UpsertSearchAttributeOnPatch, !m.replaying) && !(m.replaying && !seenInHistory);
  addCommand(m, machine, annotated(command, annotations), null, 0);
  const value = upserts ? versionSearchAttribute([...known, patchId].sort(compareText)) : null;
  if (value !== null) {
    const upsert = {
      commandType: 'COMMAND_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES' as const,
      upsertWorkflowSearchAttributesCommandAttributes: { searchAttributes: { indexedFields: { [VERSION_SEARCH_ATTRIBUTE]: value } } },
    };
    respond(m, machine, [{ type: 'upsertSearchAttributes', command: annotated(upsert, annotations) }]);
  }
  m.patches[patchId] = true;
}

function upsertSearchAttributes(m: WorkflowMachines, fields: { readonly [key: string]: Payload }, position: CodePosition | null, annotations: Annotations): void {
  m.searchAttributeChanges = { ...m.searchAttributeChanges, ...fields };
  // Core's own attribute is not the code's to write; the command stays, without effect.
  const ownKey = tryUse(m.flags, CoreFlag.UpsertSearchAttributeOnPatch, !m.replaying) && VERSION_SEARCH_ATTRIBUTE in fields;
  const command = {
    commandType: 'COMMAND_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES' as const,
    upsertWorkflowSearchAttributesCommandAttributes: { searchAttributes: ownKey ? {} : { indexedFields: { ...fields } } },
  };
  addCommand(m, { kind: 'upsertSearchAttributes', state: 'Created', position }, annotated(command, annotations), null, 0);
}
