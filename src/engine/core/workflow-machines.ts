import type {
  Command, CommandType, HistoryEvent, Message, RetryPolicy, ScheduleLocalActivity, SearchAttributes, SuggestContinueAsNewReason, WorkflowActivation, WorkflowActivationJob,
  WorkflowTaskCompletedEventAttributes,
} from '../../api/proto.ts';
import type { CodePosition } from '../../api/sandbox.ts';
import type { Timestamp } from '../../base/brand.ts';
import { assert } from '../../base/assert.ts';
import { formatTimestamp, parseTimestamp } from '../../base/time.ts';
import { FatalMachinesError, NondeterminismError } from './errors.ts';
import { attributesKey, displayEvent, idOf, initialEventId, isCommandEvent, isFinalEvent, isIgnorable } from './events.ts';
import { addFromCompleted, createFlags, langFlags, type InternalFlags } from './flags.ts';
import { peekChunk, peekCompleted, takeChunk, type HistoryUpdate } from './history.ts';
import { initializeJob, messageOfAccepted, messageOfAdmitted, sortJobs, type UpdateRequestMessage } from './jobs.ts';
import { isLocalActivityMarker, localActivityMarkerOf, patchMarkerOf, VERSION_SEARCH_ATTRIBUTE } from './markers.ts';
import type { CancelExternalMachine } from './machines/external.ts';
import { emptyCancel, markerNeedsNoCommand, resolutionOfMarker, resolveLocalActivity, startedNonReplayTask, type LocalActivityMachine } from './machines/local-activity.ts';
import type { LocalResolution, MachineResponse, Responses } from './machines/machine.ts';
import type { PatchMachine } from './machines/patch.ts';
import { machineHandlesCommand, machineHandlesEvent, machineIsFinal, scheduled, wasCancelledBeforeSent, type Machine } from './machines/index.ts';
import type { PropertiesMachine } from './machines/properties.ts';
import type { UpdateMachine } from './machines/update.ts';
import type { WorkflowTaskMachine } from './machines/workflow-task.ts';
import { rustDebug } from './rust-debug.ts';
import { randomnessSeed } from './seed.ts';

/** Which run it is, and who runs it. */
export interface Basics {
  readonly workflowId: string;
  readonly workflowType: string;
  readonly runId: string;
  readonly namespace: string;
  readonly taskQueue: string;
  /** Build of this worker; null when unknown. */
  readonly deployment: DeploymentVersion | null;
}

/**
 * All state machines of a run and the way of history through them: events go to machines, machines make jobs for the workflow code,
 * the code's commands make machines. Plain data; what can go wrong is thrown as a `MachinesError`.
 */
export interface WorkflowMachines extends Basics {
  update: HistoryUpdate;
  /** Messages that wait for the event that they were placed after. */
  messages: UpdateRequestMessage[];
  /** The last Workflow Task start that was handled. */
  currentStartedEventId: number;
  /** The start with which the chunk that is being applied ends. */
  nextStartedEventId: number;
  lastProcessedEventId: number;
  replaying: boolean;
  seenFinalEvent: boolean;
  /** The code has issued a command that ends the run. */
  finished: boolean;
  time: Timestamp | null;
  readonly flags: InternalFlags;
  historySizeBytes: string;
  continueAsNewSuggested: boolean;
  suggestContinueAsNewReasons: readonly SuggestContinueAsNewReason[];
  targetVersionChanged: boolean;
  taskDeployment: DeploymentVersion | null;
  started: null | {
    readonly workflowTaskTimeout: string | undefined;
    readonly memo: { readonly [key: string]: object } | undefined;
    readonly retryPolicy: RetryPolicy | undefined;
    readonly searchAttributes: SearchAttributes | undefined;
  };
  searchAttributeChanges: { [key: string]: object };
  readonly byEventId: { [eventId: number]: Machine };
  readonly byInstanceId: { [protocolInstanceId: string]: UpdateMachine };
  readonly byCommandId: { readonly [space in CommandSpace]: { [seq: number]: Machine } };
  /** Commands that are prepared: to be sent, or sent and not seen in history yet. */
  commands: ActiveCommand[];
  /** Commands of the last activation, not prepared yet. */
  newCommands: ActiveCommand[];
  outbox: Message[];
  /** Patches that were seen in history (false) or asked for by the code (true). */
  readonly patches: { [id: string]: boolean };
  readonly local: LocalActivities;
  jobs: WorkflowActivationJob[];
  readonly recorder: Recorder;
}

