import { createStore, del, get, set } from 'idb-keyval';

/**
 * What a learner wrote in the editor, by scenario: kept in this browser, so that neither a reload nor a slip of the hand loses it. Where
 * there is no storage (private windows, blocked, full) it lasts as long as the page.
 */
export type Drafts = Readonly<Record<string, string>>;

const memory = new Map<string, Drafts>();
/** Opened on first use: where storage is blocked, opening throws. */
let store: ReturnType<typeof createStore> | undefined;
const drafts = (): ReturnType<typeof createStore> => (store ??= createStore('replayground', 'drafts'));

export async function keptDrafts(slug: string): Promise<Drafts> {
  const known = memory.get(slug);
  if (known) return known;
  try {
    return (await get<Drafts>(slug, drafts())) ?? {};
  } catch {
    return {};
  }
}

export async function keepDrafts(slug: string, changed: Drafts): Promise<void> {
  memory.set(slug, changed);
  try {
    await (Object.keys(changed).length === 0 ? del(slug, drafts()) : set(slug, changed, drafts()));
  } catch {
    // What is in memory has to do.
  }
}
