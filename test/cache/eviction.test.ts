/** What each policy keeps and what it lets go; tables behind `cost`. */
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { createShelf, type EvictionPolicy } from '../../src/cache/create-shelf.js';
import { Entry, sizeOf, storeKey } from '../../src/cache/entry.js';
import { FrequencySketch } from '../../src/cache/frequency-sketch.js';
import { hashDomain, hashOctets } from '../../src/cache/key-hash.js';
import type { Shelf } from '../../src/cache/shelf.js';
import { nameFromText } from '../../src/dns/name.js';
import { Type } from '../../src/dns/numbers.js';
import { packedEntry, rrsetEntryKey } from './packed-entry.js';

const BUDGET = 200_000;
const LATER = 1_000_000;

function shelfOf(policy: EvictionPolicy, maxBytes = BUDGET): Shelf {
  return createShelf(policy, { maxBytes, maxEntryBytes: 65_535, seed: 0x2badcafe }, () => undefined);
}

const keyOf = (name: string, type: number = Type.A): string => rrsetEntryKey(nameFromText(name), type);

function put(shelf: Shelf, key: string, { ms = 20, octets = 20, expires = LATER, now = 0 } = {}): boolean {
  const entry = new Entry(packedEntry(ms, octets), expires);
  return shelf.set(key, entry, sizeOf(key, entry), now);
}

/** Asked for as a resolver would: stored when it was not there. Whether it was. */
function ask(shelf: Shelf, key: string, how: Parameters<typeof put>[2] = {}): boolean {
  if (shelf.get(key) !== undefined) return true;
  put(shelf, key, how);
  return false;
}

const held = (shelf: Shelf, keys: readonly string[]): number => keys.filter((key) => shelf.peek(key)).length;
const some = (count: number, name: (n: number) => string): string[] =>
  Array.from({ length: count }, (_, n) => keyOf(name(n)));

describe('ttl', () => {
  it('lets go what would expire soonest', () => {
    const shelf = shelfOf('ttl', 20_000);
    const keys = some(300, (n) => `h${n}.example.`);
    // In an order that is not theirs: 7 and 300 share no factor.
    for (let i = 0; i < 300; i++) put(shelf, keys[(i * 7) % 300]!, { expires: 1000 + ((i * 7) % 300) });
    const stayed = keys.filter((key) => shelf.peek(key) !== undefined);
    expect(stayed.length).toBeGreaterThan(50);
    expect(stayed).toEqual(keys.slice(-stayed.length));
  });
});

describe('none', () => {
  it('keeps what it has and takes nothing more, until something expires', () => {
    const shelf = shelfOf('none', 20_000);
    const keys = some(300, (n) => `h${n}.example.`);
    const kept = keys.filter((key) => put(shelf, key, { expires: 100 }));
    expect(kept).toEqual(keys.slice(0, kept.length));
    expect(held(shelf, keys)).toBe(kept.length);
    expect(put(shelf, keyOf('late.example.'), { now: 99 })).toBe(false);
    expect(put(shelf, keyOf('late.example.'), { now: 100 })).toBe(true);
  });
});

test.each([
  ['lru', 0],
  ['ttl', 12],
  ['none', 12],
  ['lfu', 16],
] as const)('%s pays for the columns of its own out of the same budget', (policy, beside) => {
  const shelf = shelfOf(policy, 60_000);
  let counted = 0;
  for (const key of some(600, (n) => `h${n}.example.`)) put(shelf, key);
  for (const [key, entry] of shelf.entries()) counted += sizeOf(key, entry) + beside;
  expect(counted).toBeLessThanOrEqual(60_000);
  // The filter of names takes 512 of them.
  expect(counted).toBeGreaterThan(59_000);
});

