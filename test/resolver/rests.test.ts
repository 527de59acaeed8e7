import { expect, it } from 'vitest';
import { Rests } from '../../src/resolver/rests.js';

it('what rests does so for its time, and no more than so many do', () => {
  const clock = { at: 0, now: () => clock.at };
  const rests = new Rests(clock, 2);
  rests.add('a', 100);
  clock.at = 99;
  expect(rests.has('a')).toBe(true);
  clock.at = 100;
  expect(rests.has('a')).toBe(false);
  for (const key of ['a', 'b', 'a', 'c']) rests.add(key, 50);
  expect(['a', 'b', 'c'].filter((key) => rests.has(key))).toEqual(['a', 'c']);
  rests.delete('a');
  expect(rests.has('a')).toBe(false);
});
