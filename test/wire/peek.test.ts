import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nameFromText, nameFromWire, wireFromText } from '../../src/dns/name.js';
import { Class, Type } from '../../src/dns/numbers.js';
import { decodeMessage } from '../../src/wire/decode-message.js';
import { encodeMessage } from '../../src/wire/encode-message.js';
import { peekHeader, peekQuestion, questionSpelling } from '../../src/wire/peek.js';
import { address, octetsOfMessage, reply } from './examples.js';
import { message, spelledName } from './generated-messages.js';

describe('peekHeader', () => {
  it('agrees with the decoder, the upper bits of the response code apart', () => {
    fc.assert(
      fc.property(message, (written) => {
        const { answer, authority, additional, questions, edns, ...header } = written;
        expect(peekHeader(encodeMessage(written).bytes)).toEqual({
          ...header,
          rcode: written.rcode & 0xf,
          questions: questions.length,
          answers: answer.length,
          authorities: authority.length,
          additionals: additional.length + (edns === undefined ? 0 : 1),
        });
      }),
    );
  });

  it('is undefined under 12 octets', () => {
    expect(peekHeader(new Uint8Array(11))).toBeUndefined();
    expect(peekHeader(new Uint8Array(12))).toMatchObject({ id: 0, questions: 0 });
  });
});

describe('questionSpelling and peekQuestion', () => {
  it('give the name as spelled, and the question as the decoder has it', () => {
    fc.assert(
      fc.property(spelledName, (spelling) => {
        const questions = [{ name: nameFromWire(spelling), type: Type.HTTPS, class: Class.IN }];
        const { bytes } = encodeMessage(reply({ questions, answer: [address('a.', 1)] }), { spelling });
        expect(questionSpelling(bytes)).toBe(spelling);
        expect(peekQuestion(bytes)).toEqual({ ...questions[0], end: 12 + spelling.length + 4 });
        expect(decodeMessage(bytes).questions).toEqual(questions);
      }),
    );
  });

  it('take plain Uint8Arrays and views', () => {
    const { bytes } = encodeMessage(reply());
    const around = new Uint8Array(bytes.length + 8);
    around.set(bytes, 4);
    expect(questionSpelling(around.subarray(4, 4 + bytes.length))).toBe(wireFromText('www.example.com.'));
    expect(peekQuestion(Uint8Array.from(bytes))?.name).toBe(nameFromText('www.example.com.'));
  });

  it.each([
    ['no question', [0, 0, 0, 0], '0161 00 0001 0001'],
    ['nothing behind the header', [1, 0, 0, 0], ''],
    ['a pointer', [1, 0, 0, 0], 'c00c 0001 0001'],
    ['a label type out of use', [1, 0, 0, 0], '41 00 0001 0001'],
    ['a name cut short', [1, 0, 0, 0], '0461 61'],
    ['a name without an end', [1, 0, 0, 0], '0161'],
    ['a name over 255 octets', [1, 0, 0, 0], `${'0161'.repeat(128)} 00 0001 0001`],
  ] as const)('are undefined for %s', (_, counts, hex) => {
    const bytes = octetsOfMessage(counts, hex);
    expect(questionSpelling(bytes)).toBeUndefined();
    expect(peekQuestion(bytes)).toBeUndefined();
  });

  it('differ on a question that ends after its name', () => {
    const bytes = octetsOfMessage([1, 0, 0, 0], '0161 00 0001 00');
    expect(questionSpelling(bytes)).toBe(wireFromText('a.'));
    expect(peekQuestion(bytes)).toBeUndefined();
  });
});
