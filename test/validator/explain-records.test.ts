/** What one link of an explanation says of its records, and what it costs at most. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hashFromLabel, hashToLabel, TypeBitmap } from '../../src/dns/denial-rdata.js';
import { type Octets, octetsFrom } from '../../src/dns/octets.js';
import { Algorithms } from '../../src/validator/algorithms.js';
import { ExplainBudget } from '../../src/validator/explain-budget.js';
import { checkSignatures, dsRecords, explainDs } from '../../src/validator/explain-records.js';
import { addresses, DAY, makeKey, NOW, signed, signRrset, ZONE } from './signing.js';

const key = makeKey(13);
const other = makeKey(13);
const terms = () => ({ algorithms: new Algorithms([]), budget: new ExplainBudget(), now: NOW });

describe('signatures', () => {
  test('each has its own outcome', () => {
    const set = addresses();
    const late = { inception: NOW - 20 * DAY, expiration: NOW - 5 * DAY };
    const all = signed(set, signRrset(set, key), signRrset(set, key, late), signRrset(set, other));
    const { views, signers } = checkSignatures(all, ZONE, [key.dnskey], terms());
    expect(views.map(({ check }) => check)).toEqual(['valid', 'invalid', 'invalid']);
    expect(views[0]).toMatchObject({
      signer: 'example.',
      keyTag: key.dnskey.keyTag,
      expiresIn: 10 * DAY,
      wildcard: null,
    });
    expect(views[1]).toMatchObject({ expiresIn: -5 * DAY, because: 'expired at 2023-11-09T22:13:20Z' });
    expect(views[2]?.because).toMatch(/^(is by none of the DNSKEYs of example\.|does not verify)/);
    expect(signers).toEqual([key.dnskey]);
  });

  test('of an expanded wildcard name it', () => {
    const set = addresses('a.b.example.');
    const [view] = checkSignatures(signed(set, signRrset(set, key, { labels: 1 })), ZONE, [key.dnskey], terms()).views;
    expect(view).toMatchObject({ check: 'valid', wildcard: '*.example.', labels: 1 });
  });

  test('without keys are not called invalid', () => {
    const set = addresses();
    const { views } = checkSignatures(signed(set, signRrset(set, key)), ZONE, undefined, terms());
    expect(views).toMatchObject([{ check: 'unchecked' }]);
  });

  test('are no more than eight, however many came', () => {
    const set = addresses();
    const many = Array.from({ length: 100 }, (_, i) => signRrset(set, key, { originalTtl: 3600 + i }));
    const spending = terms();
    expect(checkSignatures(signed(set, ...many), ZONE, [key.dnskey], spending).views).toHaveLength(8);
    expect(spending.budget.used('signatures')).toBeLessThanOrEqual(8);
  });

  test('that the allowance does not cover are not checked', () => {
    const set = signed(addresses(), signRrset(addresses(), key));
    const spending = terms();
    for (let i = 0; i < 1000 && spending.budget.charge('signatures'); i++);
    expect(checkSignatures(set, ZONE, [key.dnskey], spending).views).toMatchObject([{ check: 'unchecked' }]);
  });
});

test('a DS says why it is not used', () => {
  const set = dsRecords([
    octetsFrom(0, 1, 13, 1, 9),
    octetsFrom(0, 2, 13, 2, 9),
    octetsFrom(0, 3, 200, 2, 9),
    octetsFrom(0, 4, 13, 77, 9),
  ]);
  const explained = explainDs(set, ZONE, undefined, new Algorithms([]));
  expect(explained.map(({ keyTag, unusable, matches }) => [keyTag, unusable, matches])).toEqual([
    [1, 'a stronger digest stands beside it (RFC 4509)', null],
    [2, '', null],
    [3, 'its algorithm is not supported', null],
    [4, 'its digest type is not supported', null],
  ]);
});

test('a hash and its label are each other', () => {
  const octets = fc.uint8Array({ minLength: 20, maxLength: 20 }).map((bytes) => octetsFrom(...bytes));
  fc.assert(fc.property(octets, (hash) => hashFromLabel(hashToLabel(hash)) === hash));
});

test('a bitmap lists exactly the types it has', () => {
  const window = fc.uint8Array({ minLength: 1, maxLength: 32 });
  fc.assert(
    fc.property(window, window, (low, high) => {
      const rdata = octetsFrom(0, low.length, ...low, 3, high.length, ...high) as Octets;
      const bitmap = TypeBitmap.at(rdata, 0)!;
      const listed = [...bitmap.types()];
      const had = Array.from({ length: 1024 }, (_, type) => type).filter((type) => bitmap.has(type));
      expect(listed).toEqual(had);
    }),
  );
});
