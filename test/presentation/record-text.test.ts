/** Are single records read and printed as dig would? */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nameFromLabels, nameFromText } from '../../src/dns/name.js';
import type { Octets } from '../../src/dns/octets.js';
import { PresentationError } from '../../src/presentation/presentation-error.js';
import { FALLBACK_TTL, recordFromText, recordToText } from '../../src/presentation/record-text.js';

describe('recordToText', () => {
  it.each([
    ['nas.lan.example. 60 IN A 192.0.2.7', 'nas.lan.example. 60 IN A 192.0.2.7'],
    ['WWW.Example 1h30m in cname Target.', 'www.example. 5400 IN CNAME Target.'],
    ['. IN DS 20326 8 2 e06d', `. ${FALLBACK_TTL} IN DS 20326 8 2 E06D`],
    ['version.bind. CH 0 TXT "x"', 'version.bind. 0 CH TXT "x"'],
    ['a. 1 CLASS1 TYPE1 10.0.0.1', 'a. 1 IN A 10.0.0.1'],
    ['a. 1 CLASS9 TYPE65280 \\# 0', 'a. 1 CLASS9 TYPE65280 \\# 0'],
    ['\\000\\.\\032x. 1 IN APL', '\\000\\.\\032x. 1 IN APL'],
    ['  a. 1 A ( 10.0.0.1 ; comment\n ) ; more', 'a. 1 IN A 10.0.0.1'],
    ['any. any. A 10.0.0.1', undefined],
  ])('%s', (line, text) => {
    if (text === undefined) expect(() => recordFromText(line)).toThrow(PresentationError);
    else expect(recordToText(recordFromText(line))).toBe(text);
  });

  it('reads back any record', () => {
    const octet = fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code));
    const label = fc.string({ unit: octet, minLength: 1, maxLength: 20 });
    const record = fc.record({
      name: fc.array(label, { maxLength: 5 }).map(nameFromLabels),
      type: fc.integer({ min: 0, max: 0xffff }),
      class: fc.constantFrom(0, 1, 3, 4, 9, 0xffff),
      ttl: fc.integer({ min: 0, max: 0xffffffff }),
      rdata: fc.string({ unit: octet, maxLength: 30 }).map((text) => text as Octets),
    });
    fc.assert(
      fc.property(record, (value) => void expect(recordFromText(recordToText(value))).toEqual(value)),
      { numRuns: 500 },
    );
  });
});

describe('recordFromText', () => {
  it('completes relative names with the origin', () => {
    expect(recordToText(recordFromText('@ 1 NS ns', nameFromText('example.')))).toBe('example. 1 IN NS ns.example.');
  });

  it.each([
    ['', 'there is no record'],
    ['; only a comment', 'there is no record'],
    ['a.', 'the record type is missing'],
    ['a. IN', 'the record type is missing'],
    ['a. 1 IN 2 A 10.0.0.1', '"2" is not a record type'],
    ['a. ANY A 10.0.0.1', 'no record is of class ANY'],
    ['a. IN BOGUS x', '"BOGUS" is not a record type'],
    ['a. 1x A 10.0.0.1', '"1x" is not a time'],
    ['a..b A 10.0.0.1', 'empty label'],
    ['a. A 10.0.0.1\nb. A 10.0.0.1', 'more than one line'],
    ['a. TXT "x', 'a quote is never closed'],
  ])('refuses %j', (line, reason) => {
    expect(() => recordFromText(line)).toThrow(PresentationError);
    expect(() => recordFromText(line)).toThrow(reason);
  });
});
