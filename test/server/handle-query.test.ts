/** Does one request get what the RFCs say it should? Octets in, octets out, no sockets. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ExtendedErrorCode } from '../../src/dns/extended-error.js';
import type { Message } from '../../src/dns/message.js';
import { nameFromText, wireFromText } from '../../src/dns/name.js';
import { Class, EdnsCode, Opcode, Rcode, Type } from '../../src/dns/numbers.js';
import { octetsFrom, octetsFromHex } from '../../src/dns/octets.js';
import { extendedErrorsOf } from '../../src/wire/edns.js';
import { questionSpelling } from '../../src/wire/peek.js';
import { ADDRESS, Desk, edns, octetsOfQuery, questionOf, resolution, rrset, settings, WWW } from './edge-fixture.js';

const codesOf = (message: Message) => extendedErrorsOf(message.edns).map(({ code }) => code);

/** Octets with the 16-bit number at an offset overwritten. */
function with16(octets: Buffer, at: number, value: number): Buffer {
  const changed = Buffer.from(octets);
  changed.writeUInt16BE(value, at);
  return changed;
}

describe('what gets no reply at all', () => {
  it('RFC 1035 §4.1.1: a response (QR=1), whatever its opcode', async () => {
    const desk = new Desk();
    expect(await desk.octets(octetsOfQuery({ qr: true }))).toBeUndefined();
    expect(await desk.octets(octetsOfQuery({ qr: true, opcode: Opcode.NOTIFY }))).toBeUndefined();
    expect(desk.stats.snapshot()).toMatchObject({ total: 2, dropped: 2 });
    expect(desk.resolver.asked).toEqual([]);
  });

  it('RFC 1035 §4.1.1: fewer than the twelve octets of a header', async () => {
    const desk = new Desk();
    for (const length of [0, 1, 11]) expect(await desk.octets(Buffer.alloc(length))).toBeUndefined();
    expect(desk.stats.snapshot().dropped).toBe(3);
  });

  it('a query from port 0, where no reply can go', async () => {
    expect(await new Desk().octets(octetsOfQuery(), { port: 0 })).toBeUndefined();
  });

  it('a question the local policy leaves unanswered', async () => {
    const desk = new Desk();
    desk.resolver.knows = () => resolution({ silent: true, source: 'local' });
    expect(await desk.octets(octetsOfQuery())).toBeUndefined();
    expect(desk.stats.snapshot()).toMatchObject({ dropped: 1, byRcode: {} });
  });
});

describe('what is answered with twelve octets', () => {
  /** ID, QR with opcode and RD, response code, no sections. */
  const bare = (opcode: number, rcode: number) =>
    Buffer.from([0x12, 0x34, 0x80 | (opcode << 3) | 1, rcode, 0, 0, 0, 0, 0, 0, 0, 0]);

  it.each(['IQUERY', 'STATUS', 'NOTIFY', 'UPDATE', 'DSO'] as const)(
    'RFC 6895 §2.2: NOTIMP to opcode %s, and nothing is looked up',
    async (name) => {
      const desk = new Desk();
      const octets = octetsOfQuery({ opcode: Opcode[name], edns: edns() });
      expect(await desk.octets(octets)).toEqual(bare(Opcode[name], Rcode.NOTIMP));
      expect(desk.resolver.asked).toEqual([]);
    },
  );

  it.each([0, 2, 65_535])('RFC 9619 §4: FORMERR to QDCOUNT %i', async (count) => {
    const octets = with16(octetsOfQuery(), 4, count);
    expect(await new Desk().octets(octets)).toEqual(bare(Opcode.QUERY, Rcode.FORMERR));
  });

  it('RFC 1034 §3.7: FORMERR to a query that brings answers, or more than OPT and a signature', async () => {
    const desk = new Desk();
    for (const [at, count] of [
      [6, 1],
      [8, 2],
      [10, 4],
    ] as const) {
      expect(await desk.octets(with16(octetsOfQuery(), at, count))).toEqual(bare(Opcode.QUERY, Rcode.FORMERR));
    }
  });

  it('RFC 6891 §6.1.1: FORMERR to two OPT records, not one octet of them echoed', async () => {
    const opt = octetsOfQuery({ edns: edns() }).subarray(octetsOfQuery().length);
    const octets = with16(Buffer.concat([octetsOfQuery({ edns: edns() }), opt]), 10, 2);
    expect(await new Desk().octets(octets)).toEqual(bare(Opcode.QUERY, Rcode.FORMERR));
  });

  it.each([
    ['a label that runs past the end', '1234010000010000000000003f777777'],
    ['a compression pointer in the question', '123401000001000000000000c00c00010001'],
    ['a question without class', '123401000001000000000000000001'],
    ['a record count that lies', '12340100000100000000000100000100 01'],
  ])('FORMERR to %s', async (_what, hex) => {
    const octets = Buffer.from(hex.replace(' ', ''), 'hex');
    expect(await new Desk().octets(octets)).toEqual(bare(Opcode.QUERY, Rcode.FORMERR));
  });
});