export interface DeploymentVersion {
  readonly deploymentName: string;
  readonly buildId: string;
}

/** Spaces of command ids, named as the genuine Core prints them. */
export type CommandSpace = 'Timer' | 'Activity' | 'LocalActivity' | 'ChildWorkflowStart' | 'SignalExternal' | 'CancelExternal';

/** A command and the machine that it belongs to. */
export interface ActiveCommand {
  readonly command: Command;
  readonly machine: Machine;
  /** The event it was compared with. */
  event: HistoryEvent | null;
  mismatch: boolean;
}

/** What goes on with local activities. */
export interface LocalActivities {
  newRequests: ScheduleLocalActivity[];
  cancelRequests: number[];
  /** When each was handed to the worker. */
  readonly executing: { [seq: number]: Timestamp };
  executingCount: number;
  /** Ends that lookahead found in history, in the order of their markers. */
  preresolutions: { readonly seq: number; readonly resolution: LocalResolution; readonly eventId: number }[];
  /** Machines that wait for a marker. */
  waiting: LocalActivityMachine[];
  terminating: boolean;
}

/** Takes notes for the trace; the machines do not read them. */
export interface Recorder {
  /** The event that is being handled; 0 when none. */
  eventId: number;
  /** Results that flowed into the code since the last activation. */
  resolved: { readonly seq: number; readonly kind: string; readonly eventId: number; readonly position: CodePosition | null }[];
  /** Commands since the last activation. */
  commands: ActiveCommand[];
  /** Machines whose end the code may wait for, oldest first; ended ones are removed when met. */
  waiting: Machine[];
  /** A marker that answers no command. */
  markers: { readonly event: HistoryEvent; readonly machine: LocalActivityMachine }[];
  /** The event at which history and code fell out. */
  failedAt: HistoryEvent | null;
  failedCommand: ActiveCommand | null;
}

/** The machines of a run that this worker has not seen yet. */
export function createMachines(basics: Basics, update: HistoryUpdate): WorkflowMachines {
  const flags = createFlags();
  // The first completion tells what the whole first task may use.
  const completed = peekCompleted(update, 0);
  if (completed !== undefined) addFromCompleted(flags, completed);
  return {
    ...basics,
    update, messages: [], currentStartedEventId: 0, nextStartedEventId: 0, lastProcessedEventId: 0, replaying: update.previousStartedEventId > 0,
    seenFinalEvent: false, finished: false, time: null, flags, historySizeBytes: '0', continueAsNewSuggested: false, suggestContinueAsNewReasons: [],
    targetVersionChanged: false, taskDeployment: null, started: null, searchAttributeChanges: {}, byEventId: {}, byInstanceId: {},
    byCommandId: { Timer: {}, Activity: {}, LocalActivity: {}, ChildWorkflowStart: {}, SignalExternal: {}, CancelExternal: {} },
    commands: [], newCommands: [], outbox: [], patches: Object.create(null) as { [id: string]: boolean },
    local: { newRequests: [], cancelRequests: [], executing: {}, executingCount: 0, preresolutions: [], waiting: [], terminating: false },
    jobs: [],
    recorder: { eventId: 0, resolved: [], commands: [], waiting: [], markers: [], failedAt: null, failedCommand: null },
  };
}

/** New work: history since the last task, and the updates to deliver. */
export function newWork(m: WorkflowMachines, update: HistoryUpdate, messages: UpdateRequestMessage[]): void {
  m.messages = messages;
  m.update = update;
  m.replaying = update.previousStartedEventId > 0;
  applyNextChunk(m);
}

/** The jobs so far, as an activation for the workflow code. */
export function takeActivation(m: WorkflowMachines): WorkflowActivation {
  const { jobs } = m;
  m.jobs = [];
  const replaying = m.replaying || jobs.every((job) => job.queryWorkflow !== undefined);
  if (!replaying) m.taskDeployment = m.deployment;
  return {
    runId: m.runId, ...(m.time !== null && { timestamp: formatTimestamp(m.time) }), isReplaying: replaying, historyLength: m.lastProcessedEventId,
    jobs: sortJobs(jobs), availableInternalFlags: langFlags(m.flags), historySizeBytes: m.historySizeBytes, continueAsNewSuggested: m.continueAsNewSuggested,
    ...(m.taskDeployment !== null && { deploymentVersionForCurrentTask: m.taskDeployment }),
    lastSdkVersion: m.flags.lastSdkVersion, suggestContinueAsNewReasons: [...m.suggestContinueAsNewReasons], targetWorkerDeploymentVersionChanged: m.targetVersionChanged,
  };
}

