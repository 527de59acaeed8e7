/** What a zone knows of its names. */
import { describe, expect, test } from 'vitest';
import { nameFromText, nameToText } from '../../src/dns/name.js';
import { Type } from '../../src/dns/numbers.js';
import { loadZone, zoneFrom } from '../../src/lab/zone.js';
import { recordFromText } from '../../src/presentation/record-text.js';
import { zone } from './ask-zones.js';

const test1 = zone(
  `
@ 60 SOA ns h 1 2 3 4 5
a.b.c 60 A 192.0.2.1
cut 60 NS ns.cut
ns.cut 60 A 192.0.2.2
below.cut 60 NS ns.cut
moved 60 DNAME elsewhere.
hidden.moved 60 A 192.0.2.3
*.w 60 A 192.0.2.4
`,
  'test.',
);

test('empty non-terminals are names', () => {
  const names = [...test1.names()].map(nameToText);
  expect(names).toEqual(expect.arrayContaining(['test.', 'b.c.test.', 'c.test.', 'w.test.', '*.w.test.']));
});

describe('the walk from the apex', () => {
  test.each([
    ['test.', 'node'],
    ['a.b.c.test.', 'node'],
    ['b.c.test.', 'node'],
    ['x.b.c.test.', 'absent'],
    ['cut.test.', 'cut'],
    ['ns.cut.test.', 'cut'],
    ['x.below.cut.test.', 'cut'],
    ['moved.test.', 'node'],
    ['hidden.moved.test.', 'dname'],
    ['x.y.w.test.', 'wildcard'],
    ['*.w.test.', 'node'],
    ['w.test.', 'node'],
  ])('%s ends at: %s', (name, kind) => {
    expect(test1.locate(nameFromText(name)).kind).toBe(kind);
  });

  test('of two cuts the upper one counts', () => {
    expect(test1.locate(nameFromText('x.below.cut.test.'))).toMatchObject({ ns: { name: nameFromText('cut.test.') } });
  });

  test('the closest encloser of a name that is not there', () => {
    expect(test1.locate(nameFromText('x.y.b.c.test.'))).toEqual({
      kind: 'absent',
      encloser: nameFromText('b.c.test.'),
    });
  });
});

test('all delegations are listed, the apex is none', () => {
  expect([...test1.delegations()].map((ns) => nameToText(ns.name))).toEqual(['cut.test.', 'below.cut.test.']);
});

test('the smallest TTL of an RRset is the TTL of all of it (RFC 2181 §5.2)', () => {
  const records = ['a.test. 300 IN A 192.0.2.1', 'a.test. 10 IN A 192.0.2.2'].map((line) => recordFromText(line));
  expect(zoneFrom(records, nameFromText('test.')).rrset(nameFromText('a.test.'), Type.A)).toMatchObject({ ttl: 10 });
});

test('a name that only looks as if it were inside is outside', () => {
  const record = recordFromText('evil\\.test. 60 IN A 192.0.2.1');
  expect(() => zoneFrom([record], nameFromText('test.'))).toThrow('evil\\.test. is outside the zone test.');
});

test('the owner of the SOA is the apex, unless an origin is given', () => {
  expect(loadZone('$ORIGIN test.\n@ 60 SOA ns h 1 2 3 4 5').apex).toBe(nameFromText('test.'));
  expect(loadZone('a 60 A 192.0.2.1', { origin: nameFromText('test.') }).soa).toBeUndefined();
});
