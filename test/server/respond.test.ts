/** Does the reply say what the resolution says, and only what this client may and can read? */
import { describe, expect, it } from 'vitest';
import { EdnsCode, Rcode, Type } from '../../src/dns/numbers.js';
import { NO_OCTETS, octets16, octetsFrom } from '../../src/dns/octets.js';
import type { Resolution } from '../../src/dns/resolution.js';
import { bareReply, respond } from '../../src/server/respond.js';
import { ADDRESS, edns, lastOne, query, questionOf, resolution, rrset, SIGNATURE } from './edge-fixture.js';

const terms = { transport: 'udp' as const, ednsBufferSize: 1232, tcpIdle: 10_000, random: lastOne };
const SOA = rrset(Type.SOA, [octetsFrom(...new Array<number>(22).fill(0))], { signatures: [SIGNATURE] });
const signed = rrset(Type.A, [ADDRESS], { signatures: [SIGNATURE] });
const nsec = rrset(Type.NSEC, [octetsFrom(0, 0, 1, 64)], { signatures: [SIGNATURE] });
const nsec3 = rrset(Type.NSEC3, [octetsFrom(1, 0, 0, 0, 0, 0)], { signatures: [SIGNATURE] });

describe('the header', () => {
  it('RFC 1035 §4.1.1: ID and RD are copied, QR and RA are set, TC is not', () => {
    expect(respond(query({ id: 7, rd: false }), resolution(), terms)).toMatchObject({
      id: 7,
      qr: true,
      rd: false,
      ra: true,
      tc: false,
      opcode: 0,
    });
  });

  it('RFC 1034 §6.2.7: AA for what is ours to say alone', () => {
    expect(respond(query(), resolution(), terms).aa).toBe(false);
    expect(respond(query(), resolution({ source: 'local', authoritative: true }), terms).aa).toBe(true);
  });

  it('flags of the query without meaning in one are not copied', () => {
    const reply = respond(query({ aa: true, tc: true, ra: true, rcode: 3 }), resolution(), terms);
    expect(reply).toMatchObject({ aa: false, tc: false, rcode: Rcode.NOERROR });
  });

  it('RFC 4035 §3.2.2: CD is copied', () => {
    for (const cd of [true, false]) expect(respond(query({ cd }), resolution(), terms).cd).toBe(cd);
  });
});

describe('AD', () => {
  const secure = resolution({ security: { kind: 'secure' } });
  const withDo = edns({ dnssecOk: true });

  it.each([
    ['RFC 6840 §5.8: not set for a client that shows no interest', query(), secure, false],
    ['RFC 6840 §5.7: set for a client that sends AD', query({ ad: true }), secure, true],
    ['RFC 6840 §5.8: set for a client that sends DO', query({ edns: withDo }), secure, true],
    ['EDNS without DO shows no interest', query({ edns: edns() }), secure, false],
    ['never with CD: nothing need have been validated', query({ ad: true, cd: true, edns: withDo }), secure, false],
    ['RFC 4035 §3.2.3: not for insecure data', query({ ad: true }), resolution(), false],
    ['nor unchecked data', query({ ad: true }), resolution({ security: { kind: 'unchecked' } }), false],
    ['nor indeterminate data', query({ ad: true }), resolution({ security: { kind: 'indeterminate' } }), false],
    ['nor where there are no records to be authentic', query({ ad: true }), { ...secure, answer: [] }, false],
    ['nor for YXDOMAIN, which no zone signs', query({ ad: true }), { ...secure, rcode: Rcode.YXDOMAIN }, false],
    ['for a secure denial', query({ ad: true }), { ...secure, answer: [], authority: [SOA] }, true],
  ] satisfies [string, ReturnType<typeof query>, Resolution, boolean][])('%s', (_title, asked, found, ad) => {
    expect(respond(asked, found, terms).ad).toBe(ad);
  });
});

describe('RFC 4035 §3.2.1: signatures and proofs', () => {
  const denial = resolution({ rcode: Rcode.NXDOMAIN, answer: [], authority: [SOA, nsec, nsec3] });
  const typesOf = (records: readonly { type: number }[]) => records.map(({ type }) => type);

  it('go to a client with DO', () => {
    const asked = query({ edns: edns({ dnssecOk: true }) });
    expect(typesOf(respond(asked, resolution({ answer: [signed] }), terms).answer)).toEqual([Type.A, Type.RRSIG]);
    expect(typesOf(respond(asked, denial, terms).authority)).toEqual([
      Type.SOA,
      Type.RRSIG,
      Type.NSEC,
      Type.RRSIG,
      Type.NSEC3,
      Type.RRSIG,
    ]);
  });

  it('and to no other', () => {
    expect(typesOf(respond(query({ edns: edns() }), resolution({ answer: [signed] }), terms).answer)).toEqual([Type.A]);
    expect(typesOf(respond(query({ edns: edns() }), denial, terms).authority)).toEqual([Type.SOA]);
  });

  it('unless it asks for just that type', () => {
    for (const [type, found] of [
      [Type.NSEC, nsec],
      [Type.NSEC3, nsec3],
      [Type.RRSIG, rrset(Type.RRSIG, [SIGNATURE])],
    ] as const) {
      expect(typesOf(respond(query(questionOf(type)), resolution({ answer: [found] }), terms).answer)).toEqual([type]);
    }
    expect(typesOf(respond(query(questionOf(Type.NSEC)), denial, terms).authority)).toEqual([Type.SOA]);
  });

  it('DNSKEY and DS are data like any other', () => {
    const keys = rrset(Type.DNSKEY, [octetsFrom(1, 1, 3, 8, 1)]);
    expect(typesOf(respond(query(questionOf(Type.DNSKEY)), resolution({ answer: [keys] }), terms).answer)).toEqual([
      Type.DNSKEY,
    ]);
  });
});

