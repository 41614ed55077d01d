import { createHash, randomUUID } from 'crypto';
import { customAlphabet, nanoid } from 'nanoid';
import { v4, validate } from 'uuid';
import { EventEmitter, once } from 'node:events';
import { strict as assert } from 'node:assert';
import { inspect, promisify } from 'node:util';
import path from 'node:path';

export async function newIds(): Promise<string[]> {
  const emitter = new EventEmitter();
  setImmediate(() => emitter.emit('ready', 42));
  const [answer] = (await once(emitter, 'ready')) as [number];
  assert.equal(answer, 42);
  await promisify(setTimeout)(10);
  const ids = [nanoid(), customAlphabet('abc', 5)(), v4(), randomUUID()];
  assert.ok(validate(ids[2]) && validate(ids[3]));
  console.log(path.join('a', '..', 'b', path.extname('x.ts')), inspect({ deep: { er: [1, 'two'] } }), createHash('sha256').update('x').digest('hex').slice(0, 8));
  return ids;
}