// ---------------------------------------------------------------- history

/** Applies the next chunk of history; says how many events it had. */
export function applyNextChunk(m: WorkflowMachines): number {
  // The run is over: its last chunk must not be applied again.
  if (m.seenFinalEvent) {
    m.replaying = false;
    return 0;
  }
  const handledStart = m.currentStartedEventId;
  const chunk = takeChunk(m.update, handledStart) ?? { from: 0, to: 0, last: true };
  const { events } = m.update;
  // A kept run may be given events again that it knows.
  const known = m.lastProcessedEventId;
  let count = 0;
  let lastEvent: HistoryEvent | null = null;
  for (let i = chunk.from; i < chunk.to; i++) {
    const event = events[i] as HistoryEvent;
    if (idOf(event) <= known) continue;
    count++;
    lastEvent = event;
    if (event.workflowTaskCompletedEventAttributes) learnFromCompleted(m, event.workflowTaskCompletedEventAttributes);
  }
  if (lastEvent === null) m.replaying = false;
  else {
    const ahead = peekCompleted(m.update, idOf(lastEvent));
    if (ahead !== undefined) learnFromCompleted(m, ahead);
    if (lastEvent.eventType === 'EVENT_TYPE_WORKFLOW_TASK_STARTED') m.nextStartedEventId = idOf(lastEvent);
  }

  const admitted: { [protocolInstanceId: string]: UpdateRequestMessage } = {};
  let skip = false;
  for (let i = chunk.from; i < chunk.to; i++) {
    const event = events[i] as HistoryEvent;
    const id = idOf(event);
    if (id <= known) continue;
    m.recorder.eventId = id;
    if (id !== m.lastProcessedEventId + 1) {
      m.recorder.failedAt = event;
      throw new FatalMachinesError(`History is out of order. Last processed event: ${m.lastProcessedEventId}, event id: ${id}`);
    }
    // Replay ends with the first event of the last chunk that the code has not seen and did not cause.
    if (m.replaying && chunk.last && id > m.update.previousStartedEventId && event.eventType !== 'EVENT_TYPE_WORKFLOW_TASK_COMPLETED' && !isCommandEvent(event)) {
      m.replaying = false;
    }
    if (event.workflowExecutionUpdateAdmittedEventAttributes) {
      const message = checked(messageOfAdmitted(event));
      if (m.replaying) admitted[message.protocolInstanceId] = message;
      else m.messages.push(message);
      skip = true;
    }
    if (m.messages.length > 0) deliverMessages(m, id - 1);
    if (skip) skip = false;
    else skip = handleHistoryEvent(m, event, i + 1 < chunk.to ? (events[i + 1] as HistoryEvent) : null, chunk.last);
    m.lastProcessedEventId = id;
  }
  m.recorder.eventId = 0;
  lookAhead(m, handledStart, admitted);
  return count;
}

/** What a recorded completion says about flags and the build that made it. */
function learnFromCompleted(m: WorkflowMachines, attributes: WorkflowTaskCompletedEventAttributes): void {
  addFromCompleted(m.flags, attributes);
  let version: DeploymentVersion = { deploymentName: attributes.workerDeploymentName ?? '', buildId: attributes.workerVersion?.buildId ?? '' };
  const joined = attributes.workerDeploymentVersion ?? '';
  if (joined.includes('.')) version = { deploymentName: joined.slice(0, joined.indexOf('.')), buildId: joined.slice(joined.indexOf('.') + 1) };
  const { deploymentVersion } = attributes;
  if (deploymentVersion) version = { deploymentName: deploymentVersion.deploymentName ?? '', buildId: deploymentVersion.buildId ?? '' };
  if (version.deploymentName !== '' || version.buildId !== '') m.taskDeployment = version;
}

/**
 * Finds in the next chunk what the code has to know already now: patches, ends of local activities, accepted updates. They were known
 * in this activation when history was made, though their events come after it.
 */
