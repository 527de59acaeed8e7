/** Every shelf, whatever its policy, keeps the same promises: budget, farewells, lookups, walking while it changes. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createShelf, type EvictionPolicy } from '../../src/cache/create-shelf.js';
import { Entry, sizeOf, storeKey } from '../../src/cache/entry.js';
import type { Leaving, Shelf } from '../../src/cache/shelf.js';
import { type DomainName, isAtOrBelow, nameFromText } from '../../src/dns/name.js';
import { rrsetKey } from '../../src/dns/rrset.js';
import type { EntryKind } from '../../src/ports/inspection.js';
import { packedEntry } from './packed-entry.js';

const POLICIES: readonly EvictionPolicy[] = ['lru', 'lfu', 'ttl', 'cost', 'none'];
const BUDGET = 6000;
const MAX_ENTRY = 2000;

type Step =
  | { readonly kind: 'set'; readonly name: number; readonly octets: number; readonly ttl: number; readonly ms: number }
  | { readonly kind: 'get' | 'peek' | 'delete'; readonly name: number }
  | { readonly kind: 'pass'; readonly ticks: number };

const name = fc.nat(40);
const anyStep: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('set' as const),
      name,
      octets: fc.oneof({ weight: 5, arbitrary: fc.nat(300) }, { weight: 1, arbitrary: fc.nat(3000) }),
      ttl: fc.nat(100),
      ms: fc.nat(65_535),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom('get' as const, 'peek', 'delete'), name }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('pass' as const), ticks: fc.nat(50) }) },
);
const KINDS = ['rrset', 'nodata', 'nxdomain', 'failure', 'delegation'] as const;
const kindOf = (n: number): EntryKind => KINDS[n % 5]!;
/** Some names have entries of several kinds, or of several types. */
const domainOf = (n: number): string => `h${Math.floor(n / 6)}.d${Math.floor(n / 6) % 3}.example.`;
const nameOf = (n: number): DomainName => nameFromText(domainOf(n));
/** 0 where keys of the kind have no type. */
const typeOf = (n: number): number => (['nxdomain', 'delegation'].includes(kindOf(n)) ? 0 : 1 + (n % 2));
const keyOf = (n: number): string => storeKey(kindOf(n), typeOf(n) === 0 ? nameOf(n) : rrsetKey(nameOf(n), typeOf(n)));

const content = (entry: Entry | undefined): unknown => entry && [entry.packed, entry.expires];

/** A shelf beside what it must hold: what was set, less what it said leaves. */
class Watched {
  readonly held = new Map<string, Entry>();
  readonly left: [string, Leaving][] = [];
  readonly shelf: Shelf;
  now = 0;

  constructor(policy: EvictionPolicy) {
    this.shelf = createShelf(
      policy,
      { maxBytes: BUDGET, maxEntryBytes: MAX_ENTRY, seed: 0x1234567 },
      (table, slot, why) => {
        const key = table.keyOf(slot);
        expect(this.held.get(key)?.packed, 'what leaves was there, and leaves once').toBe(table.entryOf(slot).packed);
        expect(this.shelf.peek(key), 'and is out of reach by then').toBeUndefined();
        this.held.delete(key);
        this.left.push([key, why]);
      },
    );
  }

  set(key: string, entry: Entry): boolean {
    const kept = this.shelf.set(key, entry, sizeOf(key, entry), this.now);
    expect(this.held.has(key), 'what lay under the key is gone, kept or not').toBe(false);
    if (kept) this.held.set(key, entry);
    return kept;
  }

  step(step: Step): void {
    switch (step.kind) {
      case 'set': {
        const key = keyOf(step.name);
        const entry = new Entry(packedEntry(step.ms, step.octets), this.now + step.ttl);
        const kept = this.set(key, entry);
        if (sizeOf(key, entry) > MAX_ENTRY) expect(kept).toBe(false);
        break;
      }
      case 'get':
      case 'peek':
        expect(content(this.shelf[step.kind](keyOf(step.name)))).toEqual(content(this.held.get(keyOf(step.name))));
        break;
      case 'delete': {
        const key = keyOf(step.name);
        const was = this.held.has(key);
        expect(this.shelf.delete(key)).toBe(was);
        if (was) expect(this.left.at(-1)).toEqual([key, 'deleted']);
        break;
      }
      case 'pass':
        this.now += step.ticks;
        break;
      default:
        step satisfies never;
    }
  }

  check(): void {
    const contents = (entries: Iterable<[string, Entry]>) => new Map([...entries].map(([key, e]) => [key, content(e)]));
    expect(contents(this.shelf.entries())).toEqual(contents(this.held));
    const octets = [...this.held].reduce((sum, [key, entry]) => sum + sizeOf(key, entry), 0);
    expect(octets).toBeLessThanOrEqual(BUDGET);
    for (let n = 0; n < 50; n++) this.#checkWays(n);
  }

  /** Each way to an entry leads to it, and to nothing when it is not there. */
  #checkWays(n: number): void {
    const slot = this.shelf.slotOf(keyOf(n));
    expect(slot >= 0).toBe(this.held.has(keyOf(n)));
    expect(this.shelf.slotFor(kindOf(n), nameOf(n), typeOf(n))).toBe(slot);
    if (slot < 0) return;
    const closest = this.shelf.closest(kindOf(n), nameFromText(`a.b.${domainOf(n)}`));
    expect(closest && isAtOrBelow(closest, nameOf(n)), 'an ancestor that is there is not passed over').toBe(true);
  }
}

describe.each(POLICIES)('a shelf with policy %s', (policy) => {
  it('holds what it was given less what it said leaves, within its budget, whatever is done to it', () => {
    fc.assert(
      fc.property(fc.array(anyStep, { maxLength: 200 }), (steps) => {
        const watched = new Watched(policy);
        for (const step of steps) {
          watched.step(step);
          watched.check();
        }
      }),
      { numRuns: 150 },
    );
  });

  it('can be walked while entries go, come and are replaced: each that stayed is seen once, none twice', () => {
    const watched = new Watched(policy);
    for (let n = 0; n < 12; n++) watched.set(keyOf(n), new Entry(packedEntry(10, 20), 1000));
    const stay = [...watched.held.keys()].filter((_, i) => i % 3 !== 1);
    const seen: string[] = [];
    for (const [key, entry] of watched.shelf.entries()) {
      expect(content(watched.held.get(key))).toEqual(content(entry));
      seen.push(key);
      if (seen.length === 1)
        for (const gone of [...watched.held.keys()]) if (!stay.includes(gone)) watched.shelf.delete(gone);
      if (seen.length === 2) watched.set(keyOf(30), new Entry(packedEntry(10, 20), 1000));
      watched.shelf.peek(key);
    }
    expect(stay.every((key) => seen.filter((other) => other === key).length === 1)).toBe(true);
    expect(new Set(seen).size).toBe(seen.length);
  });

  it('makes room out of what has expired', () => {
    const watched = new Watched(policy);
    for (let n = 0; n < 100; n++) watched.set(keyOf(n), new Entry(packedEntry(10, 50), 10));
    watched.now = 20;
    const kept = Array.from({ length: 100 }, (_, n) =>
      watched.set(keyOf(200 + n), new Entry(packedEntry(10, 50), 1000)),
    );
    expect(kept.filter(Boolean).length).toBeGreaterThan(15);
    watched.check();
  });
});
