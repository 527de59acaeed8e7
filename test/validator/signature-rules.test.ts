/** Which signatures count, and which reason is given when none does? (RFC 4035 §5.3) */
import { describe, expect, it } from 'vitest';
import type { Dnskey } from '../../src/dns/dnssec-rdata.js';
import { nameFromText, ROOT } from '../../src/dns/name.js';
import { Type } from '../../src/dns/numbers.js';
import { concatOctets, type Octets, octetsFrom, sliceOctets, uint16At } from '../../src/dns/octets.js';
import type { RRset } from '../../src/dns/rrset.js';
import { Algorithms } from '../../src/validator/algorithms.js';
import { keysThatSigned, MAX_CHECKS, MAX_KEYS_PER_SIGNATURE, verifyRrset } from '../../src/validator/verify-rrset.js';
import { CountingBudget } from './signature-triples.js';
import {
  addresses,
  DAY,
  dnskey,
  makeKey,
  NOW,
  REVOKED_FLAGS,
  SEP_FLAGS,
  type SigningChoices,
  signed,
  signRrset,
  withFlags,
  ZONE,
} from './signing.js';

const algorithms = new Algorithms([]);
const key = makeKey(13);
let other = makeKey(13);
while (other.dnskey.keyTag === key.dnskey.keyTag) other = makeKey(13);

function verdictOf(rrset: RRset, keys: readonly Dnskey[] = [key.dnskey], budget = new CountingBudget(), now = NOW) {
  return verifyRrset(rrset, ZONE, keys, now, budget, algorithms);
}

const signedWith = (choices: SigningChoices, rrset = addresses()) => signed(rrset, signRrset(rrset, key, choices));

/** INFO-CODE and text, for bogus verdicts. */
function reasonOf(...parameters: Parameters<typeof verdictOf>): { code: number; text: string } {
  const verdict = verdictOf(...parameters);
  if (verdict.kind !== 'bogus') throw new Error(`the verdict is ${verdict.kind}`);
  expect(verdict.because).toBe(verdict.ede.text);
  return verdict.ede;
}

describe('algorithms', () => {
  it.each([5, 7, 8, 10, 13, 14, 15, 16])('%i: its signature holds with its key and no other', (algorithm) => {
    const right = makeKey(algorithm);
    const rrset = addresses();
    const set = signed(rrset, signRrset(rrset, right));
    expect(verdictOf(set, [right.dnskey])).toMatchObject({ kind: 'secure', key: right.dnskey });
    const wrong = makeKey(algorithm);
    const claimed = signed(rrset, signRrset(rrset, right, { keyTag: wrong.dnskey.keyTag }));
    expect(reasonOf(claimed, [wrong.dnskey])).toMatchObject({
      code: 6,
      text: expect.stringContaining('does not verify'),
    });
  });

  it('passes over signatures of unknown algorithms when another holds', () => {
    const rrset = addresses();
    const unknown = signRrset(rrset, key, { algorithm: 199 });
    const verdict = verdictOf(signed(rrset, unknown, signRrset(rrset, key)));
    expect(verdict).toMatchObject({ kind: 'secure', signature: { algorithm: 13 } });
    expect(reasonOf(signed(rrset, unknown))).toMatchObject({ code: 1, text: expect.stringContaining('algorithm 199') });
  });
});

