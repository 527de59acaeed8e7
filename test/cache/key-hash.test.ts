/** A name's hash, those of its ancestors, and those of keys about it, are made of each other. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { codeOf, storeKey } from '../../src/cache/entry.js';
import { hashKey, hashOctets, keyTurn, NameHashes } from '../../src/cache/key-hash.js';
import { type DomainName, nameFromText, selfAndAncestors } from '../../src/dns/name.js';
import { rrsetKey } from '../../src/dns/rrset.js';

const SEED = 0x9badcafe;
const anyName = fc
  .array(fc.stringMatching(/^[a-z0-9]{1,20}$/), { maxLength: 9 })
  .map((labels) => nameFromText(`${labels.join('.')}.`));
const hashOf = (name: DomainName): number => hashOctets(name, 0, name.length, SEED) | 0;

describe('hashes of names', () => {
  it('are remembered for one name, and right for it and its ancestors whatever was asked before', () => {
    const names = new NameHashes(SEED);
    fc.assert(
      fc.property(anyName, anyName, (name, other) => {
        for (const asked of [name, other, name]) {
          expect(names.of(asked)).toBe(hashOf(asked));
          const root = names.levelsOf(asked);
          expect(Array.from({ length: root + 1 }, (_, level) => names.at(level))).toEqual(
            [...selfAndAncestors(asked)].map(hashOf),
          );
        }
      }),
    );
  });

  it('hold for the longest name', () => {
    const name = nameFromText(`${'a.'.repeat(127)}`);
    const names = new NameHashes(SEED);
    expect([names.levelsOf(name), names.at(127), names.of(name)]).toEqual([
      127,
      hashOf(nameFromText('.')),
      hashOf(name),
    ]);
  });

  it('are found again in those of keys', () => {
    fc.assert(
      fc.property(anyName, fc.nat(65_535), (name, type) => {
        const typed = storeKey('rrset', rrsetKey(name, type));
        expect(hashKey(typed, SEED) ^ keyTurn(codeOf('rrset') | (type << 8), SEED)).toBe(hashOf(name));
        expect(hashKey(storeKey('nxdomain', name), SEED) ^ keyTurn(codeOf('nxdomain'), SEED)).toBe(hashOf(name));
      }),
    );
  });

  it('of the keys of one name fall apart, whatever their types', () => {
    const name = nameFromText('www.example.');
    const hashes = Array.from({ length: 65_536 }, (_, type) => hashKey(storeKey('rrset', rrsetKey(name, type)), SEED));
    expect(new Set(hashes).size).toBe(65_536);
    const buckets = new Map<number, number>();
    for (const hash of hashes) buckets.set(hash & 0xffff, (buckets.get(hash & 0xffff) ?? 0) + 1);
    expect(Math.max(...buckets.values())).toBeLessThan(14);
  });
});
