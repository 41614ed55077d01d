import { ROOT } from '../globals/process.ts';

/** The path inside the project of a file as the user's code names it (`/app/src/workflows`, `./src/workflows`, `file:///app/…`); a file elsewhere keeps its own. */
export function projectPath(name: string): string {
  const plain = name.startsWith('file://') ? decodeURIComponent(name.slice('file://'.length)) : name;
  const parts: string[] = [];
  for (const part of (plain.startsWith(`${ROOT}/`) ? plain.slice(ROOT.length + 1) : plain).split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '.' && part !== '') parts.push(part);
  }
  return `${plain.startsWith('/') && !`${plain}/`.startsWith(`${ROOT}/`) ? '/' : ''}${parts.join('/')}`;
}
