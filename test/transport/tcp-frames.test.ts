import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FrameReader, framed, unframed } from '../../src/transport/tcp-frames.js';

/** Cuts octets into pieces of the sizes given, over and over. */
function cut(octets: Buffer, sizes: readonly number[]): Buffer[] {
  const pieces: Buffer[] = [];
  for (let at = 0, i = 0; at < octets.length; i++) {
    const size = sizes[i % sizes.length]!;
    pieces.push(octets.subarray(at, at + size));
    at += size;
  }
  return pieces;
}

describe('FrameReader', () => {
  it('gives back the messages that were framed, however the stream is cut', () => {
    const message = fc.uint8Array({ maxLength: 700 });
    const sizes = fc.array(fc.integer({ min: 1, max: 900 }), { minLength: 1 });
    fc.assert(
      fc.property(fc.array(message), sizes, (messages, pieces) => {
        const stream = Buffer.concat(messages.map(framed));
        const reader = new FrameReader();
        const got = cut(stream, pieces).flatMap((piece) => reader.push(piece));
        expect(got.map((m) => [...m])).toEqual(messages.map((m) => [...m]));
      }),
    );
  });

  it('takes the longest message octet by octet', () => {
    const message = Buffer.alloc(65_535, 7);
    const reader = new FrameReader();
    const got = cut(framed(message), [1]).flatMap((piece) => reader.push(piece));
    expect(got).toHaveLength(1);
    expect(got[0]!.equals(message)).toBe(true);
  });

  it('keeps what came of the next message', () => {
    const reader = new FrameReader();
    expect(reader.push(Buffer.from([0, 1, 9, 0]))).toEqual([Buffer.from([9])]);
    expect(reader.push(Buffer.from([2, 8]))).toEqual([]);
    expect(reader.push(Buffer.from([7]))).toEqual([Buffer.from([8, 7])]);
  });
});

describe('framed', () => {
  it('puts the length before the message, which unframed finds again', () => {
    const frame = framed(Buffer.from([1, 2, 3]));
    expect([...frame]).toEqual([0, 3, 1, 2, 3]);
    expect([...unframed(frame)]).toEqual([1, 2, 3]);
  });
});
