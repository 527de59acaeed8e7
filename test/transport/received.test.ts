/** Does what was read together come out as it came in? */
import { describe, expect, it } from 'vitest';
import { Received } from '../../src/transport/received.js';

function read(received: Received<string>, source: string, octets: number): void {
  received.room.fill(source, 0, octets);
  received.add(source, octets);
}

/** What is handed over: all, or so many. */
function handedOver(received: Received<string>, most = Number.POSITIVE_INFINITY): string[] {
  const heard: string[] = [];
  const hear = (source: string, octets: Buffer): void => {
    expect(octets.every((octet) => octet === source.charCodeAt(0))).toBe(true);
    heard.push(`${source}${octets.length}`);
  };
  const isLeft = received.handOver(hear, () => heard.length < most);
  expect(isLeft).toBe(heard.length === most);
  return heard;
}

describe('datagrams that were read together', () => {
  it('are handed over in order, each with its own octets and where it is from', () => {
    const received = new Received<string>();
    const sizes = [60, 0, 512, 513, 1232, 1, 65_535];
    for (const [i, octets] of sizes.entries()) read(received, 'abcdefg'[i]!, octets);
    expect(handedOver(received)).toEqual(['a60', 'b0', 'c512', 'd513', 'e1232', 'f1', 'g65535']);
  });

  it('are handed over once', () => {
    const received = new Received<string>();
    read(received, 'a', 5);
    handedOver(received);
    expect(handedOver(received)).toEqual([]);
    read(received, 'b', 6);
    expect(handedOver(received)).toEqual(['b6']);
  });

  it('are handed over some at a time when those took long', () => {
    const received = new Received<string>();
    for (const source of 'abcde') read(received, source, 7);
    expect(handedOver(received, 2)).toEqual(['a7', 'b7']);
    expect(handedOver(received, 1)).toEqual(['c7']);
    expect(handedOver(received)).toEqual(['d7', 'e7']);
    read(received, 'f', 8);
    expect(handedOver(received)).toEqual(['f8']);
  });

  it('are not left when the time is over with the last of them', () => {
    const received = new Received<string>();
    read(received, 'a', 7);
    expect(
      received.handOver(
        () => {},
        () => false,
      ),
    ).toBe(false);
    read(received, 'b', 7);
    read(received, 'c', 7);
    expect(
      received.handOver(
        () => {},
        () => false,
      ),
    ).toBe(true);
    expect(
      received.handOver(
        () => {},
        () => false,
      ),
    ).toBe(false);
  });

  it.each([20, 600, 65_535])('have room until they are many (%i octets each)', (octets) => {
    const received = new Received<string>();
    let count = 0;
    for (; !received.isFull; count++) {
      expect(received.room.length).toBe(65_535);
      read(received, 'x', octets);
    }
    expect(handedOver(received)).toEqual(new Array(count).fill(`x${octets}`));
    expect(received.isFull).toBe(false);
  });
});
