/** Are messages found in a stream however it is cut? */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { framed, MessageFraming } from '../../src/server/tcp-framing.js';

function everythingIn(framing: MessageFraming): Buffer[] {
  const messages: Buffer[] = [];
  for (let next = framing.next(); next !== undefined; next = framing.next()) messages.push(next);
  return messages;
}

it('RFC 1035 §4.2.2: any messages, in any chunks, come out as they went in', () => {
  const message = fc.uint8Array({ maxLength: 400 }).map((octets) => Buffer.from(octets));
  fc.assert(
    fc.property(fc.array(message, { maxLength: 12 }), fc.array(fc.nat(5000)), (messages, cuts) => {
      const stream = Buffer.concat(messages.map(framed));
      const places = [...cuts.map((cut) => cut % (stream.length + 1)), 0, stream.length].sort((a, b) => a - b);
      const framing = new MessageFraming();
      const found: Buffer[] = [];
      for (let i = 1; i < places.length; i++) {
        framing.push(stream.subarray(places[i - 1], places[i]));
        found.push(...everythingIn(framing));
      }
      expect(found).toEqual(messages);
    }),
  );
});

it('messages wait until they are taken', () => {
  const framing = new MessageFraming();
  framing.push(Buffer.concat([framed(Buffer.from('one')), framed(Buffer.from('two'))]));
  expect(framing.next()?.toString()).toBe('one');
  framing.push(framed(Buffer.from('three')));
  expect(everythingIn(framing).map(String)).toEqual(['two', 'three']);
});

it('the longest message may come octet by octet', () => {
  const longest = Buffer.alloc(0xffff, 7);
  const framing = new MessageFraming();
  const stream = framed(longest);
  for (let at = 0; at < stream.length - 1; at++) framing.push(stream.subarray(at, at + 1));
  expect(framing.next()).toBeUndefined();
  framing.push(stream.subarray(-1));
  expect(framing.next()?.equals(longest)).toBe(true);
});
