import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nameFromText } from '../../src/dns/name.js';
import { Rcode, Type } from '../../src/dns/numbers.js';
import type { Resolution } from '../../src/dns/resolution.js';
import { UNCHECKED } from '../../src/dns/security.js';
import { FlightRecorder, type Flown } from '../../src/resolver/flight-recorder.js';

const fine: Resolution = {
  rcode: Rcode.NOERROR,
  answer: [],
  authority: [],
  security: UNCHECKED,
  because: [],
  source: 'network',
  authoritative: false,
};
const because = { code: 22, text: 'nobody answered' };

function flown(name: string, rest: Partial<Resolution> = {}, ms = 20): Flown {
  const question = { name: nameFromText(name), type: Type.A, class: 1 };
  return { question, resolution: { ...fine, ...rest }, ms, exchanges: 3 };
}

const failed = (name: string): Flown => flown(name, { rcode: Rcode.SERVFAIL, because: [because] });

function recorder(capacity: number): FlightRecorder & { tick: () => void } {
  let wall = Date.UTC(2026, 0, 2);
  const made = new FlightRecorder(
    () => wall,
    () => capacity,
  );
  return Object.assign(made, {
    tick: () => {
      wall += 1000;
    },
  });
}

const names = (made: FlightRecorder): string[] => made.recent().map(({ name }) => name);

test('keeps what failed, was bogus though given out, or took a second', () => {
  const made = recorder(10);
  const security = { kind: 'bogus', because: 'expired', ede: { code: 7, text: 'expired' } } as const;
  made.landed(flown('good.example.'));
  made.landed(flown('quick.example.', {}, 999));
  made.landed(failed('failed.example.'));
  made.landed(flown('permitted.example.', { security }));
  made.landed(flown('slow.example.', {}, 1000));
  expect(names(made)).toEqual(['slow.example.', 'permitted.example.', 'failed.example.']);
});

test('tells when, how often, at what cost and why', () => {
  const made = recorder(10);
  made.landed(failed('a.example.'));
  made.tick();
  made.landed(failed('a.example.'));
  expect(made.recent(nameFromText('a.example.'))).toEqual([
    {
      name: 'a.example.',
      type: 'A',
      at: '2026-01-02T00:00:01.000Z',
      times: 2,
      rcode: 'SERVFAIL',
      verdict: 'unchecked',
      ms: 20,
      exchanges: 3,
      because: [{ code: 22, name: 'no reachable authority', text: 'nobody answered' }],
    },
  ]);
  expect(made.recent(nameFromText('b.example.'))).toEqual([]);
});

test('one name that fails all day does not push the others out', () => {
  const made = recorder(2);
  made.landed(failed('once.example.'));
  for (let i = 0; i < 1000; i++) made.landed(failed('again.example.'));
  expect(names(made)).toEqual(['again.example.', 'once.example.']);
});

test('never holds more than it may, and always the latest', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 5 }), fc.array(fc.integer({ min: 0, max: 9 })), (capacity, failures) => {
      const made = recorder(capacity);
      for (const i of failures) made.landed(failed(`n${i}.example.`));
      const distinct = [...new Set([...failures].reverse())].map((i) => `n${i}.example.`);
      expect(names(made)).toEqual(distinct.slice(0, capacity));
    }),
  );
});
