/** RFC 6672: names below a DNAME live elsewhere. */
import { expect, test } from 'vitest';
import { ask, zone } from './ask-zones.js';

const LONG = Array.from({ length: 3 }, (_, i) => String(i).repeat(60)).join('.');

const from = zone(
  `
$TTL 600
@        SOA   ns h 1 2 3 4 60
@        NS    ns
old      30 DNAME new.other.
old      TXT   "beside it"
www.old  A     192.0.2.66
inside   DNAME place
www.place A    192.0.2.1
grow     DNAME more.grow
long     DNAME ${LONG}.
*.wild   DNAME place
`,
  'test.',
);
const to = zone('$TTL 60\n@ SOA ns h 1 2 3 4 5\n@ NS ns\nwww.new A 192.0.2.2\nback DNAME inside.test.', 'other.');

test('§3.1: the CNAME made of it has the TTL of the DNAME', () => {
  expect(ask([from], 'a.b.old.test. A')).toEqual([
    'NOERROR aa',
    'answer old.test. 30 IN DNAME new.other.',
    'answer a.b.old.test. 30 IN CNAME a.b.new.other.',
  ]);
});

test('followed into another zone of the server', () => {
  expect(ask([from, to], 'www.old.test. A').slice(1)).toEqual([
    'answer old.test. 30 IN DNAME new.other.',
    'answer www.old.test. 30 IN CNAME www.new.other.',
    'answer www.new.other. 60 IN A 192.0.2.2',
  ]);
  expect(ask([from, to], 'www.back.other. A').map((line) => line.split(' ').slice(0, 2).join(' '))).toEqual([
    'NOERROR aa',
    'answer back.other.',
    'answer www.back.other.',
    'answer inside.test.',
    'answer www.inside.test.',
    'answer www.place.test.',
  ]);
});

test('§2.3: the owner itself is not renamed', () => {
  expect(ask([from], 'old.test. TXT')).toEqual(['NOERROR aa', 'answer old.test. 600 IN TXT "beside it"']);
  expect(ask([from], 'old.test. DNAME')).toEqual(['NOERROR aa', 'answer old.test. 30 IN DNAME new.other.']);
  expect(ask([from], 'old.test. A')[1]).toMatch(/^authority test\. 60 IN SOA/);
});

test('§2.4: data below a DNAME is hidden', () => {
  expect(ask([from], 'www.old.test. A').join()).not.toContain('192.0.2.66');
});

test('asked for a CNAME, the one made is the answer', () => {
  expect(ask([from], 'www.inside.test. CNAME')).toEqual([
    'NOERROR aa',
    'answer inside.test. 600 IN DNAME place.test.',
    'answer www.inside.test. 600 IN CNAME www.place.test.',
  ]);
});

test('a name that does not exist where the DNAME points', () => {
  expect(ask([from], 'no.inside.test. A')[0]).toBe('NXDOMAIN aa');
});

test('§2.2: a name that becomes too long is YXDOMAIN, with the DNAME to show why', () => {
  const question = `${'x'.repeat(60)}.${'y'.repeat(60)}.long.test. A`;
  const [head, dname, ...others] = ask([from], question);
  expect(head).toBe('YXDOMAIN aa');
  expect(dname).toMatch(/^answer long\.test\. 600 IN DNAME 0000/);
  expect(others).toEqual([]);
});

test('a DNAME that makes the name longer every time comes to an end', () => {
  const answer = ask([from], 'a.grow.test. A').filter((line) => line.includes('CNAME'));
  expect(answer.length).toBeGreaterThan(1);
  expect(answer.length).toBeLessThan(20);
});

test('a wildcard DNAME renames nothing: what it is lent to is the owner (RFC 4592 §4.4)', () => {
  expect(ask([from], 'a.wild.test. DNAME')).toEqual(['NOERROR aa', 'answer a.wild.test. 600 IN DNAME place.test.']);
  expect(ask([from], 'www.a.wild.test. A')[1]).toMatch(/^authority test\. 60 IN SOA/);
});
