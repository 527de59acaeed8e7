import { expect, test } from 'vitest';
import { nameFromText } from '../../src/dns/name.js';
import { Class, Rcode, Type } from '../../src/dns/numbers.js';
import type { Trace } from '../../src/ports/trace.js';
import { World } from '../sim/world.js';
import { ordinary } from './zones.js';

test("an embedder's trace that throws costs its own question, not the next that asks the same", async () => {
  const world = new World(ordinary);
  const { resolver } = world.composed;
  const question = { name: nameFromText('www.example.com.'), type: Type.A, class: Class.IN };
  const trace: Trace = ({ kind }) => {
    if (kind === 'query') throw new Error('a mistake of the embedder');
  };
  const first = resolver.resolve(question, { checkingDisabled: false, trace });
  await expect(world.clock.run(first)).rejects.toThrow('a mistake of the embedder');
  const second = resolver.resolve(question, { checkingDisabled: false, trace: undefined });
  expect((await world.clock.run(second)).rcode).toBe(Rcode.NOERROR);
});
