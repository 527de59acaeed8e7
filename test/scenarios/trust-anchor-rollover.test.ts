/** RFC 5011 in the running resolver: a root that rolls its keys, over months of simulated time. */
import { describe, expect, it, test } from 'vitest';
import { Type } from '../../src/dns/numbers.js';
import { AnchorFileError } from '../../src/validator/anchor-file.js';
import { DAY, dnskey, SEP_FLAGS } from '../validator/signing.js';
import { asDnskey, asDs, ksk, ROOT_SERVER, revoked, SignedRoot } from './signed-root.js';

const a = ksk();
const b = ksk();
const c = ksk();
const names = { a, b, c };
const QUESTION = 'www.alpha. A';
const newRoot = () => new SignedRoot('www.alpha. 60 A 192.0.2.1');

test('a whole rollover: a new key, its hold-down, the old key revoked, then removed', async () => {
  const root = newRoot();
  root.publish([a], [a]);
  await root.follow([asDnskey(a)]);
  expect(root.states(names)).toBe('a valid');
  root.publish([a, b], [a]);
  await root.days(1);
  expect(root.states(names)).toBe('a valid, b addPend');
  await root.days(29);
  expect(root.states(names)).toBe('a valid, b addPend');
  await root.days(2);
  expect(root.states(names)).toBe('a valid, b valid');
  expect(await root.ask(QUESTION)).toBe('NOERROR secure');
  root.publish([revoked(a), b], [revoked(a), b]);
  await root.days(1);
  expect(root.states(names)).toBe('a revoked, b valid');
  expect(await root.ask(QUESTION)).toBe('NOERROR secure');
  root.publish([b], [b]);
  await root.days(31);
  expect(root.states(names)).toBe('a removed, b valid');
  expect(await root.ask(QUESTION)).toBe('NOERROR secure');
  root.publish([a, b], [b]);
  await root.days(40);
  expect(root.states(names)).toBe('a removed, b valid');
  expect(root.logged.filter((line) => /a (new key|trust anchor was)|removed|revoked/.test(line))).toEqual([
    expect.stringMatching(/^info a new key was seen: a trust anchor from 2026-12-02 on/),
    'info a new key is a trust anchor now',
    'warn a trust anchor was revoked by its zone: it is trusted no more',
    'info a revoked trust anchor is kept in mind only, never to be trusted again',
  ]);
});

test('after the rollover the new key alone is enough, and the old one is not', async () => {
  const root = newRoot();
  root.publish([a, b], [a]);
  await root.follow([asDnskey(a)]);
  await root.days(32);
  root.publish([revoked(a), b], [revoked(a), b]);
  await root.days(1);
  // What the old key says counts for nothing now, and a restart does not forget that.
  root.publish([a], [a]);
  root.start([asDnskey(a)]);
  expect(await root.ask(QUESTION)).toBe('SERVFAIL bogus');
  root.publish([b], [b]);
  await root.clock.pass(DAY * 1000);
  expect(await root.ask(QUESTION)).toBe('NOERROR secure');
});

test('a revocation takes effect at once: what was believed before is asked again', async () => {
  const root = newRoot();
  root.publish([a, b], [a, b]);
  await root.follow([asDnskey(a), asDnskey(b)]);
  await root.ask('www.alpha. A');
  root.publish([revoked(a), b], [revoked(a), b]);
  const before = [...root.composed.inspection.entries({ kind: 'rrset' })].map(({ type }) => type);
  expect(before).toContain(Type.DNSKEY);
  await root.days(1);
  expect([...root.composed.inspection.entries({})].length).toBe(0);
});

test('a missing key stays trusted, and may come back', async () => {
  const root = newRoot();
  root.publish([a, b], [a]);
  await root.follow([asDnskey(a), asDnskey(b)]);
  root.publish([a], [a]);
  await root.days(1);
  expect(root.states(names)).toBe('a valid, b missing');
  root.publish([b], [b]);
  await root.days(1);
  expect(root.states(names)).toBe('a missing, b valid');
  root.publish([a, b], [b]);
  await root.days(1);
  expect(root.states(names)).toBe('a valid, b valid');
});

test('a new key that goes away within its hold-down begins again', async () => {
  const root = newRoot();
  root.publish([a, b], [a]);
  await root.follow([asDnskey(a)]);
  await root.days(20);
  root.publish([a], [a]);
  await root.days(1);
  expect(root.states(names)).toBe('a valid');
  expect(root.logged).toContain('warn a new key was taken back before it became an anchor');
  root.publish([a, b], [a]);
  await root.days(20);
  expect(root.states(names)).toBe('a valid, b addPend');
  await root.days(12);
  expect(root.states(names)).toBe('a valid, b valid');
});

