import { expect, test } from 'vitest';
import { ROOT } from '../../src/dns/name.js';
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
    flights.board('a', ROOT, undefined, () => {
      started++;
      return end.promise;
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
  const never = new Promise<number>(() => undefined);
  const start = (flight: Flight): Promise<number> => {
    open[flight.key] = flight;
    return never;
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
  const board = () => flights.board('a', ROOT, undefined, () => new Promise<number>(() => undefined)).kind;
  expect([board(), board(), board()]).toEqual(['flying', 'flying', 'crowded']);
});

test('a flight that fails unexpectedly leaves nothing behind', async () => {
  const flights = new Flights<number>(2);
  const boarding = flights.board('a', ROOT, undefined, () => Promise.reject(new Error('bug')));
  await expect(boarding.kind === 'flying' && boarding.outcome).rejects.toThrow('bug');
  expect(flights.size).toBe(0);
});
