/** Two resolvers over one store, each with a clock and a network of its own: what one found, the other need not ask for. */
import { describe, expect, it } from 'vitest';
import { composeResolver } from '../../src/cli/compose.js';
import { nameFromText } from '../../src/dns/name.js';
import { Class, Type } from '../../src/dns/numbers.js';
import { noLog } from '../contract/no-log.js';
import { seededRandom } from '../sim/random.js';
import { FakeStore } from './fake-store.js';
import { config, instance, teach } from './instances.js';

describe('what one instance found', () => {
  it.each(['www.example. A', 'long.example. A', 'www.example. MX', 'nothing.example. A', 'text.example. TXT'])(
    '%s: the other answers the same and asks nobody',
    async (question) => {
      const store = new FakeStore();
      const [first, second] = [await instance(store), await instance(store)];
      await teach(first, question);
      const answer = await first.ask(question);
      expect(first.asked).toEqual([]);
      expect(await second.ask(question)).toBe(answer);
      expect(second.asked).toEqual([]);
      expect(second.shared().hits).toBeGreaterThan(0);
    },
  );

  it('shortens the way to other names: the zone cut is taken over', async () => {
    const store = new FakeStore();
    const [first, second] = [await instance(store), await instance(store)];
    await teach(first, 'www.example. A');
    expect(await second.ask('text.example. TXT')).toContain('here');
    expect(second.asked.filter((asked) => asked.includes('192.0.2.1'))).toEqual([]);
  });

  it('a DNAME answers for names below it that nobody asked for yet', async () => {
    const store = new FakeStore();
    const [first, second] = [await instance(store), await instance(store)];
    await teach(first, 'text.tree.example. TXT', 'www.example. A');
    expect(await second.ask('www.tree.example. A')).toContain('192.0.2.80');
    expect(second.asked).toEqual([]);
  });

  it('keeps its verdict, its proof and its signatures, and is not validated again', async () => {
    const store = new FakeStore();
    const sign = { '.': { kind: 'nsec' }, 'example.': { kind: 'nsec' } } as const;
    const first = await instance(store, { sign });
    const denied = await first.resolution('nothing.example. A');
    await teach(first, 'www.example. A', 'alias.example. A');
    // Over the same zones, since keys are made anew for each world.
    const { clock, network } = first;
    const parts = { clock, exchange: network, random: seededRandom(2), log: noLog, openStore: store.open };
    const second = composeResolver(first.config, parts);
    await clock.run(Promise.resolve());
    network.asked.length = 0;
    for (const name of ['www.example.', 'alias.example.', 'nothing.example.']) {
      const question = { name: nameFromText(name), type: Type.A, class: Class.IN };
      const answered = await clock.run(
        second.resolver.resolve(question, { checkingDisabled: false, trace: undefined }),
      );
      expect(answered.security.kind, name).toBe('secure');
      if (name.startsWith('nothing')) expect(answered.authority).toEqual(denied.authority);
      else expect(answered.answer.every(({ signatures }) => signatures.length > 0)).toBe(true);
    }
    expect(network.asked).toEqual([]);
  });

  it('is as old as it is: the TTL runs on, and its origin is told', async () => {
    const store = new FakeStore();
    const [first, second] = [await instance(store), await instance(store)];
    await teach(first, 'www.example. A');
    await second.clock.pass(600_000);
    expect(await second.ask('www.example. A')).toContain('www.example. 3000 IN A');
    const filter = { name: nameFromText('www.example.'), type: Type.A };
    const [entry] = [...second.composed.inspection.entries(filter)];
    expect(entry!.provenance).toMatchObject({ shared: true, server: '192.0.2.2:53', askedFor: 'www.example. A' });
    expect(entry!.ttlOriginal).toBe(3600);
    await second.clock.pass(3_000_000);
    await second.ask('www.example. A');
    expect(second.asked.length).toBeGreaterThan(0);
  });

  it('is not written back by the other', async () => {
    const store = new FakeStore();
    const [first, second] = [await instance(store), await instance(store)];
    await teach(first, 'www.example. A');
    const written = store.writes.length;
    await teach(second, 'www.example. A');
    expect(store.writes.length).toBe(written);
  });

  it.each([
    'zones: [{ name: other.example, type: forward, servers: ["192.0.2.9"] }]',
    'dnssec: { mode: permissive }',
    'upstream: { privateAddresses: [10.0.0.0/8] }',
  ])('is nothing to one that is configured otherwise: %s', async (more) => {
    const store = new FakeStore();
    const first = await instance(store);
    await teach(first, 'www.example. A');
    const second = await instance(store, { config: config(more) });
    await second.ask('www.example. A');
    expect(second.asked.length).toBeGreaterThan(0);
    expect(second.shared()).toMatchObject({ restored: 0, badSignatures: 0 });
  });

  it('failures are not shared: they are of one network', async () => {
    const store = new FakeStore();
    const first = await instance(store);
    first.at('192.0.2.2').silent = true;
    await teach(first, 'text.example. TXT');
    expect(await first.ask('text.example. TXT')).toContain('SERVFAIL');
    const second = await instance(store);
    expect(await second.ask('text.example. TXT')).toContain('NOERROR');
  });
});
