import { createHash } from 'crypto';

export const fine = async (): Promise<string> => createHash('sha256').update('fine').digest('hex');
