import { expect, test } from 'vitest';
import { ROOT } from '../../src/dns/name.js';
import { type Continuation, promised, resumedBy } from '../../src/ports/continuation.js';
import type { Flight } from '../../src/ports/lookup.js';
import { Flights, type TurnedAway } from '../../src/resolver/flights.js';

function deferred<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve!: (value: T) => void;
  const promise = new Promise<T>((r) => {
    resolve = r;
  });
  return { promise, resolve };
}

type Boarding = { kind: 'flying'; outcome: Promise<number>; joined: boolean } | { kind: TurnedAway };

/** Joins the flight of that key, or starts it. */
function board(
  flights: Flights<number>,
  key: string,
  from: Flight | undefined,
  start: (flight: Flight, landing: Continuation<number>) => void,
): Boarding {
  const joined = flights.mayJoin(key, ROOT);
  let away: TurnedAway | undefined;
  const outcome = promised<number>((waiting) => {
    if (joined) away = flights.join(key, from, waiting);
    else flights.start(key, from, start, waiting);
  });
  return away === undefined ? { kind: 'flying', outcome, joined } : { kind: away };
}

test('equal flights are joined and end together', async () => {
  const flights = new Flights<number>(10);
  const end = deferred<number>();
  let started = 0;
  const boardIt = () =>
    board(flights, 'a', undefined, (_, waiting) => {
      started++;
      resumedBy(end.promise, waiting);
    });
  const first = boardIt();
  const second = boardIt();
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
  board(flights, 'a', undefined, start);
  board(flights, 'b', open.a, start);
  board(flights, 'c', open.b, start);
  expect(board(flights, 'a', open.c, start).kind).toBe('circle');
  expect(board(flights, 'c', open.c, start).kind).toBe('circle');
  expect(board(flights, 'c', open.a, start).kind).toBe('flying');
});

test('more than the allowed number of waiters is turned away', () => {
  const flights = new Flights<number>(2);
  const boardIt = () => board(flights, 'a', undefined, () => undefined).kind;
  expect([boardIt(), boardIt(), boardIt()]).toEqual(['flying', 'flying', 'crowded']);
});

test('a flight that fails unexpectedly leaves nothing behind', async () => {
  const flights = new Flights<number>(2);
  const throws = (): void => {
    throw new Error('bug');
  };
  const rejects = (_: Flight, waiting: Continuation<number>): void =>
    resumedBy(Promise.reject(new Error('bug')), waiting);
  for (const start of [throws, rejects]) {
    const boarding = board(flights, 'a', undefined, start);
    await expect(boarding.kind === 'flying' && boarding.outcome).rejects.toThrow('bug');
    expect(flights.size).toBe(0);
  }
});

test('a flight that lands before its start returns can be boarded anew', async () => {
  const flights = new Flights<number>(2);
  const land = (_: Flight, waiting: Continuation<number>): void => waiting.resume(7);
  for (let i = 0; i < 2; i++) {
    const boarding = board(flights, 'a', undefined, land);
    expect(boarding).toMatchObject({ kind: 'flying', joined: false });
    expect(boarding.kind === 'flying' && (await boarding.outcome)).toBe(7);
  }
  expect(flights.size).toBe(0);
});
