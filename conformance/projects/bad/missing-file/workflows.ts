import { helper } from './helper';

export const helped = async (): Promise<string> => helper();