describe('who is answered', () => {
  it('others than access.allow get REFUSED with EDE 18 (RFC 8914 §4.19)', async () => {
    const desk = new Desk();
    const reply = await desk.ask({ edns: edns() }, { address: '192.0.2.9' });
    expect(reply).toMatchObject({ rcode: Rcode.REFUSED, answer: [] });
    expect(codesOf(reply)).toEqual([ExtendedErrorCode.PROHIBITED]);
    expect(desk.resolver.asked).toEqual([]);
  });

  it('IPv4 clients of a dual-stack socket are judged by their IPv4 address', async () => {
    expect((await new Desk().ask({}, { address: '::ffff:127.0.0.1' })).rcode).toBe(Rcode.NOERROR);
    expect((await new Desk().ask({}, { address: '::ffff:192.0.2.9' })).rcode).toBe(Rcode.REFUSED);
  });

  it('changed settings count from the next query on', async () => {
    const desk = new Desk();
    desk.edge.reconfigure(settings({ allow: ['192.0.2.0/24'] }));
    expect((await desk.ask({}, { address: '127.0.0.1' })).rcode).toBe(Rcode.REFUSED);
    expect((await desk.ask({}, { address: '192.0.2.9' })).rcode).toBe(Rcode.NOERROR);
  });

  it('a bad prefix in changed settings changes nothing', async () => {
    const desk = new Desk();
    const before = desk.edge.settings;
    expect(() => desk.edge.reconfigure(settings({ allow: ['192.0.2.0/33'] }))).toThrow(/192\.0\.2\.0\/33/);
    expect(desk.edge.settings).toBe(before);
    expect((await desk.ask()).rcode).toBe(Rcode.NOERROR);
  });
});

describe('EDNS of the query', () => {
  it('RFC 6891 §6.1.3: BADVERS to a later version, with our version 0', async () => {
    const desk = new Desk();
    const reply = await desk.ask({ edns: edns({ version: 1 }) });
    expect(reply).toMatchObject({ rcode: Rcode.BADVERS, edns: { version: 0, options: [] } });
    expect(desk.resolver.asked).toEqual([]);
  });

  it.each([0, 7, 9, 15, 41])('RFC 7873 §5.2.2: FORMERR to a COOKIE of %i octets', async (length) => {
    const data = octetsFrom(...new Array<number>(length).fill(7));
    const reply = await new Desk().ask({ edns: edns({ options: [{ code: EdnsCode.COOKIE, data }] }) });
    expect(reply).toMatchObject({ rcode: Rcode.FORMERR, edns: { options: [] } });
  });

  it.each([8, 16, 40])('RFC 7873 §4: a COOKIE of %i octets is well formed, and not reflected', async (length) => {
    const data = octetsFrom(...new Array<number>(length).fill(7));
    const reply = await new Desk().ask({ edns: edns({ options: [{ code: EdnsCode.COOKIE, data }] }) });
    expect(reply).toMatchObject({ rcode: Rcode.NOERROR, edns: { options: [] } });
  });

  it('RFC 6891 §6.1.2: unknown options are ignored, none is reflected', async () => {
    const options = [65_001, EdnsCode.NSID, EdnsCode.PADDING, EdnsCode.CLIENT_SUBNET].map((code) => ({
      code,
      data: octetsFrom(1, 2, 3, 4),
    }));
    const reply = await new Desk().ask({ edns: edns({ options }) });
    expect(reply).toMatchObject({ rcode: Rcode.NOERROR, edns: { udpSize: 1232, options: [] } });
  });
});