describe('what a secure verdict says', () => {
  it('the TTL is the least of that received, the original one and the time left (RFC 4035 §5.3.3)', () => {
    const ttlOf = (rrset: RRset) => verdictOf(rrset);
    expect(ttlOf(signedWith({}))).toMatchObject({ ttl: 3600 });
    expect(ttlOf(signedWith({ originalTtl: 300 }))).toMatchObject({ ttl: 300 });
    expect(ttlOf({ ...signedWith({}), ttl: 20 })).toMatchObject({ ttl: 20 });
    expect(ttlOf(signedWith({ expiration: NOW + 50 }))).toMatchObject({ ttl: 50 });
  });

  it('the wildcard that was expanded (RFC 4035 §5.3.2)', () => {
    const wildcard = addresses('*.example.');
    const signature = signRrset(wildcard, key);
    const expanded = { ...addresses('a.b.example.'), signatures: [signature] };
    expect(verdictOf(expanded)).toMatchObject({ kind: 'secure', closestEncloser: ZONE });
    expect(verdictOf(signed(wildcard, signature))).toMatchObject({ kind: 'secure', closestEncloser: undefined });
    const below = { ...addresses('*.b.example.'), signatures: [signature] };
    expect(verdictOf(below)).toMatchObject({ kind: 'secure', closestEncloser: ZONE });
  });

  it('no signatures, and signatures of signatures (RFC 4035 §2.2), are unsigned', () => {
    expect(verdictOf(addresses())).toEqual({ kind: 'unsigned' });
    expect(verdictOf({ ...signedWith({}), type: Type.RRSIG })).toEqual({ kind: 'unsigned' });
  });

  it('the order of records, doublets and the case of names inside do not matter', () => {
    const upper = concatOctets(octetsFrom(2, 0x4e, 0x53), ZONE);
    const lower = concatOctets(octetsFrom(2, 0x6e, 0x73), ZONE);
    const rrset: RRset = { ...addresses(), type: Type.NS, rdatas: [upper, octetsFrom(0)] };
    const signature = signRrset(rrset, key);
    expect(verdictOf({ ...rrset, rdatas: [octetsFrom(0), lower, upper], signatures: [signature] }).kind).toBe('secure');
    expect(verdictOf({ ...rrset, rdatas: [lower], signatures: [signature] }).kind).toBe('bogus');
  });
});

describe('RFC 4035 §5.3.1', () => {
  it.each<[string, SigningChoices, number, string]>([
    ['another type covered', { typeCovered: Type.AAAA }, 6, 'covers AAAA'],
    ['another signer', { signer: nameFromText('other.example.') }, 6, 'is not signed by example.'],
    ['a signer above', { signer: ROOT }, 6, 'is not signed by example.'],
    ['more labels than the name', { labels: 3 }, 6, 'counts 3 labels, the name has 2'],
    ['fewer labels than the zone (CVE-2026-44690)', { labels: 0 }, 6, 'fewer than its zone has'],
    ['a tag no key has', { keyTag: key.dnskey.keyTag ^ 1 }, 9, 'by none of the DNSKEYs of example.'],
    ['expired', { expiration: NOW - 2 * DAY, inception: NOW - 9 * DAY }, 7, 'expired at 2023-11-12T22:13:20Z'],
    ['not yet valid', { inception: NOW + 2 * DAY }, 8, 'is not valid before 2023-11-16T22:13:20Z'],
    ['reversed', { inception: NOW + 1, expiration: NOW }, 25, 'expires before it becomes valid'],
  ])('%s', (_, choices, code, text) => {
    const budget = new CountingBudget();
    expect(reasonOf(signedWith(choices), undefined, budget)).toMatchObject({
      code,
      text: expect.stringContaining(text),
    });
    expect(budget.signatures).toBe(0);
  });

  it('the owner must be within the zone', () => {
    const rrset = addresses('www.elsewhere.');
    expect(reasonOf(signed(rrset, signRrset(rrset, key)))).toMatchObject({ code: 6 });
  });

  it.each<[string, Dnskey, number, string]>([
    ['without the zone key flag', withFlags(key, 0).dnskey, 11, 'without the zone key flag'],
    ['of another protocol', dnskey(13, key.dnskey.publicKey, 0x100, 2), 6, 'of protocol 2'],
    ['revoked', withFlags(key, REVOKED_FLAGS).dnskey, 6, 'revoked'],
  ])('keys %s are passed over', (_, unfit, code, text) => {
    const set = signedWith({ keyTag: unfit.keyTag });
    const budget = new CountingBudget();
    expect(reasonOf(set, [unfit], budget)).toMatchObject({ code, text: expect.stringContaining(text) });
    expect(budget.signatures).toBe(0);
  });

  it('RRSIGs that cannot be read are told of last', () => {
    const rrset = addresses();
    const torn = sliceOctets(signRrset(rrset, key), 0, 20);
    expect(reasonOf(signed(rrset, torn))).toMatchObject({ text: 'an RRSIG of www.example. A cannot be read' });
    expect(reasonOf(signed(rrset, torn, signRrset(rrset, key, { labels: 9 }))).text).toContain('counts 9 labels');
    expect(verdictOf(signed(rrset, torn, signRrset(rrset, key))).kind).toBe('secure');
  });

  it('of several faults the one that came furthest is told', () => {
    const rrset = addresses();
    const expired = signRrset(rrset, key, { inception: NOW - 20 * DAY, expiration: NOW - 9 * DAY });
    const unknownKey = signRrset(rrset, other);
    const changed = signRrset({ ...rrset, rdatas: [octetsFrom(192, 0, 2, 66)] }, key);
    expect(reasonOf(signed(rrset, unknownKey, expired)).code).toBe(7);
    expect(reasonOf(signed(rrset, expired, unknownKey)).code).toBe(7);
    expect(reasonOf(signed(rrset, expired, changed, unknownKey)).text).toContain('does not verify');
  });
});

