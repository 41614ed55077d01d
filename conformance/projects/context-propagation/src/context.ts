import { AsyncLocalStorage } from 'async_hooks';
import { defaultPayloadConverter, type Headers } from '@temporalio/common';

export interface Caller {
  customer?: string;
}

const storage = new AsyncLocalStorage<Caller>();
export const withContext = <T>(caller: Caller, body: () => Promise<T>): Promise<T> => storage.run(caller, body);
export const getContext = (): Caller => storage.getStore() ?? {};

export const inject = (headers: Headers, caller: Caller): Headers => ({ ...headers, caller: defaultPayloadConverter.toPayload(caller)! });
export const extract = (headers: Headers): Caller => (headers['caller'] ? defaultPayloadConverter.fromPayload<Caller>(headers['caller']) : {});
