import { encodeUtf8 } from '../../../base/base64.ts';
import type { Priority, TaskQueue } from '../../../api/proto.ts';

/** Checks of names that requests and commands share; a text says what is wrong. */

export const isUuid = (text: string): boolean => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text);

/** `tqid.Validate` */
export function wrongTaskQueue(name: string, limit: number): string | null {
  if (byteLength(name) > limit) return 'taskQueue length exceeds limit';
  return name.startsWith('/_sys/') ? 'task queue name cannot start with reserved prefix /_sys/' : null;
}

/** `priorities.Validate` */
export function wrongPriority(priority: Priority | undefined): string | null {
  if ((priority?.priorityKey ?? 0) < 0) return "priority key can't be negative";
  if ((priority?.fairnessKey ?? '').length > 64) return 'fairness key length exceeds limit';
  return (priority?.fairnessWeight ?? 0) < 0 ? 'must be greater than zero' : null;
}

/** A task queue as Go prints the message. */
export const queueText = ({ name, kind }: TaskQueue): string => `name:${JSON.stringify(name ?? '')}  kind:${kind ?? 'TASK_QUEUE_KIND_NORMAL'}`;

/** The length that the limit of ids counts: bytes of UTF-8. */
export const byteLength = (text: string | undefined): number => (text ? encodeUtf8(text).length : 0);
