import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type DomainName, lowerCaseOctets, nameFromLabels, nameFromText } from '../../src/dns/name.js';
import type { Octets } from '../../src/dns/octets.js';
import type { Random } from '../../src/ports/random.js';
import { cryptoRandom } from '../../src/transport/crypto-random.js';
import { randomLocalPort } from '../../src/transport/local-port.js';
import { spellAtRandom } from '../../src/transport/spelling.js';
import { scriptedRandom } from './examples.js';

describe('cryptoRandom', () => {
  it('stays below its bound', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 32 }), (bound) => {
        const value = cryptoRandom.below(bound);
        expect(Number.isInteger(value) && value >= 0 && value < bound).toBe(true);
      }),
      { numRuns: 5000 },
    );
  });

  it('favours no number: 60 000 throws of a die', () => {
    const seen = [0, 0, 0, 0, 0, 0];
    for (let i = 0; i < 60_000; i++) seen[cryptoRandom.below(6)]!++;
    const chiSquare = seen.reduce((sum, count) => sum + (count - 10_000) ** 2 / 10_000, 0);
    // 5 degrees of freedom: a fair die is above 45 once in 10^8 runs.
    expect(chiSquare).toBeLessThan(45);
  });

  it('reaches the upper half of a bound just above 2^31, where a plain remainder would favour small numbers', () => {
    const bound = 2 ** 31 + 2 ** 30;
    let upper = 0;
    for (let i = 0; i < 30_000; i++) if (cryptoRandom.below(bound) >= 2 ** 30) upper++;
    // Uniform: 20 000 of 30 000, deviation 82. By remainder it would be 15 000.
    expect(Math.abs(upper - 20_000)).toBeLessThan(800);
  });

  it.each([0, -1, 1.5, 2 ** 32 + 1, Number.NaN])('refuses the bound %d', (bound) => {
    expect(() => cryptoRandom.below(bound)).toThrow(RangeError);
  });
});

describe('randomLocalPort', () => {
  it('is unprivileged and not one that networks filter', () => {
    const ports = Array.from({ length: 50_000 }, () => randomLocalPort(cryptoRandom, 53));
    expect(Math.min(...ports)).toBeGreaterThanOrEqual(1024);
    expect(Math.max(...ports)).toBeLessThanOrEqual(65_535);
    expect(new Set(ports).size).toBeGreaterThan(30_000);
  });

  it.each([1434, 1900, 3702, 4791, 5353, 5355, 11_211])('draws again instead of port %i', (port) => {
    const random = scriptedRandom([port - 1024, 7], cryptoRandom);
    expect(randomLocalPort(random, 53)).toBe(1031);
  });

  it('draws again instead of the port that is to be asked', () => {
    expect(randomLocalPort(scriptedRandom([5300 - 1024, 7], cryptoRandom), 5300)).toBe(1031);
  });

  it('takes the first and the last port', () => {
    expect(randomLocalPort(scriptedRandom([0], cryptoRandom), 53)).toBe(1024);
    expect(randomLocalPort(scriptedRandom([64_511], cryptoRandom), 53)).toBe(65_535);
  });
});

/** A name as it is spelled in the middle of something else. */
function spelled(name: DomainName, random: Random): Octets {
  const octets = Buffer.from(`zz${name}zz`, 'latin1');
  spellAtRandom(octets, 2, 2 + name.length, random);
  expect(octets.latin1Slice(0, 2) + octets.latin1Slice(2 + name.length)).toBe('zzzz');
  return octets.latin1Slice(2, 2 + name.length) as Octets;
}

describe('spellAtRandom', () => {
  it('is the same name, whatever octets its labels hold', () => {
    const label = fc.uint8Array({ minLength: 1, maxLength: 63 }).map((octets) => Buffer.from(octets).latin1Slice());
    fc.assert(
      fc.property(fc.array(label, { maxLength: 3 }), (labels) => {
        const name = nameFromLabels(labels);
        expect(lowerCaseOctets(spelled(name, cryptoRandom))).toBe(name as Octets);
      }),
    );
  });

  it('decides each letter by a bit of its own, beyond the first 32 too', () => {
    const letters = 'a'.repeat(60);
    const name = nameFromText(`${letters}.`);
    const seen = new Set<number>();
    for (let i = 0; i < 200; i++) {
      const text = spelled(name, cryptoRandom);
      for (let at = 1; at <= 60; at++) if (text[at] === 'A') seen.add(at);
    }
    // Each letter is missed by all 200 with a chance of 2^-200.
    expect(seen.size).toBe(60);
  });

  it('leaves digits, hyphens and lengths alone', () => {
    const all = scriptedRandom([0xffffffff], cryptoRandom);
    expect(spelled(nameFromText('a-1.b_2.'), all)).toBe('\x03A-1\x03B_2\0');
  });
});
