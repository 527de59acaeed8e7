/** Octets of memcached, in any pieces and with any intention. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MemcachedReplies, type MemcachedReply } from '../../src/sharing/memcached-replies.js';

const octets = (text: string): Buffer => Buffer.from(text, 'latin1');

function inPieces(whole: Buffer, size: number, maxOctets = 100): MemcachedReply[] {
  const replies = new MemcachedReplies(maxOctets);
  const all: MemcachedReply[] = [];
  for (let at = 0; at < whole.length; at += size) all.push(...replies.read(whole.subarray(at, at + size)));
  return all;
}

const STREAM = octets('VALUE a 0 5\r\nx\r\nyz\r\nVALUE bb 7 0\r\n\r\nEND\r\nSTORED\r\nSERVER_ERROR out of memory\r\n');

describe('replies of memcached', () => {
  it.each([1, 2, 3, 7, 1000])('are cut right when they arrive in pieces of %d octets', (size) => {
    expect(inPieces(STREAM, size)).toEqual([
      { kind: 'value', key: 'a', value: octets('x\r\nyz') },
      { kind: 'value', key: 'bb', value: octets('') },
      { kind: 'line', text: 'END' },
      { kind: 'line', text: 'STORED' },
      { kind: 'line', text: 'SERVER_ERROR out of memory' },
    ]);
  });

  it('a value that is too long is passed over, and what follows is read', () => {
    const stream = Buffer.concat([octets('VALUE a 0 5000\r\n'), Buffer.alloc(5000), octets('\r\nEND\r\n')]);
    expect(inPieces(stream, 100)).toEqual([
      { kind: 'value', key: 'a', value: undefined },
      { kind: 'line', text: 'END' },
    ]);
  });

  it('a line without an end is not gathered for ever', () => {
    expect(() => inPieces(Buffer.alloc(10_000, 0x41), 100)).toThrow('endless line');
  });

  it('any octets are read in pieces as they are at once, or refused', () => {
    const run = (whole: Buffer, size: number): string => {
      try {
        return JSON.stringify(inPieces(whole, size));
      } catch (error) {
        return (error as Error).message;
      }
    };
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), fc.integer({ min: 1, max: 50 }), (bytes, size) => {
        const whole = Buffer.concat([octets('VALUE k 0 9\r\n'), Buffer.from(bytes)]);
        expect(run(whole, size)).toBe(run(whole, whole.length));
      }),
    );
  });
});
