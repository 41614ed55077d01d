import { createHash } from 'node:crypto';

export const fine = async (): Promise<string> => createHash('sha256').update('fine').digest('hex');
