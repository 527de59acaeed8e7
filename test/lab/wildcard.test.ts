/** RFC 4592 §2.2.1: the example zone and what it must and must not make up. */
import { describe, expect, test } from 'vitest';
import { ask, zone } from './ask-zones.js';

const example = zone(
  `
$TTL 3600
@               SOA   ns hostmaster 1 2 3 4 300
@               NS    ns.example.com.
@               NS    ns.example.net.
*               TXT   "this is a wildcard"
*               MX    10 host1.example.
sub.*           TXT   "this is not a wildcard"
host1           A     192.0.2.1
_ssh._tcp.host1 SRV   0 0 22 host1
_ssh._tcp.host2 SRV   0 0 22 host2
subdel          NS    ns.example.com.
subdel          NS    ns.example.net.
`,
  'example.',
);

describe('made from the wildcard', () => {
  test.each([
    ['host3.example. MX', 'answer host3.example. 3600 IN MX 10 host1.example.'],
    ['host3.example. A', 'NODATA'],
    ['foo.bar.example. TXT', 'answer foo.bar.example. 3600 IN TXT "this is a wildcard"'],
  ])('%s', (question, expected) => {
    const [head, first] = ask([example], question);
    expect(head).toBe('NOERROR aa');
    if (expected === 'NODATA') expect(first).toMatch(/^authority example\. 300 IN SOA /);
    else expect(first).toBe(expected);
  });
});

describe('not made from the wildcard', () => {
  test.each([
    ['host1.example. MX', 'NOERROR aa', 'the name exists'],
    ['sub.*.example. MX', 'NOERROR aa', 'the name exists'],
    ['_telnet._tcp.host1.example. SRV', 'NXDOMAIN aa', '_tcp.host1 exists without data'],
    ['_tcp.host2.example. TXT', 'NOERROR aa', 'it is an empty non-terminal'],
    ['host2.example. MX', 'NOERROR aa', 'it is an empty non-terminal'],
    ['ghost.*.example. MX', 'NXDOMAIN aa', '*.example exists, *.*.example does not'],
    ['host.subdel.example. A', 'NOERROR', 'subdel is a zone cut'],
  ])('%s: %s, because %s', (question, expected) => {
    const [head, ...records] = ask([example], question);
    expect(head).toBe(expected);
    expect(records.filter((line) => line.startsWith('answer'))).toEqual([]);
  });
});

test('the asterisk asked for by name is an ordinary owner (§2.1.1)', () => {
  expect(ask([example], '*.example. TXT')).toEqual([
    'NOERROR aa',
    'answer *.example. 3600 IN TXT "this is a wildcard"',
  ]);
});

test('a wildcard CNAME is followed (§4.5 leaves no other reading)', () => {
  const zones = [zone('@ 60 SOA ns h 1 2 3 4 5\n* 60 CNAME www.other.\nwww.other. 60 A 192.0.2.9', '.')];
  expect(ask(zones, 'a.b. A')).toEqual([
    'NOERROR aa',
    'answer a.b. 60 IN CNAME www.other.',
    'answer www.other. 60 IN A 192.0.2.9',
  ]);
});
