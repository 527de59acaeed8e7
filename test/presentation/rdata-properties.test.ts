/** Does what is shown always read back, and does no text and no octets do anything but succeed or be refused in words? */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { typeFromText } from '../../src/dns/numbers.js';
import type { Octets } from '../../src/dns/octets.js';
import { PresentationError } from '../../src/presentation/presentation-error.js';
import { rdataToFields } from '../../src/presentation/rdata-fields.js';
import { rdataFromText, rdataToText } from '../../src/presentation/rdata-text.js';
import { rdataVectors } from './rdata-vectors.js';

const vectors = rdataVectors.map(({ type, text, rdata }) => ({ type: typeFromText(type)!, text, rdata }));
const types = [...new Set(vectors.map(({ type }) => type))];

const latin1 = (bytes: Uint8Array): Octets => Buffer.from(bytes).latin1Slice() as Octets;
const anyOctets = fc.uint8Array({ maxLength: 60 }).map(latin1);

/** RDATA of a type with a few octets changed, cut off or put in: malformed in ways that plain chance never finds. */
const damaged = fc
  .record({
    vector: fc.constantFrom(...vectors),
    edits: fc.array(fc.record({ at: fc.nat(400), drop: fc.nat(3), put: fc.uint8Array({ maxLength: 3 }) }), {
      maxLength: 3,
    }),
  })
  .map(({ vector: { type, rdata }, edits }) => {
    let octets: string = rdata;
    for (const { at, drop, put } of edits) {
      const place = at % (octets.length + 1);
      octets = octets.slice(0, place) + latin1(put) + octets.slice(place + drop);
    }
    return { type, rdata: octets as Octets };
  });

/** Texts of a type with words exchanged, dropped and invented. */
const damagedText = fc
  .record({
    vector: fc.constantFrom(...vectors),
    at: fc.nat(12),
    drop: fc.nat(2),
    put: fc.array(
      fc.oneof(fc.constantFrom('\\#', '"', '(', ')', '@', '.', '-', '=', '\\', 'A', '0', '1h'), fc.string()),
      {
        maxLength: 3,
      },
    ),
  })
  .map(({ vector: { type, text }, at, drop, put }) => {
    const words = text.split(' ');
    words.splice(at % (words.length + 1), drop, ...put);
    return { type, text: words.join(' ') };
  });

function readsBack(type: number, rdata: Octets): void {
  const text = rdataToText(type, rdata);
  // Plain comparisons: thousands of expect() calls cost more than what they check.
  if (!/^[\x20-\x7e]*$/.test(text)) expect.fail(`not printable ASCII: ${text}`);
  if (rdataFromText(type, text) !== rdata) expect.fail(`does not read back: ${text}`);
}

/** The octets, or undefined when the text was refused with a PresentationError; anything else thrown fails the test. */
function readOrRefused(type: number, text: string): Octets | undefined {
  try {
    return rdataFromText(type, text);
  } catch (error) {
    if (error instanceof PresentationError) return undefined;
    throw error;
  }
}

describe('octets to text to octets', () => {
  it('any octets as RDATA of any type', () => {
    fc.assert(fc.property(fc.constantFrom(...types), anyOctets, readsBack), { numRuns: 3000 });
  });

  it('damaged RDATA', () => {
    fc.assert(
      fc.property(damaged, ({ type, rdata }) => readsBack(type, rdata)),
      { numRuns: 5000 },
    );
  });

  it('fields are JSON whatever the octets', () => {
    fc.assert(
      fc.property(damaged, ({ type, rdata }) => {
        const fields = rdataToFields(type, rdata);
        const isGeneric = rdataToText(type, rdata).startsWith('\\# ');
        if (isGeneric) expect(Object.keys(fields)).toEqual(['hex']);
        expect(() => JSON.stringify(fields)).not.toThrow();
      }),
      { numRuns: 1000 },
    );
  });
});

describe('text to octets', () => {
  it('any text is read or refused with a PresentationError', () => {
    const anyText = fc.oneof(
      fc.string(),
      fc.string({ unit: 'binary' }),
      fc.string({ unit: fc.constantFrom(...' \\"();\n\t=0a.') }),
    );
    fc.assert(
      fc.property(fc.constantFrom(...types), anyText, (type, text) => void readOrRefused(type, text)),
      { numRuns: 1500 },
    );
  });

  it('what is read is shown as a text that reads as the same octets', () => {
    fc.assert(
      fc.property(damagedText, ({ type, text }) => {
        const rdata = readOrRefused(type, text);
        if (rdata !== undefined) readsBack(type, rdata);
      }),
      { numRuns: 5000 },
    );
  });
});
