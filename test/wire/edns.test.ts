import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Edns, EdnsOption } from '../../src/dns/message.js';
import { EdnsCode } from '../../src/dns/numbers.js';
import { hexOf, type Octets, octetsFrom } from '../../src/dns/octets.js';
import { extendedErrorOption, extendedErrorsOf, MAX_EXTRA_TEXT_OCTETS } from '../../src/wire/edns.js';

const withOptions = (...options: EdnsOption[]): Edns => ({ version: 0, udpSize: 1232, dnssecOk: false, options });
const option = (...data: number[]): EdnsOption => ({ code: EdnsCode.EXTENDED_ERROR, data: octetsFrom(...data) });

describe('Extended DNS Errors (RFC 8914 §2)', () => {
  it('are a code and text in UTF-8', () => {
    const { code, data } = extendedErrorOption({ code: 22, text: 'ä' });
    expect([code, hexOf(data)]).toEqual([15, '0016c3a4']);
  });

  it('are read in order from among other options', () => {
    const errors = [
      { code: 6, text: 'no DS' },
      { code: 65535, text: '' },
    ];
    const [first, second] = errors.map(extendedErrorOption) as [EdnsOption, EdnsOption];
    expect(extendedErrorsOf(withOptions(first, { code: 10, data: octetsFrom(1, 2) }, second))).toEqual(errors);
    expect(extendedErrorsOf(undefined)).toEqual([]);
  });

  it('too short for a code are passed over; a zero octet at the end is not text', () => {
    expect(extendedErrorsOf(withOptions(option(), option(0), option(0, 15, 0x61, 0)))).toEqual([
      { code: 15, text: 'a' },
    ]);
  });

  it('show octets that are no UTF-8 as U+FFFD', () => {
    expect(extendedErrorsOf(withOptions(option(0, 0, 0xff)))).toEqual([{ code: 0, text: '\ufffd' }]);
  });

  it('have their text cut between characters, in writing', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 60, maxLength: 300 }), (text) => {
        const { data } = extendedErrorOption({ code: 0, text });
        expect(data.length - 2).toBeLessThanOrEqual(MAX_EXTRA_TEXT_OCTETS);
        const kept = Buffer.from(data.slice(2), 'latin1').toString('utf8');
        expect(text.startsWith(kept)).toBe(true);
        if (kept !== text) expect(data.length - 2).toBeGreaterThan(MAX_EXTRA_TEXT_OCTETS - 4);
      }),
      { numRuns: 50 },
    );
  });

  it('have their text capped in reading: others may send 65,000 octets of it', () => {
    const data = `\0\0${'x'.repeat(60_000)}` as Octets;
    expect(extendedErrorsOf(withOptions({ code: 15, data }))[0]!.text).toHaveLength(MAX_EXTRA_TEXT_OCTETS);
  });
});