describe('what may be asked', () => {
  it.each(['version.bind.', 'id.server.', 'hostname.bind.', 'www.example.'])(
    'class CHAOS: %s is REFUSED',
    async (text) => {
      const desk = new Desk();
      const reply = await desk.ask({ questions: [{ name: nameFromText(text), type: Type.TXT, class: Class.CH }] });
      expect(reply.rcode).toBe(Rcode.REFUSED);
      expect(desk.resolver.asked).toEqual([]);
    },
  );

  it.each([
    ['AXFR', Rcode.REFUSED],
    ['IXFR', Rcode.REFUSED],
    ['OPT', Rcode.FORMERR],
    ['TSIG', Rcode.FORMERR],
    ['NXNAME', Rcode.FORMERR],
    ['TKEY', Rcode.NOTIMP],
    ['MAILA', Rcode.NOTIMP],
    ['MAILB', Rcode.NOTIMP],
  ] as const)('RFC 6895 §3.1, RFC 9824 §3.5: type %s is not looked up, EDE 30', async (type, rcode) => {
    const desk = new Desk();
    const reply = await desk.ask({ ...questionOf(Type[type]), edns: edns() });
    expect(reply.rcode).toBe(rcode);
    expect(codesOf(reply)).toEqual([ExtendedErrorCode.INVALID_QUERY_TYPE]);
    expect(desk.resolver.asked).toEqual([]);
  });

  it('RFC 1995 §3: IXFR brings a SOA along and is refused all the same', async () => {
    const soa = { name: WWW, type: Type.SOA, class: Class.IN, ttl: 0, rdata: octetsFromHex('0000'.padEnd(44, '0'))! };
    const reply = await new Desk().ask({ ...questionOf(Type.IXFR), authority: [soa] });
    expect(reply).toMatchObject({ rcode: Rcode.REFUSED, authority: [] });
  });

  it('RFC 3597 §3: unknown types are looked up like any other', async () => {
    const desk = new Desk();
    expect((await desk.ask(questionOf(65_280))).rcode).toBe(Rcode.NOERROR);
    expect(desk.resolver.asked.map(({ question }) => question.type)).toEqual([65_280, 65_280]);
  });
});

describe('the way through the resolver', () => {
  it('what is known is answered without a promise, and counts as a hit', () => {
    const desk = new Desk();
    desk.resolver.knows = () => resolution({ source: 'cache' });
    expect(desk.hand(octetsOfQuery())).toBeInstanceOf(Buffer);
    expect(desk.resolver.asked.map(({ how }) => how)).toEqual(['known']);
    expect(desk.stats.snapshot()).toMatchObject({ total: 1, hits: 1, misses: 0, bySource: { cache: 1 } });
  });

  it('the rest is resolved, and counts as a miss', async () => {
    const desk = new Desk();
    const reply = await desk.ask({ cd: true });
    expect(reply.answer.map(({ rdata }) => rdata)).toEqual([ADDRESS]);
    expect(desk.resolver.asked.map(({ how, options }) => [how, options.checkingDisabled])).toEqual([
      ['known', true],
      ['resolve', true],
    ]);
    expect(desk.stats.snapshot()).toMatchObject({ hits: 0, misses: 1, inFlight: 0, byType: { A: 1 } });
  });

  it('RFC 4343 §4.1: the question comes back as it was spelled, and owner names with it', async () => {
    const spelling = wireFromText('wWw.ExAmPlE.');
    const reply = await new Desk().octets(octetsOfQuery({}, { spelling }));
    expect(questionSpelling(reply!)).toBe(spelling);
    expect(reply!.includes('www')).toBe(false);
  });

  it('what the resolver throws becomes SERVFAIL and one log line', async () => {
    const desk = new Desk();
    desk.resolver.finds = () => Promise.reject(new Error('a mistake'));
    expect((await desk.ask()).rcode).toBe(Rcode.SERVFAIL);
    desk.resolver.knows = () => {
      throw new Error('another');
    };
    expect((await desk.ask()).rcode).toBe(Rcode.SERVFAIL);
    expect(desk.log.at('error')).toHaveLength(2);
    expect(desk.stats.snapshot()).toMatchObject({ inFlight: 0, byRcode: { SERVFAIL: 2 } });
  });

  it('a resolution that cannot be encoded becomes SERVFAIL too', async () => {
    const desk = new Desk();
    const huge = rrset(65_280, [octetsFrom(1).repeat(70_000) as typeof ADDRESS]);
    desk.resolver.finds = () => Promise.resolve(resolution({ answer: [huge] }));
    expect((await desk.ask()).rcode).toBe(Rcode.SERVFAIL);
    expect(desk.log.at('error')).toHaveLength(1);
  });

  it('queries are logged when that is wanted', async () => {
    const desk = new Desk(settings({ logQueries: true }));
    await desk.ask();
    expect(desk.log.at('info')).toEqual([
      {
        level: 'info',
        message: 'query',
        fields: {
          client: '127.0.0.1',
          transport: 'udp',
          name: 'www.example.',
          type: 'A',
          rcode: 'NOERROR',
          source: 'network',
          security: 'insecure',
          ms: 0,
        },
      },
    ]);
  });
});