test('a new key of an algorithm nobody here knows does not become an anchor', async () => {
  const root = newRoot();
  const unknown = { ...c, dnskey: dnskey(250, c.dnskey.publicKey, SEP_FLAGS) };
  root.publish([a, unknown], [a]);
  await root.follow([asDnskey(a)]);
  await root.days(32);
  expect(root.states(names)).toBe('a valid');
});

test('a REVOKE bit without the signature of that key revokes nothing (§2.1)', async () => {
  const root = newRoot();
  root.publish([a, b], [a, b]);
  await root.follow([asDnskey(a), asDnskey(b)]);
  root.publish([revoked(a), b], [b]);
  await root.days(1);
  expect(root.states(names)).toBe('a missing, b valid');
});

test('a set that no anchor signed changes nothing and is told once', async () => {
  const root = newRoot();
  root.publish([a], [a]);
  await root.follow([asDnskey(a)]);
  root.publish([c], [c]);
  await root.days(40);
  expect(root.states(names)).toBe('a valid');
  expect(root.logged.filter((line) => line.startsWith('warn'))).toEqual([
    'warn the trust anchors could not be checked with their zone: trying again',
  ]);
  const { refreshes } = root.composed.inspection.trust();
  expect(refreshes[0]?.last?.failure).toBe('none of its trust anchors has signed the DNSKEY of .');
  root.publish([a], [a]);
  await root.days(1);
  expect(root.logged.at(-1)).toBe('info the trust anchors were checked with their zone again');
});

test('when every anchor is revoked, the root is as one without anchors (§5), and the log says so', async () => {
  const root = newRoot();
  root.publish([a], [a]);
  await root.follow([asDnskey(a)]);
  expect(await root.ask(QUESTION)).toBe('NOERROR secure');
  root.publish([revoked(a)], [revoked(a)]);
  await root.days(1);
  expect(root.states(names)).toBe('a revoked');
  expect(root.logged.at(-1)).toBe('error every trust anchor of . is revoked: nothing there is validated any more');
  expect(await root.ask(QUESTION)).toBe('NOERROR indeterminate');
  root.network.asked.length = 0;
  await root.days(31);
  expect(root.states(names)).toBe('a removed');
  expect(root.network.asked).toEqual([]);
});

describe('configured digests', () => {
  it('of an old key first seen revoked, and of a new one: the new one stays (January 2027)', async () => {
    const root = newRoot();
    root.publish([revoked(a), b], [revoked(a), b]);
    await root.follow([asDs(a), asDs(b)]);
    expect(root.states(names)).toBe('a revoked, b valid');
    expect(await root.ask(QUESTION)).toBe('NOERROR secure');
  });

  it('count from the start, before any key was seen', async () => {
    const root = newRoot();
    root.publish([a], [a]);
    root.start([asDs(a)]);
    expect(root.states(names)).toBe('a unseen');
    expect(await root.ask(QUESTION)).toBe('NOERROR secure');
  });
});

