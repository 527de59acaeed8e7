/** The algorithm of RFC 1034 §4.3.2, first on the examples of its §6, then case by case. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { nameFromLabels } from '../../src/dns/name.js';
import { Opcode, Rcode, Type } from '../../src/dns/numbers.js';
import { answerFrom, indispensableGlue } from '../../src/lab/answer.js';
import { ZoneSet } from '../../src/lab/zone-set.js';
import { ask, query, show, zone } from './ask-zones.js';

/** The records of RFC 1034 §6.1's root zone that its §6.2 asks about. */
const rfc1034Root = zone(
  `
$TTL 86400
.                SOA   SRI-NIC.ARPA. HOSTMASTER.SRI-NIC.ARPA. 870611 1800 300 604800 86400
.                NS    A.ISI.EDU.
.                NS    C.ISI.EDU.
.                NS    SRI-NIC.ARPA.
MIL.             NS    SRI-NIC.ARPA.
MIL.             NS    A.ISI.EDU.
EDU.             NS    SRI-NIC.ARPA.
EDU.             NS    C.ISI.EDU.
SRI-NIC.ARPA.    A     26.0.0.73
SRI-NIC.ARPA.    A     10.0.0.51
SRI-NIC.ARPA.    MX    0 SRI-NIC.ARPA.
SRI-NIC.ARPA.    HINFO "DEC-2060" "TOPS20"
ACC.ARPA.        A     26.6.0.65
USC-ISIC.ARPA.   CNAME C.ISI.EDU.
73.0.0.26.IN-ADDR.ARPA. PTR SRI-NIC.ARPA.
A.ISI.EDU.       A     26.3.0.103
C.ISI.EDU.       A     10.0.0.52
`,
  '.',
);

describe('RFC 1034 §6.2 asked of a server of the root alone', () => {
  test('§6.2.1: an address', () => {
    expect(ask([rfc1034Root], 'SRI-NIC.ARPA. A')).toEqual([
      'NOERROR aa',
      'answer sri-nic.arpa. 86400 IN A 26.0.0.73',
      'answer sri-nic.arpa. 86400 IN A 10.0.0.51',
    ]);
  });

  test('§6.2.3: MX brings the addresses along', () => {
    expect(ask([rfc1034Root], 'SRI-NIC.ARPA. MX')).toEqual([
      'NOERROR aa',
      'answer sri-nic.arpa. 86400 IN MX 0 SRI-NIC.ARPA.',
      'additional sri-nic.arpa. 86400 IN A 26.0.0.73',
      'additional sri-nic.arpa. 86400 IN A 10.0.0.51',
    ]);
  });

  test('§6.2.2: QTYPE * gives all there is', () => {
    expect(ask([rfc1034Root], 'SRI-NIC.ARPA. ANY').filter((line) => line.startsWith('answer'))).toHaveLength(4);
  });

  test('§6.2.4: a type the name does not have', () => {
    const [head, soa, ...others] = ask([rfc1034Root], 'SRI-NIC.ARPA. NS');
    expect([head, soa?.slice(0, 26), others]).toEqual(['NOERROR aa', 'authority . 86400 IN SOA S', []]);
  });

  test('§6.2.5: a name that does not exist', () => {
    expect(ask([rfc1034Root], 'SIR-NIC.ARPA. A')[0]).toBe('NXDOMAIN aa');
  });

  test('§6.2.6: a referral, without authority', () => {
    expect(ask([rfc1034Root], 'BRL.MIL. A')).toEqual([
      'NOERROR',
      'authority mil. 86400 IN NS SRI-NIC.ARPA.',
      'authority mil. 86400 IN NS A.ISI.EDU.',
      'additional sri-nic.arpa. 86400 IN A 26.0.0.73',
      'additional sri-nic.arpa. 86400 IN A 10.0.0.51',
      'additional a.isi.edu. 86400 IN A 26.3.0.103',
    ]);
  });

  test('§6.2.7 and §6.2.8: an alias whose target is delegated away, and the alias itself', () => {
    expect(ask([rfc1034Root], 'USC-ISIC.ARPA. A').slice(0, 3)).toEqual([
      'NOERROR aa',
      'answer usc-isic.arpa. 86400 IN CNAME C.ISI.EDU.',
      'authority edu. 86400 IN NS SRI-NIC.ARPA.',
    ]);
    expect(ask([rfc1034Root], 'USC-ISIC.ARPA. CNAME')).toEqual([
      'NOERROR aa',
      'answer usc-isic.arpa. 86400 IN CNAME C.ISI.EDU.',
    ]);
  });
});

