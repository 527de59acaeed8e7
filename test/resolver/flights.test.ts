import { expect, test } from 'vitest';
import { ROOT } from '../../src/dns/name.js';
import { type Continuation, resumedBy } from '../../src/ports/continuation.js';
import type { Flight } from '../../src/ports/lookup.js';
import { Flights } from '../../src/resolver/flights.js';

function deferred<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve!: (value: T) => void;
  const promise = new Promise<T>((r) => {
    resolve = r;
  });
  return { promise, resolve };
}

test('equal flights are joined and end together', async () => {
  const flights = new Flights<number>(10);
  const end = deferred<number>();
  let started = 0;
  const board = () =>
    flights.board('a', ROOT, undefined, (_, waiting) => {
      started++;
      resumedBy(end.promise, waiting);
    });
  const first = board();
  const second = board();
  expect([first.kind, second.kind]).toEqual(['flying', 'flying']);
  end.resolve(7);
  expect(first.kind === 'flying' && (await first.outcome)).toBe(7);
  expect(second.kind === 'flying' && (await second.outcome)).toBe(7);
  expect(started).toBe(1);
  expect(flights.size).toBe(0);
});

test('a circle over three flights is seen', () => {
  const flights = new Flights<number>(10);
  const open: Record<string, Flight> = {};
  const start = (flight: Flight): void => {
    open[flight.key] = flight;
  };
  flights.board('a', ROOT, undefined, start);
  flights.board('b', ROOT, open.a, start);
  flights.board('c', ROOT, open.b, start);
  expect(flights.board('a', ROOT, open.c, start).kind).toBe('circle');
  expect(flights.board('c', ROOT, open.c, start).kind).toBe('circle');
  expect(flights.board('c', ROOT, open.a, start).kind).toBe('flying');
});

test('more than the allowed number of waiters is turned away', () => {
  const flights = new Flights<number>(2);
  const board = () => flights.board('a', ROOT, undefined, () => undefined).kind;
  expect([board(), board(), board()]).toEqual(['flying', 'flying', 'crowded']);
});

test('a flight that fails unexpectedly leaves nothing behind', async () => {
  const flights = new Flights<number>(2);
  const throws = (): void => {
    throw new Error('bug');
  };
  const rejects = (_: Flight, waiting: Continuation<number>): void =>
    resumedBy(Promise.reject(new Error('bug')), waiting);
  for (const start of [throws, rejects]) {
    const boarding = flights.board('a', ROOT, undefined, start);
    await expect(boarding.kind === 'flying' && boarding.outcome).rejects.toThrow('bug');
    expect(flights.size).toBe(0);
  }
});

test('a flight that lands before its start returns can be boarded anew', async () => {
  const flights = new Flights<number>(2);
  const land = (_: Flight, waiting: Continuation<number>): void => waiting.resume(7);
  for (let i = 0; i < 2; i++) {
    const boarding = flights.board('a', ROOT, undefined, land);
    expect(boarding).toMatchObject({ kind: 'flying', joined: false });
    expect(boarding.kind === 'flying' && (await boarding.outcome)).toBe(7);
  }
  expect(flights.size).toBe(0);
});