describe('queries without RD (RFC 1034 §4.3.2)', () => {
  const SNOOPER = { address: '127.0.0.9' };
  const deskForOne = () => new Desk(settings({ snoop: ['127.0.0.1'] }));

  it('access.snoop is answered from the cache', async () => {
    const desk = deskForOne();
    desk.resolver.knows = () => resolution({ source: 'cache' });
    expect(await desk.ask({ rd: false })).toMatchObject({
      rcode: Rcode.NOERROR,
      rd: false,
      answer: [{ rdata: ADDRESS }],
    });
  });

  it('and gets an empty answer when nothing is known: nobody is asked for it', async () => {
    const desk = deskForOne();
    const reply = await desk.ask({ rd: false, edns: edns() });
    expect(reply).toMatchObject({ rcode: Rcode.NOERROR, answer: [], authority: [], ad: false });
    expect(codesOf(reply)).toEqual([ExtendedErrorCode.OTHER]);
    expect(desk.resolver.asked.map(({ how }) => how)).toEqual(['known']);
  });

  it('others are REFUSED alike whether or not the cache knows', async () => {
    const desk = deskForOne();
    const unknown = await desk.octets(octetsOfQuery({ rd: false, edns: edns() }), SNOOPER);
    desk.resolver.knows = () => resolution({ source: 'cache' });
    const known = await desk.octets(octetsOfQuery({ rd: false, edns: edns() }), SNOOPER);
    expect(known).toEqual(unknown);
    expect((await desk.ask({ rd: false, edns: edns() }, SNOOPER)).rcode).toBe(Rcode.REFUSED);
  });

  it('nothing is fetched on the account of who may not look', async () => {
    const desk = deskForOne();
    await desk.ask({ rd: false }, SNOOPER);
    await desk.ask({ rd: false });
    await desk.ask({ rd: true }, SNOOPER);
    const known = desk.resolver.asked.filter(({ how }) => how === 'known');
    expect(known.map(({ options }) => options.looksOnly)).toEqual([true, false, false]);
  });

  it('local zones are for everyone', async () => {
    const desk = deskForOne();
    desk.resolver.knows = () => resolution({ source: 'local', authoritative: true });
    expect(await desk.ask({ rd: false }, SNOOPER)).toMatchObject({ rcode: Rcode.NOERROR, aa: true });
  });

  it('ANY without RD asks nobody either', async () => {
    const desk = deskForOne();
    expect((await desk.ask({ ...questionOf(Type.ANY), rd: false })).rcode).toBe(Rcode.NOERROR);
    expect(desk.resolver.asked.every(({ how }) => how === 'known')).toBe(true);
  });
});

describe('bounds on what waits', () => {
  /** A desk whose resolver answers when told to. */
  function slowDesk(limits: object) {
    const desk = new Desk(settings({ limits }));
    const waiting: (() => void)[] = [];
    desk.resolver.finds = () => new Promise((resolve) => waiting.push(() => resolve(resolution())));
    const answerAll = () => {
      for (const answer of waiting.splice(0)) answer();
    };
    return { desk, answerAll };
  }
  const numbered = (id: number) => octetsOfQuery({ id, edns: edns() });

  it('a full resolver says so at once', async () => {
    const { desk, answerAll } = slowDesk({ inFlight: 2 });
    const waiting = [1, 2].map((id) => desk.octets(numbered(id)));
    const reply = await desk.ask({ id: 3, edns: edns() }, { address: '127.0.0.2' });
    expect(reply.rcode).toBe(Rcode.SERVFAIL);
    expect(extendedErrorsOf(reply.edns)[0]?.text).toContain('limits.inFlight');
    expect(desk.stats.snapshot().inFlight).toBe(2);
    answerAll();
    expect((await Promise.all(waiting)).every((octets) => octets !== undefined)).toBe(true);
    expect(desk.stats.snapshot().inFlight).toBe(0);
    expect(desk.edge.inFlight.size).toBe(0);
  });

  it('a client over its share is not answered over UDP, and told over TCP; others are served', async () => {
    const { desk, answerAll } = slowDesk({ perClientInFlight: 1 });
    const first = desk.octets(numbered(1));
    expect(await desk.octets(numbered(2))).toBeUndefined();
    expect((await desk.ask({ id: 3 }, { transport: 'tcp' })).rcode).toBe(Rcode.SERVFAIL);
    const other = desk.octets(numbered(4), { address: '127.0.0.2' });
    answerAll();
    expect(await first).toBeDefined();
    expect(await other).toBeDefined();
    expect(desk.stats.snapshot()).toMatchObject({ total: 4, dropped: 1 });
  });

  it('a retransmission of a waiting question gets the one reply (CVE-2026-42534)', async () => {
    const { desk, answerAll } = slowDesk({});
    const first = desk.octets(numbered(1));
    expect(await desk.octets(numbered(1))).toBeUndefined();
    answerAll();
    expect(await first).toBeDefined();
    expect(desk.resolver.asked.filter(({ how }) => how === 'resolve')).toHaveLength(1);
    const again = desk.octets(numbered(1));
    answerAll();
    expect(await again).toBeDefined();
  });

  it('CVE-2024-33655 (DNSBomb): of many late replies to one address only a few leave', async () => {
    const { desk, answerAll } = slowDesk({ udpLate: 1900 });
    const bomb = Array.from({ length: 200 }, (_, id) => desk.octets(numbered(id)));
    const bystander = desk.octets(numbered(1), { address: '127.0.0.2' });
    desk.clock.advance(2000);
    answerAll();
    const replies = (await Promise.all(bomb)).filter((octets) => octets !== undefined);
    expect(replies).toHaveLength(16);
    expect(await bystander).toBeDefined();
    expect(desk.stats.snapshot().dropped).toBe(184);
  });

  it('late replies over TCP, where no address can be forged, all leave', async () => {
    const { desk, answerAll } = slowDesk({ udpLate: 1900 });
    const waiting = Array.from({ length: 50 }, (_, id) => desk.octets(numbered(id), { transport: 'tcp' }));
    desk.clock.advance(2000);
    answerAll();
    expect((await Promise.all(waiting)).every((octets) => octets !== undefined)).toBe(true);
  });
});

