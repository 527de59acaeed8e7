/** Typing mistakes: close words are found, far ones are not. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Type } from '../../src/dns/numbers.js';
import { nearest } from '../../src/http/nearest.js';

const types = Object.keys(Type);

it.each([
  ['AAAAA', 'AAAA'],
  ['CNMAE', 'CNAME'],
  ['dnskeys', 'DNSKEY'],
  ['HTTP', 'HTTPS'],
  ['txt', 'TXT'],
])('%s means %s', (word, meant) => expect(nearest(word, types)).toBe(meant));

it('does not guess from afar', () => {
  expect(nearest('example.org', types)).toBeUndefined();
  expect(nearest('x'.repeat(10_000), types)).toBeUndefined();
});

it('finds a word after any one mistake in it, or one just as close', () => {
  const word = fc.stringMatching(/^[a-z]{4,12}$/);
  fc.assert(
    fc.property(word, fc.nat(), fc.constantFrom('', 'q', 'zz'), (original, at, put) => {
      const i = at % original.length;
      const mistaken = original.slice(0, i) + put + original.slice(i + 1);
      if (put === 'zz' && mistaken.length < 6) return;
      expect(nearest(mistaken, [original])).toBe(original);
    }),
  );
});
