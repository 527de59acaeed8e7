import { expect, it } from 'vitest';
import { TurnShare } from '../../src/server/turn-share.js';

it('a turn begins some questions, and fewer when others took long since the last that left some', () => {
  let now = 0;
  const share = new TurnShare({ now: () => now });
  expect(share.begin()).toBe(16);
  share.end(true);
  now += 0.4;
  expect(share.begin()).toBe(16);
  share.end(true);
  now += 0.6;
  expect(share.begin()).toBe(8);
  share.end(false);
  // Nobody waited meanwhile.
  now += 1000;
  expect(share.begin()).toBe(16);
});