describe('the validity period is stretched by a tenth, at least an hour, at most a day', () => {
  const kindAt = (set: RRset, now: number) => verdictOf(set, undefined, undefined, now).kind;

  it.each([
    ['10 days', 10 * DAY, DAY],
    ['5 days', 5 * DAY, DAY / 2],
    ['an hour', 3600, 3600],
    ['a year', 365 * DAY, DAY],
  ])('%s', (_, length, skew) => {
    const set = signedWith({ inception: NOW, expiration: NOW + length });
    expect(kindAt(set, NOW - skew)).toBe('secure');
    expect(kindAt(set, NOW - skew - 1)).toBe('bogus');
    expect(verdictOf(set, undefined, undefined, NOW + length + skew - 5)).toMatchObject({ kind: 'secure', ttl: 5 });
    expect(kindAt(set, NOW + length + skew + 1)).toBe('bogus');
  });

  it('counts modulo 2^32 (RFC 4034 §3.1.5): a signature across 2106-02-07', () => {
    const wrap = 2 ** 32;
    const set = signedWith({ inception: wrap - DAY, expiration: 10 * DAY });
    expect(kindAt(set, wrap + DAY)).toBe('secure');
    expect(reasonOf(set, undefined, undefined, wrap + 12 * DAY).text).toContain('expired at 2106-02-17T06:28:16Z');
  });
});

