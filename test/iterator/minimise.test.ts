import { expect, test } from 'vitest';
import { nameFromText, nameToText } from '../../src/dns/name.js';
import { minimisedName } from '../../src/iterator/minimise.js';

const asked = (name: string, known: number, steps: number, max = 10): string =>
  nameToText(minimisedName(nameFromText(name), known, steps, max));

test('RFC 9156 §2.3: one label more than the zone, until the name is whole', () => {
  expect(asked('a.b.example.com.', 0, 0)).toBe('com.');
  expect(asked('a.b.example.com.', 2, 0)).toBe('b.example.com.');
  expect(asked('a.b.example.com.', 3, 1)).toBe('a.b.example.com.');
  expect(asked('com.', 0, 0)).toBe('com.');
});

test('a name of many labels takes no more than the allowed number of steps', () => {
  const labels = Array.from({ length: 60 }, (_, i) => `l${i}`);
  const name = `${labels.join('.')}.`;
  let known = 0;
  let steps = 0;
  while (asked(name, known, steps) !== nameToText(nameFromText(name))) {
    known = asked(name, known, steps).split('.').length - 1;
    steps++;
  }
  expect(steps).toBeLessThanOrEqual(10);
});