function lookAhead(m: WorkflowMachines, handledStart: number, admitted: { readonly [id: string]: UpdateRequestMessage }): void {
  const { from, to } = peekChunk(m.update, handledStart);
  const later: (() => void)[] = [];
  for (let i = from; i < to; i++) {
    const event = m.update.events[i] as HistoryEvent;
    if (event.eventType === 'EVENT_TYPE_MARKER_RECORDED') {
      const patch = patchMarkerOf(event);
      if (patch !== null) {
        m.patches[patch.id] = false;
        m.jobs.push({ notifyHasPatch: { patchId: patch.id } });
      } else if (isLocalActivityMarker(event)) {
        const marker = localActivityMarkerOf(event);
        if (marker === null) throw new FatalMachinesError(`Local activity marker was unparsable: ${rustDebug('HistoryEvent', event)}`);
        later.push(() => {
          const machine = m.byCommandId.LocalActivity[marker.seq];
          if (machine !== undefined && machine.state !== 'WaitingResolveFromMarkerLookAhead') return;
          m.local.preresolutions.push({ seq: marker.seq, resolution: resolutionOfMarker(marker), eventId: idOf(event) });
          applyPreresolutions(m);
        });
      }
    } else if (event.eventType === 'EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED' && event.workflowExecutionUpdateAcceptedEventAttributes) {
      const message = admitted[event.workflowExecutionUpdateAcceptedEventAttributes.protocolInstanceId ?? ''] ?? checked(messageOfAccepted(event));
      later.push(() => deliverMessage(m, message));
    }
  }
  for (const act of later) act();
}

function checked(message: UpdateRequestMessage | string): UpdateRequestMessage {
  if (typeof message === 'string') throw new FatalMachinesError(message);
  return message;
}

function deliverMessages(m: WorkflowMachines, eventId: number): void {
  const due = m.messages.filter((message) => message.eventId === null || Number(message.eventId) <= eventId);
  if (due.length === 0) return;
  m.messages = m.messages.filter((message) => !due.includes(message));
  for (const message of due) deliverMessage(m, message);
}

function deliverMessage(m: WorkflowMachines, message: UpdateRequestMessage): void {
  if (message.eventId === null) throw new FatalMachinesError('Update request messages must contain an event sequencing id! This is a server bug.');
  const { request, protocolInstanceId } = message;
  const machine: UpdateMachine = {
    kind: 'update', state: 'RequestInitiated', position: null, messageId: message.id, instanceId: protocolInstanceId, sequencingEventId: message.eventId,
    request, meta: request.meta ?? {},
  };
  m.byInstanceId[protocolInstanceId] = machine;
  m.jobs.push({
    doUpdate: {
      id: request.meta?.updateId ?? '', protocolInstanceId, name: request.input?.name ?? '', input: request.input?.args?.payloads ?? [],
      headers: request.input?.header?.fields ?? {}, meta: request.meta, runValidator: !m.replaying,
    },
  });
}

/** Handles one event; true when the one after it has to be skipped. */
function handleHistoryEvent(m: WorkflowMachines, event: HistoryEvent, next: HistoryEvent | null, last: boolean): boolean {
  if (isFinalEvent(event)) m.seenFinalEvent = true;
  const key = attributesKey(event);
  if (isIgnorable(event, key)) return false;
  const type = event.eventType ?? 'EVENT_TYPE_UNSPECIFIED';
  if (type === 'EVENT_TYPE_WORKFLOW_EXECUTION_TERMINATED' || type === 'EVENT_TYPE_WORKFLOW_EXECUTION_TIMED_OUT') {
    if (next === null && last) return false;
    throw new FatalMachinesError('Machines were fed a history which has an event after workflow execution was terminated!');
  }
  if (type === 'EVENT_TYPE_UNSPECIFIED' || key === '') {
    if (event.workerMayIgnore === true) return false;
    throw new FatalMachinesError(`Event type is unspecified! This history is invalid. Event detail: ${rustDebug('HistoryEvent', event)}`);
  }
  if (isCommandEvent(event)) return handleCommandEvent(m, event, next, last);

  const taskStarted = event.workflowTaskStartedEventAttributes;
  if (taskStarted) {
    m.historySizeBytes = taskStarted.historySizeBytes ?? '0';
    m.continueAsNewSuggested = taskStarted.suggestContinueAsNew ?? false;
    m.suggestContinueAsNewReasons = taskStarted.suggestContinueAsNewReasons ?? [];
    m.targetVersionChanged = taskStarted.targetWorkerDeploymentVersionChanged ?? false;
  }
  const initial = initialEventId(event, key);
  if (initial === null) {
    handleNonStatefulEvent(m, event);
    return false;
  }
  const machine = m.byEventId[initial];
  if (machine === undefined) {
    m.recorder.failedAt = event;
    throw new NondeterminismError(
      `During event handling, this event had an initial command ID but we could not find a matching command for it: ${rustDebug('HistoryEvent', event)}`,
    );
  }
  giveEvent(m, machine, event, last);
  return false;
}

