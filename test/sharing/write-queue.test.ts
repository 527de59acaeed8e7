/** Entries on their way to the store: gathered, bounded, never waited for. */
import { describe, expect, it } from 'vitest';
import { Entry } from '../../src/cache/entry.js';
import { zeroCounters } from '../../src/sharing/counters.js';
import { Link } from '../../src/sharing/link.js';
import { WriteQueue } from '../../src/sharing/write-queue.js';
import { noLog } from '../contract/no-log.js';
import { SimClock } from '../sim/clock.js';
import { FakeStore } from './fake-store.js';

async function queueOver(store: FakeStore) {
  const clock = new SimClock();
  const counters = zeroCounters();
  const link = new Link({
    open: store.open,
    clock,
    log: { ...noLog, warn() {} },
    counters,
    where: 'test',
    timeout: 20,
    trialKey: () => 'trial',
    channel: () => 'channel',
    onMessage() {},
    onReady() {},
  });
  link.start();
  await clock.run(Promise.resolve());
  const encode = (key: string, entry: Entry) =>
    entry.packed === 'expired' ? undefined : { key, value: Buffer.from(entry.packed), ttl: 1000 };
  const queue = new WriteQueue(link, clock, counters, encode, (key) => [key]);
  return { clock, counters, link, queue };
}

const entry = (packed: string): Entry => new Entry(packed, 0);

describe('the queue of writes', () => {
  it('writes what is put, once and with its last value, and nothing that expired meanwhile', async () => {
    const store = new FakeStore();
    const { clock, queue, counters } = await queueOver(store);
    queue.put('a', entry('old'));
    queue.put('b', entry('expired'));
    queue.put('a', entry('new'));
    expect(store.writes).toEqual([]);
    await clock.pass(10);
    expect(store.writes.map(({ key, value }) => `${key}=${value}`)).toEqual(['a=new']);
    expect(counters).toMatchObject({ writes: 1, droppedWrites: 0 });
  });

  it('holds 8192 and drops what is more, counted; and takes more once they are written', async () => {
    const store = new FakeStore();
    const { clock, queue, counters } = await queueOver(store);
    for (let i = 0; i < 8200; i++) queue.put(`k${i}`, entry('x'));
    queue.put('k0', entry('y'));
    expect(counters.droppedWrites).toBe(8);
    await clock.pass(100);
    expect(counters.writes).toBe(8192);
    queue.put('later', entry('x'));
    await clock.pass(10);
    expect(counters.writes).toBe(8193);
  });

  it('a delete overtakes what waits to be written, and a write what waits to be deleted', async () => {
    const store = new FakeStore();
    const { clock, queue } = await queueOver(store);
    queue.put('a', entry('x'));
    queue.delete('a');
    queue.delete('b');
    queue.put('b', entry('y'));
    await clock.pass(10);
    expect(store.deleted).toEqual(['a']);
    expect(store.writes.map(({ key }) => key)).toEqual(['b']);
  });

  it('drops everything when the store goes, counted, and starts anew when it is back', async () => {
    const store = new FakeStore();
    const { clock, queue, counters, link } = await queueOver(store);
    queue.put('a', entry('x'));
    store.die();
    queue.put('b', entry('x'));
    await clock.pass(10);
    expect(counters).toMatchObject({ writes: 0, droppedWrites: 2 });
    store.mood = 'fine';
    await clock.pass(1100);
    expect(link.isUsable).toBe(true);
    queue.put('c', entry('x'));
    await clock.pass(10);
    expect(store.writes.map(({ key }) => key)).toEqual(['c']);
  });
});