describe('the state outlives the process', () => {
  it('a hold-down goes on over a restart', async () => {
    const root = newRoot();
    root.publish([a, b], [a]);
    await root.follow([asDnskey(a)]);
    await root.days(20);
    await root.follow([asDnskey(a)]);
    expect(root.states(names)).toBe('a valid, b addPend');
    await root.days(12);
    expect(root.states(names)).toBe('a valid, b valid');
    root.publish([b], [b]);
    root.start([asDnskey(a)]);
    expect(await root.ask(QUESTION)).toBe('NOERROR secure');
  });

  it('a revoked key stays revoked though it is still configured; one newly configured is added', async () => {
    const root = newRoot();
    root.publish([revoked(a), b], [revoked(a), b]);
    await root.follow([asDs(a), asDs(b)]);
    root.start([asDs(a), asDs(b), asDs(c)]);
    expect(root.states(names)).toBe('c unseen, a revoked, b valid');
  });

  it('is saved when it changed, and only then', async () => {
    const root = newRoot();
    root.publish([a], [a]);
    const composed = root.start([asDs(a)]);
    expect(root.store.saves).toBe(0);
    composed.keepAnchors();
    await root.clock.pass(5000);
    expect(root.store.saves).toBe(1);
    root.network.server(ROOT_SERVER).silent = true;
    await root.days(10);
    expect(root.store.saves).toBe(1);
  });

  it('is there after the first refresh, though nothing was learnt by it', async () => {
    const root = newRoot();
    root.publish([a], [a]);
    await root.follow([asDnskey(a)]);
    expect(root.store.text).toContain(`"keyTag": ${a.dnskey.keyTag}`);
  });

  it('when it cannot be saved it is told once, and kept in memory', async () => {
    const root = newRoot();
    root.publish([a, b], [a]);
    root.store.trouble = 'EROFS';
    await root.follow([asDnskey(a)]);
    await root.days(32);
    expect(root.states(names)).toBe('a valid, b valid');
    expect(root.logged.filter((line) => line.includes('cannot be saved'))).toHaveLength(1);
  });

  it('a state that cannot be believed stops the start', () => {
    const root = newRoot();
    root.store.text = '{"version":2,"zones":[{}]}';
    expect(() => root.start([asDnskey(a)])).toThrow(AnchorFileError);
  });

  it('a changed configuration takes it along', async () => {
    const root = newRoot();
    root.publish([a, b], [a]);
    const composed = await root.follow([asDnskey(a)]);
    await root.days(20);
    root.reconfigure([asDnskey(a), asDnskey(c)]);
    await root.days(12);
    expect(root.states(names)).toBe('a valid, b valid, c missing');
    await composed.close();
  });
});

describe('refreshes (§2.3)', () => {
  it('come from the servers, not from the cache, every day with a TTL of two', async () => {
    const root = newRoot();
    root.publish([a], [a]);
    await root.follow([asDnskey(a)], { dnssec: 'trustAnchorSignaling: false' });
    root.network.asked.length = 0;
    await root.days(10);
    const refreshes = root.network.asked.filter((line) => line === `${ROOT_SERVER} . DNSKEY`);
    expect(refreshes).toHaveLength(10);
  });

  it('are tried again after an hour when nobody answers, never sooner', async () => {
    const root = newRoot();
    root.publish([a], [a]);
    root.network.server(ROOT_SERVER).silent = true;
    root.start([asDnskey(a)]).keepAnchors();
    await root.clock.pass(60_000);
    root.network.server(ROOT_SERVER).silent = false;
    expect(root.composed.inspection.trust().refreshes[0]?.last?.failure).toBeDefined();
    await root.clock.pass(3_600_000);
    expect(root.composed.inspection.trust().refreshes[0]?.last?.failure).toBeUndefined();
  });

  it('end with the resolver', async () => {
    const root = newRoot();
    root.publish([a], [a]);
    const composed = await root.follow([asDnskey(a)]);
    await composed.close();
    root.network.asked.length = 0;
    await root.days(30);
    expect(root.network.asked).toEqual([]);
  });

  it('are not made where anchors are fixed', async () => {
    const root = newRoot();
    root.publish([a], [a]);
    await root.follow([asDnskey(a)], { dnssec: 'trustAnchors: []' });
    expect(root.network.asked).toEqual([]);
    expect(root.states(names)).toBe('a static');
  });
});

describe('the root is told what is trusted (RFC 8145 §5)', () => {
  const hex = (...keys: (typeof a)[]): string =>
    keys
      .map(({ dnskey }) => dnskey.keyTag)
      .sort((x, y) => x - y)
      .map((tag) => tag.toString(16).padStart(4, '0'))
      .join('-');

  it('with each refresh, by a query for type NULL', async () => {
    const root = newRoot();
    root.publish([a], [a]);
    await root.follow([asDnskey(a), asDs(b)]);
    await root.days(2);
    const signals = root.network.asked.filter((line) => line.includes('_ta-'));
    expect(signals).toEqual(Array(3).fill(`${ROOT_SERVER} _ta-${hex(a, b)}. NULL`));
  });

  it('not when dnssec.trustAnchorSignaling is false', async () => {
    const root = newRoot();
    root.publish([a], [a]);
    await root.follow([asDnskey(a)], { dnssec: 'trustAnchorSignaling: false' });
    expect(root.network.asked.filter((line) => line.includes('_ta-'))).toEqual([]);
  });

  it('and whoever asks for such a name himself gets an answer as for any other', async () => {
    const root = newRoot();
    root.publish([a], [a]);
    root.start([asDnskey(a)]);
    expect((await root.resolution('_ta-4f66. NULL', true)).rcode).toBe(3);
  });
});