describe('any octets', () => {
  // Loopback, which may have more than 1232 octets, is another test's.
  const address = '192.0.2.7';
  const desk = new Desk(settings({ allow: [address] }));
  desk.resolver.finds = () =>
    Promise.resolve(resolution({ answer: [rrset(Type.TXT, [octetsFrom(...new Array<number>(2000).fill(65))])] }));

  /** Random octets, and real queries with some octets changed. */
  const damaged = fc
    .tuple(
      fc.constantFrom(
        octetsOfQuery(),
        octetsOfQuery({ edns: edns({ udpSize: 600 }) }),
        octetsOfQuery(questionOf(Type.ANY)),
      ),
      fc.array(fc.tuple(fc.nat(80), fc.integer({ min: 0, max: 255 })), { maxLength: 6 }),
    )
    .map(([octets, changes]) => {
      const changed = Buffer.from(octets);
      for (const [at, value] of changes) if (at < changed.length) changed[at] = value;
      return changed;
    });

  it('never throw, never call for more than is allowed, and are never answered with a query', async () => {
    const any = fc.oneof(fc.uint8Array({ maxLength: 300 }), damaged);
    await fc.assert(
      fc.asyncProperty(any, fc.constantFrom('udp' as const, 'tcp' as const), async (octets, transport) => {
        const reply = await desk.octets(octets, { transport, address });
        if (reply === undefined) return;
        expect(reply.length).toBeLessThanOrEqual(transport === 'udp' ? 1232 : 65_535);
        expect(reply.subarray(0, 2)).toEqual(Buffer.from(octets.subarray(0, 2)));
        expect(reply[2]! & 0x80).toBe(0x80);
      }),
      { numRuns: 2000 },
    );
    expect(desk.log.at('error')).toEqual([]);
    expect(desk.edge.inFlight.size).toBe(0);
  });
});

it('RFC 9715: the same large answer is truncated for others, and whole on loopback', async () => {
  const desk = new Desk(settings({ allow: ['0.0.0.0/0', '::/0'] }));
  const answer = [rrset(Type.TXT, [octetsFrom(...new Array<number>(2000).fill(65))])];
  desk.resolver.finds = () => Promise.resolve(resolution({ answer }));
  const asked = { edns: edns({ udpSize: 4096 }) };
  expect(await desk.ask(asked, { address: '192.0.2.7' })).toMatchObject({ tc: true, answer: [] });
  expect(await desk.ask(asked, { address: '2001:db8::1' })).toMatchObject({ tc: true, answer: [] });
  for (const address of ['127.0.0.1', '::1']) {
    const reply = await desk.ask(asked, { address });
    expect(reply.tc).toBe(false);
    expect(reply.answer).toHaveLength(1);
  }
  expect(await desk.ask({ edns: edns({ udpSize: 1232 }) })).toMatchObject({ tc: true, answer: [] });
});