function giveEvent(m: WorkflowMachines, machine: Machine, event: HistoryEvent, last: boolean): void {
  let responses: Responses;
  try {
    responses = machineHandlesEvent(machine, { event, lastTask: last, flags: m.flags });
  } catch (error) {
    m.recorder.failedAt = event;
    throw error;
  }
  respond(m, machine, responses);
}

/** An event that mirrors a command has to fit the oldest command that is not in history yet. */
function handleCommandEvent(m: WorkflowMachines, event: HistoryEvent, next: HistoryEvent | null, last: boolean): boolean {
  if (isLocalActivityMarker(event)) {
    const marker = localActivityMarkerOf(event);
    if (marker === null) throw new FatalMachinesError(`Local activity marker was unparsable: ${rustDebug('HistoryEvent', event)}`);
    m.recorder.failedAt = event;
    const machine = findMachine(m, 'LocalActivity', marker.seq) as LocalActivityMachine;
    const alone = markerNeedsNoCommand(machine);
    m.recorder.failedAt = null;
    if (alone) {
      giveEvent(m, machine, event, last);
      m.recorder.markers.push({ event, machine });
      return false;
    }
  }
  for (;;) {
    const front = m.commands[0];
    const handling = patchMarkerHandling(event, front?.machine, next);
    if (typeof handling === 'object') {
      m.recorder.failedAt = event;
      m.recorder.failedCommand = front ?? null;
      throw handling;
    }
    if (handling === 'skipEvent') return false;
    if (handling === 'skipEventAndNext') return true;
    if (handling === 'skipCommand') {
      m.commands.shift();
      continue;
    }
    if (front === undefined) {
      m.recorder.failedAt = event;
      throw new NondeterminismError(`No command scheduled for event ${displayEvent(event)}`);
    }
    m.commands.shift();
    if (wasCancelledBeforeSent(front.machine)) continue;
    front.event = event;
    try {
      giveEvent(m, front.machine, event, last);
    } catch (error) {
      front.mismatch = true;
      m.recorder.failedCommand = front;
      throw error;
    }
    front.machine.eventId ??= idOf(event);
    if (!machineIsFinal(front.machine)) m.byEventId[idOf(event)] = front.machine;
    return false;
  }
}

/** Patch markers may be missing on either side. An error is for the caller to throw. */
function patchMarkerHandling(event: HistoryEvent, machine: Machine | undefined, next: HistoryEvent | null): 'normal' | 'skipEvent' | 'skipEventAndNext' | 'skipCommand' | NondeterminismError {
  const marker = event.eventType === 'EVENT_TYPE_MARKER_RECORDED' ? patchMarkerOf(event) : null;
  const patch: PatchMachine | null = machine?.kind === 'patch' ? machine : null;
  if (marker === null) return patch === null ? 'normal' : 'skipCommand';
  if (patch !== null && (patch.patchId === marker.id || !marker.deprecated)) return 'normal';
  if (patch === null && !marker.deprecated) {
    return new NondeterminismError(
      `Non-deprecated patch marker encountered for change ${marker.id}, but there is no corresponding change command!`,
    );
  }
  // The search attribute that came with the skipped marker goes with it.
  const fields = next?.upsertWorkflowSearchAttributesEventAttributes?.searchAttributes?.indexedFields;
  return fields !== undefined && VERSION_SEARCH_ATTRIBUTE in fields ? 'skipEventAndNext' : 'skipEvent';
}