describe.each(['lfu', 'cost'] as const)('%s', (policy) => {
  it('keeps what is used often while much is asked for once', () => {
    const shelf = shelfOf(policy, 40_000);
    const popular = some(50, (n) => `popular${n}.d${n}.`);
    for (let round = 0; round < 5; round++) for (const key of popular) ask(shelf, key);
    for (let n = 0; n < 3000; n++) {
      ask(shelf, keyOf(`once${n}.e${n}.`));
      if (n % 40 === 0) for (const key of popular) shelf.get(key);
    }
    expect(held(shelf, popular)).toBe(50);
  });

  it("lets yesterday's star go", () => {
    const shelf = shelfOf(policy, 40_000);
    const star = keyOf('star.example.');
    for (let i = 0; i < 100; i++) ask(shelf, star);
    for (let n = 0; n < 60_000 && shelf.peek(star) !== undefined; n++) ask(shelf, keyOf(`today${n}.d${n}.`));
    expect(shelf.peek(star)).toBeUndefined();
  });
});

describe('cost', () => {
  /** Two kinds asked for equally often, together more than fits: how many of each are there on average? */
  function contest(keys: readonly [string[], string[]], how: readonly [object, object]): [number, number] {
    const shelf = shelfOf('cost', 24_000);
    const sums: [number, number] = [0, 0];
    for (let round = 0; round < 30; round++) {
      for (let n = 0; n < keys[0].length; n++) {
        ask(shelf, keys[0][n]!, how[0]);
        ask(shelf, keys[1][n]!, how[1]);
      }
      if (round >= 10) for (const i of [0, 1] as const) sums[i] += held(shelf, keys[i]) / 20;
    }
    return sums;
  }

  test.each([
    ['what took long over what was quick', { ms: 2000 }, { ms: 10 }],
    ['small over large', { octets: 20 }, { octets: 400 }],
  ])('keeps %s', (_, one, other) => {
    const keys = [some(120, (n) => `a${n}.d${n}.`), some(120, (n) => `b${n}.d${n}.`)] as const;
    const [kept, lost] = contest([...keys], [one, other]);
    expect(kept).toBeGreaterThan(2 * lost);
  });

  it('keeps zone cuts and keys over addresses', () => {
    const addresses = some(120, (n) => `a.d${n}.`);
    const cuts = Array.from({ length: 60 }, (_, n) => storeKey('delegation', nameFromText(`d${n}.`)));
    const keys = Array.from({ length: 60 }, (_, n) => keyOf(`d${n}.`, n % 2 ? Type.DNSKEY : Type.DS));
    const [infrastructure, plain] = contest([[...cuts, ...keys], addresses], [{}, {}]);
    expect(infrastructure).toBeGreaterThan(2 * plain);
  });

  it('remembers the uses of what had to leave', () => {
    const run = (before: number): boolean => {
      const shelf = shelfOf('cost', 24_000);
      const key = keyOf('comes-back.example.');
      for (let i = 0; i < before; i++) ask(shelf, key);
      shelf.delete(keyOf('nothing.example.'));
      // Out by force of numbers, asked for once more, then as many come as would push out a newcomer.
      for (let n = 0; n < 9000 && shelf.peek(key) !== undefined; n++) ask(shelf, keyOf(`x${n}.d${n}.`));
      expect(shelf.peek(key)).toBeUndefined();
      ask(shelf, key);
      for (let n = 0; n < 400; n++) ask(shelf, keyOf(`y${n}.d${n}.`));
      return shelf.peek(key) !== undefined;
    };
    expect([run(1), run(12)]).toEqual([false, true]);
  });

  /** CacheFlush: how many of a hundred answers, each used now and then, are there after what `attack` asks for? */
  function after(attack: (shelf: Shelf, n: number) => void): number {
    const shelf = shelfOf('cost');
    const benign = some(300, (n) => `www.site${n}.example.`.replace('.example.', `${n % 7}.`));
    for (let round = 0; round < 2; round++) for (const key of benign) ask(shelf, key);
    for (let n = 0; n < 5000; n++) {
      attack(shelf, n);
      if (n % 5 === 0) ask(shelf, benign[(n / 5) % 300]!);
    }
    return held(shelf, benign);
  }

  it.each([
    [
      'names made up below one domain',
      (shelf: Shelf, n: number) => ask(shelf, keyOf(`x${n}.evil.example.`), { ms: 2000 }),
    ],
    [
      'large answers of one domain',
      (shelf: Shelf, n: number) => ask(shelf, keyOf(`x${n}.evil.example.`), { octets: 40_000 }),
    ],
    [
      'large answers of many domains',
      (shelf: Shelf, n: number) => ask(shelf, keyOf(`x.evil${n}.`), { octets: 40_000 }),
    ],
  ])('gives up hardly anything to %s', (_, attack) => {
    expect(after(attack)).toBeGreaterThan(280);
  });

  it('pays for its tables out of its budget', () => {
    const shelf = shelfOf('cost', 1 << 20);
    for (let n = 0; n < 9000; n++) put(shelf, keyOf(`x${n}.d${n}.`));
    let octets = 0;
    for (const [key, entry] of shelf.entries()) octets += sizeOf(key, entry);
    expect(octets).toBeLessThan((1 << 20) - 8192);
    expect(octets).toBeGreaterThan((1 << 20) * 0.95);
  });
});

