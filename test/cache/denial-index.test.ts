/** The index of denial records against a look through all of them; versions of a zone that contradict each other. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { covers, DenialIndex, type Link } from '../../src/cache/denial-index.js';
import { canonicalKey, compareCanonical, type DomainName, nameFromLabels, nameFromText } from '../../src/dns/name.js';
import { NO_OCTETS, type Octets } from '../../src/dns/octets.js';

const zone = nameFromText('z.');
const sha1 = { iterations: 0, salt: NO_OCTETS };
const anyLabel = fc.string({ unit: fc.constantFrom('\0', '\x01', '\x02', 'a', '\xff'), minLength: 1, maxLength: 3 });
const anyName = fc.array(anyLabel, { maxLength: 4 }).map(nameFromLabels);
const at = (text: string): string => canonicalKey(nameFromText(text, zone));
const link = (from: string, to: string): Link => ({ at: at(from), next: at(to), storeKey: `${from}..${to}` });
const hashed = (from: string, to: string): Link => ({ at: from, next: to, storeKey: `${from}..${to}` });
const findNsec = (index: DenialIndex, name: string) => index.findNsec(zone, nameFromText(name, zone))?.storeKey;

describe('keys of names', () => {
  it('order as RFC 4034 §6.1 orders names, and differ when names do', () => {
    fc.assert(
      fc.property(anyName, anyName, (a, b) => {
        const [x, y] = [canonicalKey(a), canonicalKey(b)];
        expect(Math.sign(x < y ? -1 : x > y ? 1 : 0)).toBe(Math.sign(compareCanonical(a, b)));
      }),
    );
  });
});

/** A ring over some places, and which of its links are held. */
const anyHeld = fc
  .tuple(fc.uniqueArray(anyName, { minLength: 1, maxLength: 12 }), fc.infiniteStream(fc.boolean()))
  .map(([names, coin]) => {
    const keys = names.map(canonicalKey).sort();
    const ring = keys.map((key, i): Link => {
      const next = keys[(i + 1) % keys.length]!;
      return { at: key, next, storeKey: key };
    });
    return ring.filter(() => coin.next().value);
  });

describe('an index', () => {
  it.each(['nsec', 'nsec3'] as const)('finds what a look through all %s records finds', (kind) => {
    fc.assert(
      fc.property(anyHeld, fc.array(anyName, { minLength: 8 }), (held, probes) => {
        const index = new DenialIndex();
        const parameters = kind === 'nsec3' ? sha1 : undefined;
        for (const one of held) expect(index.add(zone, one, parameters)).toEqual([]);
        for (const probe of probes) {
          const key = canonicalKey(probe);
          const found = kind === 'nsec' ? index.findNsec(zone, probe) : index.findNsec3(zone, key as string as Octets);
          const expected = held.find((one) => one.at === key) ?? held.find((one) => covers(one, key));
          expect(found?.storeKey).toBe(expected?.storeKey);
        }
        for (const one of held) index.remove(zone, kind, one.at);
        expect([index.isEmpty, index.has(zone)]).toEqual([true, false]);
      }),
    );
  });

  it('never holds two records of which one says that the other has no place', () => {
    const places = ['a', 'b', 'c', 'd', 'e', 'f'];
    const anyLink = fc.tuple(fc.constantFrom(...places), fc.constantFrom(...places)).map(([a, b]) => hashed(a, b));
    fc.assert(
      fc.property(fc.array(anyLink, { maxLength: 12 }), (links) => {
        const index = new DenialIndex();
        const held = new Map<string, Link>();
        for (const one of links) {
          held.set(one.at, one);
          for (const storeKey of index.add(zone, one, sha1)) {
            index.remove(zone, 'nsec3', storeKey[0]!);
            held.delete(storeKey[0]!);
          }
          expect(held.get(one.at)).toBe(one);
          for (const a of held.values()) for (const b of held.values()) expect(covers(a, b.at)).toBe(false);
        }
      }),
    );
  });

  it('believes the newer: a name put into a gap ends the gap, a gap ends the names in it', () => {
    const index = new DenialIndex();
    const add = (one: Link) => index.add(zone, one, undefined);
    expect([add(link('@', 'd')), add(link('d', 'h')), add(link('h', '@'))]).toEqual([[], [], []]);
    expect(add(link('e', 'g'))).toEqual(['d..h']);
    expect(add(link('d', 'k'))).toEqual(['e..g', 'h..@']);
    expect(add(link('@', 'b'))).toEqual([]);
    expect(findNsec(index, 'a')).toBe('@..b');
  });

  it('tells of no more than 32 contradicted records at once', () => {
    const index = new DenialIndex();
    const name = (i: number) => `n${String(i).padStart(3, '0')}`;
    for (let i = 0; i < 100; i++) index.add(zone, link(name(i), name(i + 1)), undefined);
    expect(index.add(zone, link('m', 'z'), undefined)).toHaveLength(32);
  });

  it('has one NSEC3 chain for a zone: another salt begins anew (RFC 5155 §10.2)', () => {
    const index = new DenialIndex();
    index.add(zone, hashed('a', 'c'), sha1);
    index.add(zone, hashed('e', 'g'), { iterations: 0, salt: 'x' as Octets });
    expect(index.findNsec3(zone, 'b' as Octets)).toBeUndefined();
    expect(index.parametersOf(zone)).toEqual({ iterations: 0, salt: 'x' });
    // The store disposes of the old one later.
    index.remove(zone, 'nsec3', 'a');
    expect(index.findNsec3(zone, 'f' as Octets)?.storeKey).toBe('e..g');
  });

  it('keeps zones apart', () => {
    const index = new DenialIndex();
    index.add(zone, link('@', '@'), undefined);
    expect(index.findNsec(nameFromText('y.'), nameFromText('a.y.') as DomainName)).toBeUndefined();
    expect(findNsec(index, 'a')).toBe('@..@');
  });
});
