import { beforeEach, describe, expect, it } from 'vitest';
import { TurnShare } from '../../src/server/turn-share.js';

let now: number;
let share: TurnShare;
beforeEach(() => {
  now = 0;
  share = new TurnShare({ now: () => now });
});

/** Questions of one turn, each of which takes so many milliseconds. */
function turn({ each = 0, isLeft = true }): number {
  share.begin(now);
  let begun = 0;
  for (; share.allows(begun); begun++) now += each;
  share.end(isLeft);
  return begun;
}

describe('a turn', () => {
  it('begins some questions, and fewer when others took long since the last that left some', () => {
    expect(turn({})).toBe(16);
    now += 0.4;
    expect(turn({})).toBe(16);
    now += 0.6;
    expect(turn({ isLeft: false })).toBe(8);
    // Nobody waited meanwhile.
    now += 1000;
    expect(turn({})).toBe(16);
  });

  it('begins no further question once they took 1 ms', () => {
    expect(turn({ each: 0.125 })).toBe(8);
    expect(turn({ each: 0.125 })).toBe(8);
  });

  it('begins one, whatever it takes', () => {
    expect(turn({ each: 1000 })).toBe(1);
    expect(turn({ each: 1000 })).toBe(1);
  });

  it('has all its time after what lay ready was answered', () => {
    const began = now;
    now += 5;
    share.begin(began);
    expect(share.allows(1)).toBe(true);
  });
});
