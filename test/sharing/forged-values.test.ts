/** Whoever can write to the store: what of it is believed, and what it can do to those that read it. */
import { describe, expect, it } from 'vitest';
import { FakeStore } from './fake-store.js';
import { config, type Instance, instance, teach } from './instances.js';

/** What the first wrote is changed by `tamper` before the second reads it. */
async function tampered(tamper: (values: Map<string, Buffer>) => void): Promise<{ second: Instance; answer: string }> {
  const store = new FakeStore();
  const [first, second] = [await instance(store), await instance(store)];
  await teach(first, 'www.example. A', 'text.example. TXT', 'nothing.example. A');
  tamper(store.values);
  return { second, answer: await second.ask('www.example. A') };
}

function everyValue(change: (value: Buffer) => Buffer) {
  return (values: Map<string, Buffer>): void => {
    for (const [key, value] of values) values.set(key, change(value));
  };
}

const flippedAt = (index: number) => (value: Buffer) => {
  const changed = Buffer.from(value);
  const at = index < 0 ? changed.length + index : index;
  changed[at]! ^= 1;
  return changed;
};

describe('a value', () => {
  it.each([
    ['with another address in it', flippedAt(-1)],
    ['with another signature', flippedAt(3)],
    ['that expires later', flippedAt(33)],
    ['that was stored at another time', flippedAt(39)],
    ['cut short', (value: Buffer) => value.subarray(0, -1)],
    ['shorter than a signature', (value: Buffer) => value.subarray(0, 20)],
    ['made longer', (value: Buffer) => Buffer.concat([value, Buffer.alloc(4)])],
    ['that is nothing', () => Buffer.alloc(0)],
    ['of rubbish', () => Buffer.alloc(500, 0xff)],
  ])('%s is a miss', async (_how, change) => {
    const { second, answer } = await tampered(everyValue(change));
    expect(answer).toContain('192.0.2.80');
    expect(second.asked.length).toBeGreaterThan(0);
    expect(second.shared()).toMatchObject({ restored: 0, hits: 0, circuit: 'closed' });
    expect(second.shared().badSignatures).toBeGreaterThan(0);
  });

  it('put under the key of another is a miss', async () => {
    const { second, answer } = await tampered((values) => {
      const keys = [...values.keys()];
      const turned = keys.map((key, i) => [key, values.get(keys[(i + 1) % keys.length]!)!] as const);
      for (const [key, value] of turned) values.set(key, value);
    });
    expect(answer).toContain('192.0.2.80');
    expect(second.shared()).toMatchObject({ restored: 0 });
  });

  it('signed with another secret is a miss', async () => {
    const store = new FakeStore();
    const first = await instance(store, { config: config().replace(/secret: \w+/, `secret: ${'f'.repeat(32)}`) });
    const second = await instance(store);
    await teach(first, 'www.example. A');
    await second.ask('www.example. A');
    expect(second.shared()).toMatchObject({ restored: 0, hits: 0 });
    expect(second.shared().badSignatures).toBeGreaterThan(0);
  });

  it('put back after its time is a miss: it says itself when that is', async () => {
    const store = new FakeStore();
    const [first, second] = [await instance(store), await instance(store)];
    await teach(first, 'www.example. A');
    await second.clock.pass(3_700_000);
    await second.ask('www.example. A');
    expect(second.shared()).toMatchObject({ restored: 0, badSignatures: 0 });
    expect(second.asked.length).toBeGreaterThan(0);
  });

  it('from far ahead of our time is a miss: its age cannot be told', async () => {
    const store = new FakeStore();
    const [first, second] = [await instance(store), await instance(store)];
    first.clock.jump(600_000);
    await teach(first, 'www.example. A');
    await second.ask('www.example. A');
    expect(second.shared()).toMatchObject({ restored: 0 });
  });
});

describe('the log of flushes', () => {
  it('of rubbish, under a mark that changes each time, costs a second look and nothing else', async () => {
    const store = new FakeStore();
    const [first, second] = [await instance(store), await instance(store)];
    await teach(first, 'www.example. A', 'text.example. TXT');
    const key = [...store.values.keys()][0]!.split(':').slice(0, 3).join(':');
    store.values.set(`${key}:flushes`, Buffer.alloc(30_000, 1));
    store.values.set(`${key}:flushed`, Buffer.from('one'));
    expect(await second.ask('www.example. A')).toContain('192.0.2.80');
    store.values.set(`${key}:flushed`, Buffer.from('two'));
    expect(await second.ask('text.example. TXT')).toContain('here');
    expect(second.asked).toEqual([]);
    expect(second.shared().badSignatures).toBeGreaterThan(0);
    expect(second.shared().flushesReceived).toBe(0);
  });
});
