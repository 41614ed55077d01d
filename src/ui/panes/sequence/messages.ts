import type { TraceModel } from '../../../trace/model.ts';

/** One arrow or note of the diagram, and the step that it stands for. */
export interface Message {
  readonly step: number;
  readonly kind: 'request' | 'response' | 'lost' | 'note';
  readonly from: string;
  readonly to: string;
  readonly text: string;
  /** What a note is about. */
  readonly tone?: 'killed' | 'started' | 'replay' | 'time' | undefined;
}

/** Words of the notes, in the language of the screen. */
export interface SequenceWords {
  readonly killed: string;
  readonly started: string;
  readonly replay: (from: number, to: number) => string;
  readonly passes: (ms: number) => string;
}

/** Silence from here on is worth a note, in virtual ms. */
const LONG = 900;

export const SERVICE = 'temporal';

/** The arrows of a branch: each is a real RPC, a task delivery, a call to an external service, or the start or death of a process. */
export function messagesOf(model: TraceModel, branch: number, withPolls: boolean, words: SequenceWords): readonly Message[] {
  const messages: Message[] = [];
  let last: number | undefined;
  for (const { entry, step, at } of model.entriesBetween(branch, 0, model.head(branch))) {
    if (entry.type === 'step') {
      if (last !== undefined && at - last >= LONG) messages.push({ step, kind: 'note', from: SERVICE, to: SERVICE, text: words.passes(at - last), tone: 'time' });
      last = at;
      continue;
    }
    if (entry.type === 'delivery') {
      const poll = entry.rpc.startsWith('Poll');
      const empty = /^(empty|none)?$/.test(entry.summary.trim());
      if (!withPolls && poll && (entry.edge === 'request' || empty)) continue;
      if (!withPolls && (entry.rpc === 'GetSystemInfo' || entry.rpc === 'DescribeNamespace' || entry.rpc === 'GetClusterInfo')) continue;
      const failed = entry.error !== undefined;
      const summary = entry.error?.message ?? entry.summary;
      if (entry.edge === 'request') messages.push({ step, kind: entry.dropped ? 'lost' : 'request', from: entry.process, to: SERVICE, text: entry.rpc });
      else messages.push({ step, kind: entry.dropped ? 'lost' : 'response', from: SERVICE, to: entry.process, text: `${failed ? '✕ ' : ''}${summary === '' || summary === 'ok' ? 'ok' : summary}` });
    } else if (entry.type === 'activityExecution' && entry.phase === 'started' && !entry.local) {
      // An eager activity comes along with the answer to a Workflow Task.
      const answer = messages.at(-1);
      if (answer?.kind === 'response' && answer.step === step && answer.text === 'ok') messages[messages.length - 1] = { ...answer, text: `ok, ${entry.activityType}, attempt ${entry.attempt}` };
    } else if (entry.type === 'serviceRequest') {
      const service = `service-${entry.service}`;
      if (entry.phase === 'received') messages.push({ step, kind: 'request', from: entry.from, to: service, text: `${entry.method} ${entry.path}` });
      else if (entry.phase !== 'lost') messages.push({ step, kind: 'response', from: service, to: entry.from, text: entry.phase === 'refused' ? '✕' : String(entry.status ?? '') });
    } else if (entry.type === 'process' && entry.kind === 'worker') {
      if (entry.state === 'killed') messages.push({ step, kind: 'note', from: entry.process, to: entry.process, text: `✕ ${words.killed}`, tone: 'killed' });
      else if ((entry.state === 'starting' || entry.state === 'running') && entry.incarnation > 1) messages.push({ step, kind: 'note', from: entry.process, to: entry.process, text: words.started, tone: 'started' });
    } else if (entry.type === 'activation' && entry.replaying) {
      const before = messages.at(-1);
      // One note for all that a replay runs through.
      if (before?.tone === 'replay' && before.step === step) messages[messages.length - 1] = { ...before, text: words.replay(1, entry.events.to) };
      else messages.push({ step, kind: 'note', from: entry.process, to: entry.process, text: words.replay(entry.events.from, entry.events.to), tone: 'replay' });
    }
  }
  return messages;
}

/** Mermaid's text for the messages. Names are made up by number, since words such as `end` and signs such as `;` would break it. */
export function mermaidOf(messages: readonly Message[], serviceName: string): string {
  const order = [...new Set(messages.flatMap((message) => [message.from, message.to]))].sort((a, b) => rank(a) - rank(b));
  const id = new Map(order.map((name, index) => [name, `p${index}`]));
  const lines = ['sequenceDiagram', ...order.map((name) => `participant ${id.get(name)!} as ${escape(cut(name === SERVICE ? serviceName : name.replace(/^service-/, '')))}`)];
  for (const message of messages) {
    const [from, to] = [id.get(message.from)!, id.get(message.to)!];
    const text = linesOf(message).map(escape).join('<br/>');
    if (message.kind === 'note') lines.push(`Note over ${from}: ${text}`);
    else lines.push(`${from}${message.kind === 'request' ? '->>' : message.kind === 'response' ? '-->>' : '-x'}${to}: ${text}`);
  }
  return lines.join('\n');
}

/** What is written at an arrow: long names on two lines, so that the lifelines fit beside one another, and very long ones cut. */
export const linesOf = (message: Message): readonly string[] => split(message.text).map(cut);

function split(text: string): readonly string[] {
  if (text.length <= 17) return [text];
  const words = text.split(/(?<=[a-z])(?=[A-Z])|(?<=[ ,/])/);
  const breaks = words.slice(1).map((_, index) => words.slice(0, index + 1).join('').length);
  // The longest line decides how far apart the lifelines stand.
  const longest = (at: number): number => Math.max(at, text.length - at);
  const best = breaks.reduce((a, b) => (longest(b) < longest(a) ? b : a), text.length);
  return best === text.length ? [text] : [text.slice(0, best).trim(), text.slice(best).trim()];
}

const rank = (name: string): number => (name.startsWith('client') ? 0 : name === SERVICE ? 1 : name.startsWith('worker') ? 2 : 3);

const cut = (text: string): string => {
  const short = text.replace(/\s+/g, ' ').trim();
  return short === '' ? '·' : short.length > 30 ? `${short.slice(0, 29)}…` : short;
};

/** Nothing that Mermaid would read as syntax. */
const escape = (text: string): string => text.replace(/[#;<>:{}%\\]/g, (character) => `#${character.charCodeAt(0)};`);