function handleNonStatefulEvent(m: WorkflowMachines, event: HistoryEvent): void {
  switch (event.eventType) {
    case 'EVENT_TYPE_WORKFLOW_EXECUTION_STARTED': {
      const attributes = event.workflowExecutionStartedEventAttributes;
      if (!attributes) throw new FatalMachinesError(`WorkflowExecutionStarted event did not have appropriate attributes: ${displayEvent(event)}`);
      const at = event.eventTime === undefined ? null : parseTimestamp(event.eventTime);
      if (at !== null) advanceTime(m, at);
      m.started = {
        workflowTaskTimeout: attributes.workflowTaskTimeout, memo: attributes.memo?.fields, retryPolicy: attributes.retryPolicy,
        searchAttributes: attributes.searchAttributes,
      };
      m.jobs.push({ initializeWorkflow: initializeJob(attributes, m.workflowId, randomnessSeed(attributes.originalExecutionRunId ?? ''), event.eventTime ?? '') });
      return;
    }
    case 'EVENT_TYPE_WORKFLOW_TASK_SCHEDULED': {
      const machine: WorkflowTaskMachine = {
        kind: 'workflowTask', state: 'Created', position: null, chunkStartedEventId: m.nextStartedEventId, startedEventId: 0, startedAt: 0 as Timestamp,
      };
      giveEvent(m, machine, event, false);
      m.byEventId[idOf(event)] = machine;
      return;
    }
    case 'EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED': {
      const a = event.workflowExecutionSignaledEventAttributes;
      if (a) {
        m.jobs.push({
          signalWorkflow: {
            signalName: a.signalName ?? '', input: a.input?.payloads ?? [], identity: a.identity, headers: a.header?.fields ?? {}, originatingEventId: event.eventId,
          },
        });
      }
      return;
    }
    case 'EVENT_TYPE_WORKFLOW_EXECUTION_CANCEL_REQUESTED': {
      const a = event.workflowExecutionCancelRequestedEventAttributes;
      if (a) m.jobs.push({ cancelWorkflow: { reason: a.cause ?? '' } });
      return;
    }
    default:
      m.recorder.failedAt = event;
      throw new FatalMachinesError(`The event is not a non-stateful event, but we tried to handle it as one: ${displayEvent(event)}`);
  }
}

// ---------------------------------------------------------------- machines

/** The machine of a command that the code made; without it code and history have fallen out. */
export function findMachine(m: WorkflowMachines, space: CommandSpace, seq: number): Machine {
  const machine = m.byCommandId[space][seq];
  if (machine === undefined) throw new NondeterminismError(`Missing associated machine for ${space}(${seq})`);
  return machine;
}

/** Adds a machine with its command. */
export function addCommand(m: WorkflowMachines, machine: Machine, command: Command, space: CommandSpace | null, seq: number): void {
  scheduled(machine);
  if (space !== null) m.byCommandId[space][seq] = machine;
  pushCommand(m, machine, command);
}

function pushCommand(m: WorkflowMachines, machine: Machine, command: Command): void {
  const active: ActiveCommand = { command, machine, event: null, mismatch: false };
  m.newCommands.push(active);
  m.recorder.commands.push(active);
}

/** Does what a machine wants done. */
export function respond(m: WorkflowMachines, machine: Machine, responses: Responses): void {
  for (const response of responses) respondOne(m, machine, response);
}

function respondOne(m: WorkflowMachines, machine: Machine, response: MachineResponse): void {
  switch (response.type) {
    case 'job':
      // The code did not ask for the cancellation of a child's execution by Core itself.
      if (machine.kind === 'cancelExternal' && machine.seq === 0) return;
      m.jobs.push(response.job);
      recordResolved(m, machine, response.job);
      return;
    case 'taskStarted':
      taskStarted(m, response.startedEventId, response.at);
      return;
    case 'runIdReset':
      m.jobs.push({ updateRandomSeed: { randomnessSeed: randomnessSeed(response.runId).toString() } });
      return;
    case 'command':
      pushCommand(m, machine, response.command);
      return;
    case 'message':
      // On replay the Service has it already.
      if (!m.replaying) m.outbox.push(response.message);
      return;
    case 'cancelExternal': {
      const cancel: CancelExternalMachine = { kind: 'cancelExternal', state: 'Created', position: machine.position, seq: 0 };
      addCommand(m, cancel, response.command, null, 0);
      return;
    }
    case 'upsertSearchAttributes': {
      const upsert: PropertiesMachine = { kind: 'upsertSearchAttributes', state: 'Created', position: machine.position };
      addCommand(m, upsert, response.command, null, 0);
      return;
    }
    case 'queueLocalActivity':
      m.local.newRequests.push(response.activity);
      return;
    case 'cancelLocalActivity':
      cancelLocal(m, machine as LocalActivityMachine, response.seq);
      return;
    case 'abandonLocalActivity':
      localActivityDone(m, response.seq);
      return;
    case 'advanceTime':
      advanceTime(m, response.at);
  }
}