describe('a frequency sketch', () => {
  it('never says less than was told since counts were last halved, and 15 at most', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(50), fc.nat(20)), { maxLength: 60 }), (told) => {
        const sketch = new FrequencySketch(64);
        const most = new Map<number, number>();
        for (const [key, count] of told) {
          sketch.raise(key * 7919, count);
          most.set(key, Math.max(most.get(key) ?? 0, Math.min(15, count)));
        }
        for (const [key, count] of most) expect(sketch.estimate(key * 7919)).toBeGreaterThanOrEqual(count);
      }),
    );
  });

  it('knows nothing of what nobody told, nearly always, and halves as others come', () => {
    const sketch = new FrequencySketch(1024);
    for (let key = 0; key < 200; key++) sketch.raise(key * 7919, 9);
    const wrong = Array.from({ length: 1000 }, (_, n) => sketch.estimate(0x40000000 + n * 31)).filter(Boolean).length;
    expect(wrong).toBeLessThan(10);
    for (let n = 0; n < 1024; n++) sketch.raise(5, 1);
    expect(sketch.estimate(7919)).toBe(4);
  });
});

describe('the hash of a domain', () => {
  const of = (name: string): number => hashDomain(keyOf(name), 99);

  it.each([
    ['a.b.example.com.', 'c.example.com.', true],
    ['example.com.', 'www.example.com.', true],
    ['a.example.com.', 'a.example.net.', false],
    ['a.one.co.uk.', 'b.one.co.uk.', true],
    ['a.one.co.uk.', 'a.two.co.uk.', false],
    ['a.museum.de.', 'b.museum.de.', true],
    ['1.2.0.192.in-addr.arpa.', '9.2.0.192.in-addr.arpa.', true],
    ['1.2.0.192.in-addr.arpa.', '1.3.0.192.in-addr.arpa.', false],
    ['com.', 'net.', false],
    ['.', 'com.', false],
  ])('%s and %s: the same domain is %s', (a, b, same) => {
    expect(of(a) === of(b)).toBe(same);
  });

  it('is the same whatever the kind and type of the entry', () => {
    const name = nameFromText('a.example.com.');
    const keys = [storeKey('nxdomain', name), storeKey('delegation', name), keyOf('a.example.com.', Type.TXT)];
    expect(keys.map((key) => hashDomain(key, 99))).toEqual(keys.map(() => of('b.example.com.')));
  });

  it('depends on the seed in every bit, which names share a place too', () => {
    const low = (seed: number) => some(64, (n) => `n${n}.`).map((key) => hashOctets(key, 0, key.length, seed) & 1);
    expect(low(1)).not.toEqual(low(0x9e3779b1));
    expect(new Set(some(500, (n) => `n${n}.`).map((key) => hashOctets(key, 0, key.length, 5))).size).toBe(500);
  });
});