const parent = zone(
  `
$TTL 3600
@           SOA ns hostmaster 1 2 3 4 60
@           NS  ns
ns          A   192.0.2.1
child       NS  ns.other
child       NS  ns.child
child       DS  12345 8 2 123456789ABCDEF67890123456789ABCDEF67890123456789ABCDEF123456789
ns.child    A   192.0.2.2
ns.child    AAAA 2001:db8::2
ns.other    A   192.0.2.3
other       NS  ns.other
bare        NS  ns.elsewhere.
x.y.z       A   192.0.2.4
a           CNAME b
b           CNAME c
c           CNAME a
gone        CNAME nowhere
out         CNAME www.elsewhere.
`,
  'test.',
);
const child = zone('$TTL 60\n@ SOA ns h 1 2 3 4 5\n@ NS ns\nns A 192.0.2.2\nup CNAME ns.test.', 'child.test.');

describe('referrals', () => {
  test('the glue of in-domain servers stands first, sibling glue after it', () => {
    expect(ask([parent], 'www.child.test. A')).toEqual([
      'NOERROR',
      'authority child.test. 3600 IN NS ns.other.test.',
      'authority child.test. 3600 IN NS ns.child.test.',
      'additional ns.child.test. 3600 IN A 192.0.2.2',
      'additional ns.child.test. 3600 IN AAAA 2001:db8::2',
      'additional ns.other.test. 3600 IN A 192.0.2.3',
    ]);
    expect(indispensableGlue(answerFrom([parent], query('www.child.test. A')))).toBe(2);
  });

  test('DS comes along for those who set DO', () => {
    expect(ask([parent], 'child.test. A', true)[3]).toMatch(/^authority child\.test\. 3600 IN DS 12345 8 2 /);
  });

  test('asked for the delegation itself, the parent still refers', () => {
    expect(ask([parent], 'child.test. NS').slice(0, 2)).toEqual([
      'NOERROR',
      'authority child.test. 3600 IN NS ns.other.test.',
    ]);
    expect(ask([parent], 'child.test. ANY')[0]).toBe('NOERROR');
  });

  test('DS is answered by the parent, with authority, wherever the child is (RFC 4035 §3.1.4.1)', () => {
    for (const zones of [[parent], [child, parent]]) {
      expect(ask(zones, 'child.test. DS')[0]).toBe('NOERROR aa');
      expect(ask(zones, 'child.test. DS')[1]).toMatch(/^answer child\.test\. 3600 IN DS 12345/);
    }
    expect(ask([child], 'child.test. DS')[1]).toMatch(/^authority child\.test\. 5 IN SOA/);
    expect(ask([parent], 'other.test. DS')[1]).toMatch(/^authority test\. 60 IN SOA/);
  });

  test('a glueless delegation has nothing to add', () => {
    expect(ask([parent], 'www.bare.test. A')).toEqual(['NOERROR', 'authority bare.test. 3600 IN NS ns.elsewhere.']);
  });

  test('glue is no answer: its owner is below the cut', () => {
    expect(ask([parent], 'ns.child.test. A')[0]).toBe('NOERROR');
  });
});

describe('negative answers', () => {
  test.each(['y.z.test. A', 'z.test. A', 'x.y.z.test. MX'])('%s: NODATA with the SOA at its MINIMUM', (question) => {
    const [head, soa, ...others] = ask([parent], question);
    expect(head).toBe('NOERROR aa');
    expect(soa).toMatch(/^authority test\. 60 IN SOA/);
    expect(others).toEqual([]);
  });

  test.each(['no.test. A', 'no.y.z.test. A', 'w.x.y.z.test. A'])('%s: NXDOMAIN', (question) => {
    expect(ask([parent], question)[0]).toBe('NXDOMAIN aa');
  });
});

