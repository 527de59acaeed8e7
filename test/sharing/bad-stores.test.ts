/** A store that is dead, stalls, is full or comes and goes: every question is answered, and hardly later than without it. */
import { describe, expect, it } from 'vitest';
import type { Log } from '../../src/ports/log.js';
import { askInTurn, askTogether } from '../scenarios/asking.js';
import { World } from '../sim/world.js';
import { FakeStore } from './fake-store.js';
import { instance, teach, ZONES } from './instances.js';

/** Milliseconds; the default of cache.shared.timeout. */
const TIMEOUT = 20;

class NotedLog implements Log {
  readonly lines: string[] = [];
  debug(): void {}
  info(_fields: object, message: string): void {
    this.lines.push(message);
  }
  warn(fields: object, message: string): void {
    this.lines.push(`${message} (${(fields as { because: string }).because})`);
  }
  error(): void {}
}

/** How long the same questions take without any store. */
async function plainTimes(count: number, question: (i: number) => string): Promise<readonly number[]> {
  const plain = new World(ZONES);
  return (await askInTurn(plain, count, question)).took;
}

const missing = (i: number): string => `missing-${i}.example. A`;

describe('a store that answers nothing', () => {
  it('at start: nobody waits, not a moment', async () => {
    const store = new FakeStore();
    store.mood = 'dead';
    const world = await instance(store);
    const { took } = await askInTurn(world, 5, missing);
    expect(took).toEqual(await plainTimes(5, missing));
    expect(world.shared()).toMatchObject({ circuit: 'open', gets: 0, circuitOpens: 0 });
  });

  it('later: each question waits once at most, three of them do, and then none', async () => {
    const store = new FakeStore();
    const world = await instance(store);
    store.mood = 'hanging';
    const { took, rcodes } = await askInTurn(world, 8, missing);
    const plain = await plainTimes(8, missing);
    expect(rcodes).toEqual(Array(8).fill('NXDOMAIN'));
    const extra = took.map((ms, i) => ms - plain[i]!);
    expect(extra).toEqual([TIMEOUT, TIMEOUT, TIMEOUT, 0, 0, 0, 0, 0]);
    expect(world.shared()).toMatchObject({ circuitOpens: 1, gets: 3 });
  });

  it('a question that needs many lookups waits for them all together no longer than for one', async () => {
    const store = new FakeStore();
    const world = await instance(store);
    store.mood = 'hanging';
    const started = world.clock.now();
    expect(await world.ask('long.example. A')).toContain('192.0.2.80');
    const plain = new World(ZONES);
    const before = plain.clock.now();
    await plain.ask('long.example. A');
    expect(world.clock.now() - started - (plain.clock.now() - before)).toBe(TIMEOUT);
  });

  it('questions that come together do not wait one after another', async () => {
    const store = new FakeStore();
    const world = await instance(store);
    store.mood = 'hanging';
    const started = world.clock.now();
    const answers = await askTogether(
      world,
      Array.from({ length: 50 }, (_, i) => missing(i)),
    );
    expect(answers.every(({ rcode }) => rcode === 3)).toBe(true);
    expect(world.clock.now() - started).toBeLessThan(TIMEOUT + 200);
    expect(world.shared().circuitOpens).toBe(1);
  });
});

describe('a store that dies and returns', () => {
  it('is given up at once, tried again ever more rarely, and used again; all of that is told once', async () => {
    const store = new FakeStore();
    const log = new NotedLog();
    const world = await instance(store, { parts: { log } });
    store.die();
    expect(world.shared()).toMatchObject({ circuit: 'open', circuitOpens: 1 });
    const before = store.opened;
    await world.clock.pass(60_000);
    // After 1, 2, 4, 8, 16 s, and the next after 30 s would be too late.
    expect(store.opened - before).toBe(5);
    store.mood = 'fine';
    await world.clock.pass(30_000);
    expect(world.shared().circuit).toBe('closed');
    expect(log.lines).toEqual([
      'the shared cache is in use',
      'the shared cache is left alone for now: answers go on without it (connection reset)',
      'the shared cache is in use',
    ]);
    await teach(world, 'www.example. A');
    expect(world.shared().writes).toBeGreaterThan(0);
  });

  it('one that connects and stalls is not taken for one that works', async () => {
    const store = new FakeStore();
    const world = await instance(store);
    store.die();
    store.mood = 'hanging';
    await world.clock.pass(10_000);
    expect(world.shared().circuit).not.toBe('closed');
    const { took } = await askInTurn(world, 3, missing);
    expect(took).toEqual(await plainTimes(3, missing));
  });

  it('one that comes and goes is left alone longer each time', async () => {
    const store = new FakeStore();
    const world = await instance(store);
    const opened: number[] = [];
    for (let i = 0; i < 4; i++) {
      store.die();
      store.mood = 'fine';
      const died = world.clock.now();
      while (world.shared().circuit !== 'closed') await world.clock.pass(500);
      opened.push(world.clock.now() - died);
    }
    expect(opened).toEqual([1000, 2000, 4000, 8000].map((ms) => expect.closeTo(ms, -3)));
    expect([...opened].sort((a, b) => a - b)).toEqual(opened);
  });

  it('close() ends all of it: nothing is tried any more', async () => {
    const store = new FakeStore();
    const world = await instance(store);
    store.die();
    await world.composed.close();
    const before = store.opened;
    await world.clock.pass(120_000);
    expect(store.opened).toBe(before);
  });
});

it('a full store is read on: what it does not take is counted, and the circuit stays closed', async () => {
  const store = new FakeStore();
  const [first, second] = [await instance(store), await instance(store)];
  await teach(first, 'www.example. A');
  store.mood = 'full';
  await teach(second, 'www.example. A', 'text.example. TXT');
  expect(second.shared()).toMatchObject({ circuit: 'closed', errors: 0, hits: 1 });
  expect(second.shared().refusedWrites).toBeGreaterThan(0);
});