function recordResolved(m: WorkflowMachines, machine: Machine, job: WorkflowActivationJob): void {
  if (m.recorder.eventId === 0 || !('seq' in machine)) return;
  for (const kind in job) m.recorder.resolved.push({ seq: machine.seq, kind, eventId: m.recorder.eventId, position: machine.position });
}

function advanceTime(m: WorkflowMachines, at: Timestamp): void {
  if (m.time === null || m.time < at) m.time = at;
}

function taskStarted(m: WorkflowMachines, startedEventId: number, at: Timestamp): void {
  m.currentStartedEventId = startedEventId;
  advanceTime(m, at);
  if (m.replaying) return;
  // What waits for a marker will not get one: run it.
  const { waiting } = m.local;
  m.local.waiting = [];
  for (const machine of waiting) respond(m, machine, startedNonReplayTask(machine));
}

/** The end of a local activity may be known from a marker; or it is still queued; or it runs and has to be told. */
function cancelLocal(m: WorkflowMachines, machine: LocalActivityMachine, seq: number): void {
  const known = m.local.preresolutions.findIndex((entry) => entry.seq === seq);
  if (known >= 0) {
    const [entry] = m.local.preresolutions.splice(known, 1);
    assert(entry, 'an entry was found');
    respond(m, machine, resolveLocalActivity(machine, entry.resolution, true));
    return;
  }
  const queued = m.local.newRequests.findIndex((request) => request.seq === seq);
  if (queued >= 0) {
    m.local.newRequests.splice(queued, 1);
    respond(m, machine, resolveLocalActivity(machine, { ...emptyCancel(machine.activity), completeTime: machine.timeWhenStarted }, false));
    return;
  }
  m.local.cancelRequests.push(seq);
}

/** It needs no result any more. */
export function localActivityDone(m: WorkflowMachines, seq: number): void {
  const { local } = m;
  const queued = local.newRequests.findIndex((request) => request.seq === seq);
  if (queued >= 0) local.newRequests.splice(queued, 1);
  if (local.executing[seq] !== undefined) {
    delete local.executing[seq];
    local.executingCount--;
  }
}

/** Local activities that were asked for and have not ended. */
export const outstandingLocalActivities = (m: WorkflowMachines): number => (m.local.terminating ? 0 : m.local.executingCount + m.local.newRequests.length);

/** Applies ends that lookahead found, in the order of the markers, up to the first one that the code has not asked for yet. */
export function applyPreresolutions(m: WorkflowMachines): void {
  const { preresolutions } = m.local;
  while (preresolutions.length > 0) {
    const entry = preresolutions[0];
    assert(entry, 'the list is not empty');
    const machine = m.byCommandId.LocalActivity[entry.seq];
    if (machine === undefined) return;
    preresolutions.shift();
    const before = m.recorder.eventId;
    m.recorder.eventId = entry.eventId;
    respond(m, machine, resolveLocalActivity(machine as LocalActivityMachine, entry.resolution, true));
    m.recorder.eventId = before;
  }
}

/** Moves the commands of the last activation to those that are to be sent, unless they were taken back. */
export function prepareCommands(m: WorkflowMachines): void {
  // Commands may be prepared more than once before they are sent, and cancelled in between.
  if (m.commands.some((active) => wasCancelledBeforeSent(active.machine))) m.commands = m.commands.filter((active) => !wasCancelledBeforeSent(active.machine));
  for (let i = 0; i < m.newCommands.length; i++) {
    const active = m.newCommands[i] as ActiveCommand;
    if (wasCancelledBeforeSent(active.machine)) continue;
    respond(m, active.machine, machineHandlesCommand(active.machine, active.command.commandType as CommandType));
    m.commands.push(active);
  }
  m.newCommands = [];
}

/** Commands to send. */
export function commandsToSend(m: WorkflowMachines): Command[] {
  const result: Command[] = [];
  for (const { machine, command } of m.commands) if (!machineIsFinal(machine)) result.push(command);
  return result;
}

/** A speculative Workflow Task left nothing in history: back to where the run was before. */
export function resetLastStarted(m: WorkflowMachines, startedEventId: number): void {
  m.currentStartedEventId = startedEventId;
  // Its scheduled and started events are gone.
  m.lastProcessedEventId -= 2;
  delete m.byEventId[m.lastProcessedEventId + 1];
  delete m.byEventId[m.lastProcessedEventId + 2];
}

