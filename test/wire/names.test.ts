import { describe, expect, it } from 'vitest';
import { MAX_NAME_OCTETS, nameFromText, nameToText } from '../../src/dns/name.js';
import { decodeMessage } from '../../src/wire/decode-message.js';
import { NameReader } from '../../src/wire/names.js';
import { octetsOfMessage } from './examples.js';

/** The first question's name as text. `hex` is what follows the header, type and class left out. */
function questionName(hex: string): string {
  return nameToText(decodeMessage(octetsOfMessage([1, 0, 0, 0], `${hex} 0001 0001`)).questions[0]!.name);
}

/** The name a reader finds at `at` when the octets behind a header are these. */
function nameIn(hex: string, at: number): string {
  const bytes = octetsOfMessage([0, 0, 0, 0], hex);
  return nameToText(new NameReader(bytes).read(at, bytes.length));
}

const label = (octets: number): string => octets.toString(16).padStart(2, '0') + '61'.repeat(octets);

describe('names on the wire (RFC 1035 §3.1, §4.1.4)', () => {
  it('reads any octets in labels and lower-cases ASCII letters alone', () => {
    expect(questionName('04 41 2e 00 c9 00')).toBe('a\\.\\000\\201.');
  });

  it('does not fold the octets of a Kelvin sign to k', () => {
    expect(questionName('06 62616e e284aa 03 636f6d 00')).toBe('ban\\226\\132\\170.com.');
  });

  it('takes names of 255 octets and labels of 63, and no longer ones', () => {
    const long = label(63).repeat(3) + label(61);
    expect(questionName(`${long}00`)).toHaveLength(MAX_NAME_OCTETS - 1);
    expect(() => questionName(`${label(63).repeat(3)}${label(62)}00`)).toThrow('longer than 255 octets');
  });

  it('counts what a pointer adds towards the 255 octets (CVE-2026-52682)', () => {
    const tail = `${label(63).repeat(3)}00`;
    expect(nameIn(`${tail}${label(61)}c00c`, 12 + 193)).toHaveLength(MAX_NAME_OCTETS - 1);
    expect(() => nameIn(`${tail}${label(62)}c00c`, 12 + 193)).toThrow('longer than 255 octets');
  });

  it('refuses a pointer to itself', () => {
    expect(() => questionName('c00c')).toThrow('does not lead backwards');
  });

  it('refuses a pointer forward', () => {
    expect(() => questionName('c012 00000000 00')).toThrow('does not lead backwards');
  });

  it('refuses a pointer into the label sequence it ends, which would repeat it', () => {
    expect(() => questionName('0161 0162 c00e')).toThrow('does not lead backwards');
    expect(() => questionName('0161 c00c')).toThrow('does not lead backwards');
  });

  it('refuses two pointers at each other', () => {
    expect(() => nameIn('c00e c00c', 14)).toThrow('does not lead backwards');
  });

  it('refuses a pointer into the header, where no name is', () => {
    expect(() => questionName('c000')).toThrow('into the header');
  });

  it('refuses a pointer cut in half', () => {
    expect(() => nameIn('0161 c0', 12)).toThrow('past the end');
  });

  it.each(['40', '41', '80', 'bf'])('refuses the label type 0x%s', (octet) => {
    expect(() => questionName(`${octet} 6161 00`)).toThrow(`0x${octet} is no label length`);
  });

  it('follows 127 pointers, one after each label of the longest name, and not one more', () => {
    const chain = (links: number): string => {
      let hex = '00';
      for (let i = 0, at = 12; i < links; i++) {
        hex += (0xc000 | at).toString(16);
        at = 13 + 2 * i;
      }
      return hex;
    };
    expect(nameIn(chain(127), 13 + 2 * 126)).toBe('.');
    expect(() => nameIn(chain(128), 13 + 2 * 127)).toThrow('more than 127 compression pointers');
  });

  it('reads 8,000 pointers to pointers without more work than one name is allowed', () => {
    let hex = '00';
    for (let i = 0, at = 12; i < 8000; i++) {
      hex += (0xc000 | at).toString(16);
      at = 13 + 2 * i;
    }
    expect(() => nameIn(hex, 13 + 2 * 7999)).toThrow('more than 127 compression pointers');
  });

  it('bounds the pointers followed in one message of deeply chained names', () => {
    let hex = '0161 00'.replace(' ', '');
    const at: number[] = [12];
    for (let i = 1; i < 4000; i++) {
      at.push(12 + hex.length / 2);
      // The first 120 names are a chain, all others end in the whole of it.
      hex += `0161${(0xc000 | at[Math.min(i - 1, 119)]!).toString(16)}`;
    }
    const bytes = octetsOfMessage([0, 0, 0, 0], hex);
    const names = new NameReader(bytes);
    expect(() => at.map((each) => names.read(each, bytes.length))).toThrow('follow 32768 compression pointers');
  });

  it('gives equal owners one string, wherever their pointers lead', () => {
    const a = 'c00c 0001 0001 00000001 0004 01020304';
    const { questions, answer } = decodeMessage(octetsOfMessage([1, 2, 0, 0], `0161 00 0001 0001 ${a} ${a}`));
    expect(answer.map((record) => record.name)).toEqual([questions[0]!.name, questions[0]!.name]);
  });

  it('tells names apart that are remembered by offset, however many there are', () => {
    const hex = Array.from({ length: 100 }, (_, i) => `02 ${(0x6161 + i).toString(16)} 00`).join('');
    const bytes = octetsOfMessage(
      [0, 0, 0, 0],
      hex + Array.from({ length: 100 }, (_, i) => (0xc00c + 4 * i).toString(16)).join(''),
    );
    const names = new NameReader(bytes);
    for (const round of [1, 2]) {
      for (let i = 0; i < 100; i++) {
        const plain = names.read(12 + 4 * i, bytes.length);
        expect(names.read(412 + 2 * i, bytes.length), `round ${round}`).toBe(plain);
        expect(names.end).toBe(414 + 2 * i);
      }
    }
  });

  it('keeps the spelling of a name and its owner form apart', () => {
    const bytes = octetsOfMessage([0, 0, 0, 0], '0141 00 c00c');
    const names = new NameReader(bytes);
    expect(nameToText(names.read(15, bytes.length))).toBe('A.');
    expect(names.owner(15, bytes.length)).toBe(nameFromText('a.'));
    expect(nameToText(names.read(15, bytes.length))).toBe('A.');
  });
});
