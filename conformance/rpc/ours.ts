import { createDriver } from '../../src/engine/service/testing/driver.ts';
import type { Outcome, Server } from './world.ts';

const STEP_MS = 10;
const PATIENCE_MS = 60_000;

/** Our Service as a server: time passes when somebody waits. */
export function ourServer(): Server {
  const d = createDriver();
  return {
    begin: (rpc, request) => {
      const callId = d.begin(rpc, request);
      d.rest();
      // Time passes when the script asks for the answer, not before: what it does in between may be what brings it.
      return () => {
        for (let waited = 0; d.answer(callId) === null && waited < PATIENCE_MS; waited += STEP_MS) d.advance(STEP_MS);
        const result = d.answer(callId);
        if (!result) throw new Error(`${rpc} had no answer after ${PATIENCE_MS} ms`);
        return Promise.resolve(result as Outcome<typeof rpc>);
      };
    },
    wait: (ms) => {
      d.advance(ms);
      return Promise.resolve();
    },
  };
}
