import { readFile } from 'node:fs/promises';

export const read = (): Promise<string> => readFile('secret', 'utf8');
