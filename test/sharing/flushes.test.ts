/** What one instance flushes is gone in all of them, and does not come back by the store. */
import { describe, expect, it } from 'vitest';
import { nameFromText } from '../../src/dns/name.js';
import { Type } from '../../src/dns/numbers.js';
import type { CacheFilter } from '../../src/ports/inspection.js';
import { loadOne } from '../sim/world.js';
import { FakeStore } from './fake-store.js';
import { type Instance, instance, teach } from './instances.js';

const name = (text: string) => nameFromText(text);

async function pair(store: FakeStore): Promise<[Instance, Instance]> {
  return [await instance(store), await instance(store)];
}

function holds(world: Instance, filter: CacheFilter): boolean {
  return !world.composed.inspection.entries(filter)[Symbol.iterator]().next().done;
}

/** As long as what is flushed is not old enough to be told from what was stored before. ms */
const SKEW = 2100;

/** Time passes for all of them alike. */
async function pass(worlds: readonly Instance[], ms: number): Promise<void> {
  for (const world of worlds) await world.clock.pass(ms);
}

describe('a flush', () => {
  it.each<[string, CacheFilter]>([
    ['of a name', { name: name('www.example.') }],
    ['of a name and type', { name: name('www.example.'), type: Type.A }],
    ['of a subtree', { suffix: name('example.') }],
    ['of a type', { type: Type.A }],
    ['of a kind', { kind: 'rrset' }],
    ['of everything', {}],
  ])('%s: the other forgets it at once, and asks anew', async (_what, filter) => {
    const store = new FakeStore();
    const [first, second] = await pair(store);
    await teach(first, 'www.example. A', 'text.example. TXT');
    await teach(second, 'www.example. A');
    await pass([first, second], 5000);
    expect(await first.composed.inspection.flush(filter)).toBeGreaterThan(0);
    await first.clock.run(Promise.resolve());
    expect(holds(second, { ...filter, name: name('www.example.'), type: Type.A })).toBe(false);
    expect(second.shared().flushesReceived).toBe(1);
    await second.ask('www.example. A');
    expect(second.asked).toContain('192.0.2.2 www.example. A');
    expect(second.shared().flushedValues).toBeGreaterThan(0);
  });

  it('whose record a full store has lost takes back all that was stored before', async () => {
    const store = new FakeStore();
    const first = await instance(store);
    await teach(first, 'www.example. A', 'text.example. TXT');
    await pass([first], 5000);
    first.composed.inspection.flush({ name: name('www.example.') });
    await first.clock.run(Promise.resolve());
    for (const key of [...store.values.keys()]) if (key.endsWith(':flushes')) store.values.delete(key);
    const late = await instance(store);
    await pass([late], 5000);
    await late.ask('text.example. TXT');
    expect(late.asked).not.toEqual([]);
    expect(late.shared().flushedValues).toBeGreaterThan(0);
  });

  it('leaves what it is not about', async () => {
    const store = new FakeStore();
    const [first, second] = await pair(store);
    await teach(first, 'www.example. A', 'text.example. TXT');
    first.composed.inspection.flush({ name: name('www.example.') });
    await first.clock.run(Promise.resolve());
    await second.ask('text.example. TXT');
    expect(second.asked).toEqual([]);
  });

  it('goes round once: nobody tells on what it heard, and who flushed hears nothing', async () => {
    const store = new FakeStore();
    const [first, second] = await pair(store);
    const third = await instance(store);
    first.composed.inspection.flush({ type: Type.TXT });
    await pass([first, second, third], 3000);
    expect(first.shared()).toMatchObject({ flushesSent: 1, flushesReceived: 0 });
    for (const other of [second, third]) expect(other.shared()).toMatchObject({ flushesSent: 0, flushesReceived: 1 });
  });

  it('what is found after it is shared again', async () => {
    const store = new FakeStore();
    const [first, second] = await pair(store);
    await teach(first, 'www.example. A');
    first.composed.inspection.flush({});
    await pass([first, second], SKEW);
    await teach(first, 'www.example. A');
    await second.ask('www.example. A');
    expect(second.asked).toEqual([]);
  });

  it('a value that was under way when it was made does not come back', async () => {
    const store = new FakeStore();
    const [first, second] = await pair(store);
    await teach(first, 'www.example. A');
    const before = new Map(store.values);
    await pass([first, second], 5000);
    second.composed.inspection.flush({ suffix: name('example.') });
    await second.clock.run(Promise.resolve());
    for (const [key, value] of before) store.values.set(key, value);
    for (const world of [first, second]) {
      await world.ask('www.example. A');
      expect(world.asked).toContain('192.0.2.2 www.example. A');
    }
  });
});

