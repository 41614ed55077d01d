import type { EventType } from './proto.ts';

const cache = new Map<string, string>();

/** `EVENT_TYPE_ACTIVITY_TASK_SCHEDULED` to `ActivityTaskScheduled`, the name that the Web UI shows. */
export function eventName(type: string): string {
  let name = cache.get(type);
  if (name === undefined) {
    name = type.replace(/^EVENT_TYPE_/, '').toLowerCase().replace(/(^|_)([a-z])/g, (_, _bar, letter: string) => letter.toUpperCase());
    cache.set(type, name);
  }
  return name;
}

/** `ActivityTaskScheduled` (older exports write this) or `EVENT_TYPE_…` to the proto3 JSON name. */
export function eventType(name: string): EventType {
  if (name.startsWith('EVENT_TYPE_')) return name as EventType;
  return `EVENT_TYPE_${name.replace(/([a-z0-9])([A-Z])/g, '$1_$2').toUpperCase()}` as EventType;
}
