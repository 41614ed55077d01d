import { modulePath, projectRoot } from '../../sandbox/vm/modules.ts';

/**
 * The project path of a file that the project's code names (`/app/src/workflows`, a file URL, a relative path from the root). Without
 * the check that it exists when this process does not have it: a worker's workflows live in other VMs.
 */
export function projectPath(name: string): string {
  const known = modulePath(name);
  if (known !== null) return known;
  const plain = name.startsWith('file://') ? decodeURIComponent(name.slice(7)) : name;
  const parts: string[] = [];
  for (const part of (plain.startsWith(projectRoot) ? plain.slice(projectRoot.length) : plain).split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '.' && part !== '') parts.push(part);
  }
  return parts.join('/');
}
