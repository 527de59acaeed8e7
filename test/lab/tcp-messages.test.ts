/** However a stream is cut into chunks, the messages come out whole and in order. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { framed, MessageStream } from '../../src/lab/tcp-messages.js';

test('framing and cutting are inverse', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 6 }), fc.nat(50), (messages, step) => {
      const octets = Buffer.concat(messages.map((message) => framed(message)));
      const stream = new MessageStream();
      const found: Buffer[] = [];
      for (let at = 0; at < octets.length; at += step + 1)
        found.push(...stream.push(octets.subarray(at, at + step + 1)));
      expect(found.map((each) => [...each])).toEqual(messages.map((each) => [...each]));
    }),
  );
});