describe('aliases', () => {
  test('a circle is written once', () => {
    expect(ask([parent], 'a.test. A')).toEqual([
      'NOERROR aa',
      'answer a.test. 3600 IN CNAME b.test.',
      'answer b.test. 3600 IN CNAME c.test.',
      'answer c.test. 3600 IN CNAME a.test.',
    ]);
  });

  test('the RCODE is that of the last name (RFC 6604)', () => {
    expect(ask([parent], 'gone.test. A')[0]).toBe('NXDOMAIN aa');
  });

  test('a target outside the zones is left to the resolver', () => {
    expect(ask([parent], 'out.test. A')).toEqual(['NOERROR aa', 'answer out.test. 3600 IN CNAME www.elsewhere.']);
  });

  test('a target in another of the zones is followed', () => {
    expect(ask([child, parent], 'up.child.test. A')).toEqual([
      'NOERROR aa',
      'answer up.child.test. 60 IN CNAME ns.test.',
      'answer ns.test. 3600 IN A 192.0.2.1',
    ]);
  });
});

describe('what no zone is needed for', () => {
  const rcodeOf = (changes: Parameters<typeof query>[1], question = 'ns.test. A'): number =>
    answerFrom([parent], query(question, changes)).rcode;

  test.each([
    ['outside the zones', Rcode.REFUSED, () => rcodeOf({}, 'www.elsewhere. A')],
    [
      'another class',
      Rcode.REFUSED,
      () => rcodeOf({ questions: [{ ...query('ns.test. A').questions[0]!, class: 3 }] }),
    ],
    ['zone transfer', Rcode.REFUSED, () => rcodeOf({}, 'test. AXFR')],
    ['NOTIFY', Rcode.NOTIMP, () => rcodeOf({ opcode: Opcode.NOTIFY })],
    ['no question', Rcode.FORMERR, () => rcodeOf({ questions: [] })],
    [
      'two questions',
      Rcode.FORMERR,
      () => rcodeOf({ questions: [...query('a. A').questions, ...query('b. A').questions] }),
    ],
    ['OPT as a question', Rcode.FORMERR, () => rcodeOf({}, 'test. OPT')],
    ['EDNS 1', Rcode.BADVERS, () => rcodeOf({ edns: { version: 1, udpSize: 4096, dnssecOk: false, options: [] } })],
  ])('%s', (_, expected, rcode) => {
    expect(rcode()).toBe(expected);
  });

  test('OPT answers OPT, version 0, options not echoed; no OPT answers none', () => {
    const options = [{ code: 65001, data: 'x' as never }];
    const reply = answerFrom(
      [parent],
      query('ns.test. A', { edns: { version: 1, udpSize: 4096, dnssecOk: true, options } }),
    );
    expect(reply.edns).toEqual({ version: 0, udpSize: 1232, dnssecOk: true, options: [] });
    expect(answerFrom([parent], query('ns.test. A', { edns: undefined })).edns).toBeUndefined();
  });

  test('ID, RD and CD come back; RA and AD are never set', () => {
    const reply = answerFrom([parent], query('ns.test. A', { id: 4711, rd: true, cd: true, ad: true }));
    expect(reply).toMatchObject({ id: 4711, qr: true, rd: true, cd: true, ra: false, ad: false });
  });
});

test('of two zones the one with the closest apex answers', () => {
  const set = new ZoneSet([parent, child]);
  expect(show(answerFrom(set, query('up.child.test. CNAME')))[0]).toBe('NOERROR aa');
  expect(show(answerFrom(set, query('child.test. SOA')))[1]).toMatch(/^answer child\.test\. 60 IN SOA/);
});

test('any question about any name ends, and every answer begins at the name asked for', () => {
  const label = fc.constantFrom('a', 'b', 'c', 'gone', 'x', 'y', 'z', 'child', 'ns', '*', 'out', 'up', 'test');
  const type = fc.constantFrom(Type.A, Type.NS, Type.CNAME, Type.DS, Type.ANY, Type.RRSIG, Type.NSEC, Type.SOA, 65534);
  fc.assert(
    fc.property(fc.array(label, { maxLength: 6 }), type, fc.boolean(), (labels, qtype, dnssecOk) => {
      const name = nameFromLabels([...labels, 'test']);
      const questions = [{ name, type: qtype, class: 1 }];
      const reply = answerFrom([parent, child], query('. A', { questions, dnssecOk }));
      if (reply.answer.length > 0) expect(reply.answer[0]!.name).toBe(name);
      expect(reply.answer.length > 0 || reply.authority.length > 0).toBe(true);
    }),
  );
});
