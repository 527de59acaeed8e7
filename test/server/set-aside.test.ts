import { describe, expect, it } from 'vitest';
import { type AsideQuestion, SetAside } from '../../src/server/set-aside.js';

const asked = (arrived: number): AsideQuestion => ({
  octets: Buffer.alloc(12),
  client: { address: '192.0.2.1', port: 40_000, name: Buffer.alloc(16) },
  arrived,
});

describe('questions set aside', () => {
  it('are taken in the order they came, however often the places were used', () => {
    const aside = new SetAside(3);
    const taken: (number | undefined)[] = [];
    for (let n = 0; n < 10; n += 2) {
      aside.put(asked(n));
      aside.put(asked(n + 1));
      taken.push(aside.take()?.arrived, aside.take()?.arrived);
    }
    expect(taken).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(aside.take()).toBeUndefined();
    expect(aside.size).toBe(0);
  });

  it('are so many at most', () => {
    const aside = new SetAside(2);
    aside.put(asked(1));
    expect(aside.isFull).toBe(false);
    aside.put(asked(2));
    expect(aside.isFull).toBe(true);
    aside.take();
    expect(aside).toMatchObject({ isFull: false, size: 1 });
  });
});
