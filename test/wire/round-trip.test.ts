import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Message } from '../../src/dns/message.js';
import { nameFromWire } from '../../src/dns/name.js';
import { Class, Type } from '../../src/dns/numbers.js';
import { decodeMessage } from '../../src/wire/decode-message.js';
import { encodeMessage } from '../../src/wire/encode-message.js';
import { rdataLayout } from '../../src/wire/rdata-names.js';
import { WireError } from '../../src/wire/wire-error.js';
import { reply } from './examples.js';
import { message, rdataOf, spelledName } from './generated-messages.js';

/** The message, or the WireError; anything else thrown fails the test. */
function decodedOrRefused(bytes: Uint8Array): Message | WireError {
  try {
    return decodeMessage(bytes);
  } catch (error) {
    if (error instanceof WireError) return error;
    throw error;
  }
}

describe('octets to values and back', () => {
  it('reads back every message it has written', () => {
    fc.assert(
      fc.property(message, (written) => {
        const { bytes, truncated } = encodeMessage(written);
        expect(truncated).toBe(false);
        expect(decodeMessage(bytes)).toEqual(written);
      }),
      { numRuns: 500 },
    );
  });

  it('keeps RDATA of every type to the octet, with the names it may be compressed towards around it', () => {
    for (const type of new Set<number>(Object.values(Type))) {
      if (type === Type.OPT) continue;
      fc.assert(
        fc.property(fc.array(rdataOf(type, Class.IN), { minLength: 1, maxLength: 3 }), spelledName, (rdatas, owner) => {
          const name = nameFromWire(owner);
          const answer = rdatas.map((rdata) => ({ name, type, class: Class.IN, ttl: 1, rdata }));
          const { bytes } = encodeMessage(reply({ answer }));
          expect(decodeMessage(bytes).answer.map((record) => record.rdata)).toEqual(rdatas);
        }),
        { numRuns: rdataLayout(type) === undefined ? 5 : 40 },
      );
    }
  });

  it('makes a message or a WireError of any octets', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        decodedOrRefused(bytes);
      }),
      { numRuns: 2000 },
    );
  });

  it('makes a message or a WireError of messages with octets changed or cut off', () => {
    const changes = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(message, changes, fc.option(fc.nat()), (written, octetChanges, cut) => {
        const { bytes } = encodeMessage(written);
        for (const [at, value] of octetChanges) bytes[at % bytes.length] = value;
        const decoded = decodedOrRefused(cut === null ? bytes : bytes.subarray(0, cut % bytes.length));
        if (decoded instanceof WireError) return;
        // What was understood can be said again.
        expect(decodeMessage(encodeMessage(decoded).bytes)).toEqual(decoded);
      }),
      { numRuns: 1000 },
    );
  });

  it('writes truncated messages that decode to the beginning of the whole, within the size', () => {
    fc.assert(
      fc.property(message, fc.integer({ min: 820, max: 3000 }), (written, maxOctets) => {
        const { bytes, truncated } = encodeMessage(written, { maxOctets });
        expect(bytes.length).toBeLessThanOrEqual(maxOctets);
        const read = decodeMessage(bytes);
        expect(read.tc).toBe(written.tc || truncated);
        expect({ ...read, tc: written.tc, answer: [], authority: [], additional: [] }).toEqual({
          ...written,
          answer: [],
          authority: [],
          additional: [],
        });
        for (const section of ['answer', 'authority', 'additional'] as const) {
          expect(read[section]).toEqual(written[section].slice(0, read[section].length));
        }
        const complete =
          read.answer.length === written.answer.length && read.authority.length === written.authority.length;
        expect(truncated).toBe(!complete);
      }),
      { numRuns: 300 },
    );
  });
});