describe('work is bounded and counted (KeyTrap, CVE-2023-50387)', () => {
  /** Another key of algorithm 13 with the tag of `key`, which no signature here was made with. */
  function colliding(count: number): Dnskey[] {
    const found: Dnskey[] = [];
    for (let high = 0; high < 0x100 && found.length < count; high++) {
      // A point of the curve stays one when its octets are not touched: the tag is moved by the flags instead.
      const made = makeKey(13);
      const missing = (key.dnskey.keyTag - made.dnskey.keyTag + 0xffff) % 0xffff;
      const flags = (0x100 + missing) & 0xffff;
      const moved = dnskey(13, made.dnskey.publicKey, flags);
      if (moved.keyTag === key.dnskey.keyTag && (flags & 0x0180) === 0x0100) found.push(moved);
    }
    return found;
  }
  const doubles = colliding(MAX_KEYS_PER_SIGNATURE + 2);

  it('keys of the same tag are each tried, up to four', () => {
    expect(doubles.map((double) => double.keyTag)).toEqual(doubles.map(() => key.dnskey.keyTag));
    expect(doubles.length).toBeGreaterThan(MAX_KEYS_PER_SIGNATURE);
    const set = signedWith({});
    const few = new CountingBudget();
    expect(verdictOf(set, [...doubles.slice(0, 2), key.dnskey], few).kind).toBe('secure');
    expect(few.signatures).toBe(3);
    const many = new CountingBudget();
    expect(verdictOf(set, [...doubles, key.dnskey], many).kind).toBe('bogus');
    expect(many.signatures).toBe(MAX_KEYS_PER_SIGNATURE);
  });

  it('signatures that fail: eight checks for one RRset, however many there are', () => {
    const rrset = addresses();
    const forged = Array.from({ length: 50 }, (_, i) =>
      signRrset({ ...rrset, rdatas: [octetsFrom(10, 0, 0, i)] }, key),
    );
    const budget = new CountingBudget();
    expect(reasonOf(signed(rrset, ...forged), doubles.slice(0, 3), budget).text).toContain('signature checks');
    expect(budget.signatures).toBe(MAX_CHECKS);
  });

  it('signatures out of time count as checks, without cost to the budget', () => {
    const rrset = addresses();
    const stale = (i: number) => signRrset(rrset, key, { inception: NOW - 90 * DAY, expiration: NOW - 9 * DAY - i });
    const staleOnes = (count: number): Octets[] => Array.from({ length: count }, (_, i) => stale(i));
    const good = signRrset(rrset, key);
    const budget = new CountingBudget();
    expect(verdictOf(signed(rrset, ...staleOnes(MAX_CHECKS - 1), good), undefined, budget).kind).toBe('secure');
    expect(budget.signatures).toBe(1);
    expect(verdictOf(signed(rrset, ...staleOnes(MAX_CHECKS), good)).kind).toBe('bogus');
  });

  it('signatures of unknown algorithms and by unknown keys are no checks', () => {
    const rrset = addresses();
    const noise = Array.from({ length: 40 }, (_, i) => signRrset(rrset, other, { originalTtl: i }));
    expect(verdictOf(signed(rrset, ...noise, signRrset(rrset, key))).kind).toBe('secure');
  });

  it('a spent budget is its own outcome, and nothing is computed', () => {
    const budget = new CountingBudget(0);
    expect(verdictOf(signedWith({}), undefined, budget)).toEqual({ kind: 'spent' });
    const two = new CountingBudget(2);
    expect(verdictOf(signedWith({}), [...doubles.slice(0, 2), key.dnskey], two)).toEqual({ kind: 'spent' });
    expect(two.signatures).toBe(2);
  });

  it('a malformed key with the right tag ends it (CVE-2025-8677)', () => {
    const rrset = addresses();
    const hollow = dnskey(13, octetsFrom(1, 2, 3));
    const byHollow = signRrset(rrset, key, { keyTag: hollow.keyTag });
    const budget = new CountingBudget();
    const keys = [hollow, key.dnskey];
    expect(reasonOf(signed(rrset, byHollow, byHollow, signRrset(rrset, key)), keys, budget).text).toContain(
      'holds no key',
    );
    expect(budget.signatures).toBe(1);
  });
});

describe('keysThatSigned', () => {
  const keySigningKey = makeKey(15, SEP_FLAGS);
  const leaving = withFlags(makeKey(13), REVOKED_FLAGS);
  const idle = makeKey(13, SEP_FLAGS);
  const all = [keySigningKey, leaving, idle];
  const keySet: RRset = { ...addresses('example.'), type: Type.DNSKEY, rdatas: all.map((one) => one.dnskey.rdata) };
  const set = signed(keySet, signRrset(keySet, keySigningKey), signRrset(keySet, leaving));
  const candidates = all.map((one) => one.dnskey);

  it('names every key whose signature holds, a revoked one too (RFC 5011 §2.1)', () => {
    const signers = keysThatSigned(set, ZONE, candidates, NOW, new CountingBudget(), algorithms);
    expect(signers).toEqual({ kind: 'keys', keys: [keySigningKey.dnskey, leaving.dnskey] });
    expect(verdictOf(set, [leaving.dnskey]).kind).toBe('bogus');
  });

  it('says when the budget ran out', () => {
    expect(keysThatSigned(set, ZONE, candidates, NOW, new CountingBudget(1), algorithms)).toEqual({ kind: 'spent' });
  });
});

it('texts name owner, type, key tag, zone and algorithm', () => {
  const tag = uint16At(signRrset(addresses(), key), 16);
  expect(reasonOf(signedWith({ labels: 9 })).text).toBe(
    `the RRSIG of www.example. A by key ${tag} of example., ECDSAP256SHA256 (13), counts 9 labels, the name has 2`,
  );
});