describe('EDNS of the reply', () => {
  it('RFC 6891 §7: only where the query has it', () => {
    expect(respond(query(), resolution(), terms).edns).toBeUndefined();
    expect(respond(query({ edns: edns() }), resolution(), terms).edns).toEqual(
      edns({ udpSize: 1232, dnssecOk: false, options: [] }),
    );
  });

  it('RFC 3225 §3: DO is copied', () => {
    expect(respond(query({ edns: edns({ dnssecOk: true }) }), resolution(), terms).edns?.dnssecOk).toBe(true);
  });

  it('RFC 8914 §2: reasons in order, three at most', () => {
    const because = [22, 23, 6, 9].map((code) => ({ code, text: `text ${code}` }));
    const reply = respond(query({ edns: edns() }), resolution({ rcode: Rcode.SERVFAIL, because }), terms);
    expect(reply.edns?.options.map(({ code, data }) => [code, data.slice(2)])).toEqual([
      [EdnsCode.EXTENDED_ERROR, 'text 22'],
      [EdnsCode.EXTENDED_ERROR, 'text 23'],
      [EdnsCode.EXTENDED_ERROR, 'text 6'],
    ]);
  });

  it('RFC 8914 §2: one reason cannot fill a message', () => {
    const because = [{ code: 0, text: 'x'.repeat(5000) }];
    const reply = respond(query({ edns: edns() }), resolution({ because }), terms);
    expect(reply.edns?.options[0]?.data.length).toBeLessThan(256);
  });

  describe('RFC 7828: keepalive', () => {
    const asking = query({ edns: edns({ options: [{ code: EdnsCode.TCP_KEEPALIVE, data: NO_OCTETS }] }) });
    const tcp = { ...terms, transport: 'tcp' as const };

    it('§3.2.2: is answered over TCP with the idle time in units of 100 ms', () => {
      expect(respond(asking, resolution(), tcp).edns?.options).toEqual([
        { code: EdnsCode.TCP_KEEPALIVE, data: octets16(100) },
      ]);
    });

    it('is ignored over UDP, without being asked for, and with a timeout from the client', () => {
      const odd = query({ edns: edns({ options: [{ code: EdnsCode.TCP_KEEPALIVE, data: octets16(5) }] }) });
      expect(respond(asking, resolution(), terms).edns?.options).toEqual([]);
      expect(respond(query({ edns: edns() }), resolution(), tcp).edns?.options).toEqual([]);
      expect(respond(odd, resolution(), tcp).edns?.options).toEqual([]);
    });
  });
});

describe('the sections', () => {
  it('RFC 1794: addresses are rotated, and nothing else', () => {
    const three = [1, 2, 3].map((last) => octetsFrom(192, 0, 2, last));
    const answerTo = (type: number) =>
      respond(query(questionOf(type)), resolution({ answer: [rrset(type, three)] }), terms).answer.map((r) => r.rdata);
    expect(answerTo(Type.A)).toEqual([three[2], three[0], three[1]]);
    expect(answerTo(Type.MX)).toEqual(three);
  });

  it('RFC 6672 §3.1: the alias chain stays in order', () => {
    const chain = [rrset(Type.DNAME, [octetsFrom(0)]), rrset(Type.CNAME, [octetsFrom(0)]), signed];
    const reply = respond(query(), resolution({ answer: chain }), terms);
    expect(reply.answer.map(({ type }) => type)).toEqual([Type.DNAME, Type.CNAME, Type.A]);
  });

  it('nothing additional is ever sent', () => {
    expect(respond(query(), resolution({ authority: [SOA] }), terms).additional).toEqual([]);
  });
});

it('a bare reply echoes ID, opcode and RD and nothing else', () => {
  const loud = query({ id: 0xabcd, opcode: 5, aa: true, tc: true, ra: true, ad: true, cd: true });
  expect(bareReply(loud, Rcode.NOTIMP).toString('hex')).toBe('abcda9040000000000000000');
});

describe('a compact denial (RFC 9824 §5)', () => {
  const denied = resolution({ rcode: Rcode.NXDOMAIN, compact: true, answer: [], authority: [SOA, nsec] });
  const flags = (dnssecOk: boolean, compactOk: boolean) => edns({ dnssecOk, ...(compactOk && { compactOk }) });

  it.each([
    ['without EDNS', undefined, Rcode.NXDOMAIN, undefined],
    ['without DO', flags(false, false), Rcode.NXDOMAIN, undefined],
    ['with DO, whose proof is one of no data', flags(true, false), Rcode.NOERROR, undefined],
    ['with DO and CO', flags(true, true), Rcode.NXDOMAIN, true],
  ])('to a client %s', (_title, asked, rcode, compactOk) => {
    const reply = respond(query({ edns: asked }), denied, terms);
    expect([reply.rcode, reply.edns?.compactOk]).toEqual([rcode, compactOk]);
  });
});