describe('without messages, or when one is lost', () => {
  it('a flush is heard with the next lookup in the store, before anything of it is believed', async () => {
    const store = new FakeStore();
    store.hasMessages = false;
    const [first, second] = await pair(store);
    await teach(first, 'www.example. A', 'text.example. TXT');
    await teach(second, 'www.example. A');
    await pass([first, second], 5000);
    first.composed.inspection.flush({ name: name('www.example.') });
    await first.clock.run(Promise.resolve());
    expect(holds(second, { name: name('www.example.') })).toBe(true);
    await second.ask('text.example. TXT');
    expect(second.asked).toEqual([]);
    expect(holds(second, { name: name('www.example.') })).toBe(false);
  });

  it('an instance that starts later knows of it', async () => {
    const store = new FakeStore();
    const first = await instance(store);
    await teach(first, 'www.example. A');
    const before = new Map(store.values);
    await first.clock.pass(5000);
    first.composed.inspection.flush({});
    await first.clock.run(Promise.resolve());
    for (const [key, value] of before) store.values.set(key, value);
    const later = await instance(store);
    await later.clock.pass(5000);
    await later.ask('www.example. A');
    expect(later.asked.length).toBeGreaterThan(0);
  });

  it('one made while the store was away is told when it is back', async () => {
    const store = new FakeStore();
    const [first, second] = await pair(store);
    await teach(second, 'www.example. A');
    store.die();
    first.composed.inspection.flush({});
    store.mood = 'fine';
    await pass([second, first], 3000);
    expect(first.shared()).toMatchObject({ circuit: 'closed', flushesSent: 1 });
    expect(holds(second, { name: name('www.example.') })).toBe(false);
  });

  it('made while the store was away reaches one that comes back after it was told, before it asks the store', async () => {
    const store = new FakeStore();
    const [first, second] = await pair(store);
    await teach(second, 'www.example. A');
    store.die();
    first.composed.inspection.flush({});
    store.mood = 'fine';
    await first.clock.pass(3000);
    expect(first.shared()).toMatchObject({ circuit: 'closed', flushesSent: 1 });
    await second.clock.pass(3000);
    expect(second.shared()).toMatchObject({ circuit: 'closed', flushesReceived: 1 });
    expect(holds(second, { name: name('www.example.') })).toBe(false);
  });

  it('very many are told as one: the log stays short, and all is forgotten', async () => {
    const store = new FakeStore();
    const [first, second] = await pair(store);
    await teach(second, 'www.example. A');
    store.hasMessages = false;
    for (let i = 0; i < 400; i++) {
      first.composed.inspection.flush({ suffix: name(`a-rather-long-name-to-flush-${i}.test.`) });
      await first.clock.run(Promise.resolve());
    }
    const log = [...store.values].find(([key]) => key.endsWith(':flushes'))![1];
    expect(log.length).toBeLessThanOrEqual(32_768);
    await second.ask('text.example. TXT');
    expect(holds(second, { name: name('www.example.') })).toBe(false);
  });
});

describe('a message', () => {
  it('played again later, or made by somebody else, is not obeyed', async () => {
    const store = new FakeStore();
    const [first, second] = await pair(store);
    const sent: Buffer[] = [];
    const send = store.send.bind(store);
    store.send = (channel, message) => {
      sent.push(message);
      send(channel, message);
    };
    first.composed.inspection.flush({});
    await first.clock.run(Promise.resolve());
    expect(second.shared().flushesReceived).toBe(1);
    const [channel] = store.listening;
    await teach(second, 'www.example. A');
    store.send(channel!, sent[0]!);
    expect(holds(second, { name: name('www.example.') })).toBe(true);

    // To one that did not hear it then.
    const third = await instance(store);
    await third.clock.pass(3_600_000);
    await teach(third, 'text.example. TXT');
    store.send(channel!, sent[0]!);
    expect(holds(third, { name: name('text.example.') })).toBe(true);

    for (const forged of [Buffer.alloc(0), Buffer.alloc(20_000, 0x7b), Buffer.concat([sent[0]!, Buffer.from(' ')])]) {
      store.send(channel!, forged);
    }
    expect(holds(third, { name: name('text.example.') })).toBe(true);
    expect(third.shared().badSignatures).toBe(3);
  });
});

it('a zone cut that led nowhere leaves the store too', async () => {
  const store = new FakeStore();
  const world = await instance(store);
  await teach(world, 'www.example. A');
  expect(store.deleted).toEqual([]);
  // The parent has taken the zone back.
  world.at('192.0.2.2').silent = true;
  world.at('192.0.2.1').zones = [loadOne('.', '@ NS a.root.\na.root. A 192.0.2.1\ntext.example. TXT "moved"\n')];
  await teach(world, 'text.example. TXT');
  expect(await world.ask('text.example. TXT')).toContain('moved');
  expect(store.deleted.length).toBeGreaterThan(0);
  const second = await instance(store);
  second.at('192.0.2.2').silent = true;
  second.at('192.0.2.1').zones = world.at('192.0.2.1').zones;
  await second.ask('other.example. TXT');
  expect(second.asked.filter((asked) => asked.startsWith('192.0.2.2'))).toEqual([]);
});

it('a change of what is believed flushes here alone: the others go on with what they share', async () => {
  const store = new FakeStore();
  const [first, second] = await pair(store);
  await teach(first, 'www.example. A');
  first.composed.reconfigure({
    ...first.config,
    zones: [{ name: name('x.'), type: 'forward', servers: [], fallback: false }],
  });
  await first.clock.pass(100);
  expect(second.shared().flushesReceived).toBe(0);
  await second.ask('www.example. A');
  expect(second.asked).toEqual([]);
  await teach(first, 'www.example. A');
  expect(first.asked.length).toBeGreaterThan(0);
  expect(new Set(store.listening).size).toBe(2);
});
