import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nameFromText } from '../../src/dns/name.js';
import { Class, Rcode, Type } from '../../src/dns/numbers.js';
import { octetsFrom } from '../../src/dns/octets.js';
import { AnswerCache } from '../../src/server/answer-cache.js';
import { PeekedQuery, peekQuery } from '../../src/server/peek-query.js';
import { decodeMessage } from '../../src/wire/decode-message.js';
import { ADDRESS, Desk, edns, octetsOfQuery, questionOf, resolution, rrset, settings, WWW } from './edge-fixture.js';

const MiB = 1_048_576;
const cached = resolution({ source: 'cache' });

function desk(): Desk {
  const it = new Desk(settings(), MiB);
  it.resolver.knows = () => cached;
  return it;
}

describe('an answer that lies ready', () => {
  it('is sent without asking the resolver, with the ID, the letters and the TTL of the moment', async () => {
    const at = desk();
    await at.ask();
    at.clock.advance(1200);
    const spelled = octetsOfQuery({ id: 0xbeef }, { spelling: '\x03wWw\x07EXample\0' as never });
    const second = (await at.octets(spelled))!;
    expect(at.resolver.asked).toHaveLength(1);
    expect(second.latin1Slice(12, 25)).toBe('\x03wWw\x07EXample\0');
    expect(decodeMessage(second)).toMatchObject({ id: 0xbeef, ra: true, rd: true, rcode: Rcode.NOERROR });
    // 298.8 s are left.
    expect(decodeMessage(second).answer).toEqual([
      { name: WWW, type: Type.A, class: Class.IN, ttl: 298, rdata: ADDRESS },
    ]);
    expect(at.stats.snapshot()).toMatchObject({
      total: 2,
      hits: 2,
      byType: { A: 2 },
      latencyMs: { hit: { count: 2 } },
    });
  });

  it('takes the long way again after five seconds, or a tenth of what was left', async () => {
    const at = desk();
    await at.ask();
    at.clock.advance(4999);
    await at.ask();
    expect(at.resolver.asked).toHaveLength(1);
    at.clock.advance(1);
    await at.ask();
    expect(at.resolver.asked).toHaveLength(2);
    at.resolver.knows = () => ({ ...cached, answer: [rrset(Type.A, [ADDRESS], { ttl: 20 })] });
    at.clock.advance(5000);
    await at.ask();
    at.clock.advance(1999);
    await at.ask();
    expect(at.resolver.asked).toHaveLength(3);
    at.clock.advance(1);
    await at.ask();
    expect(at.resolver.asked).toHaveLength(4);
  });

  it('starts at another address each time', async () => {
    const at = desk();
    const addresses = [1, 2, 3].map((last) => octetsFrom(192, 0, 2, last));
    at.resolver.knows = () => ({ ...cached, answer: [rrset(Type.A, addresses)] });
    await at.ask();
    const firsts = [];
    for (let i = 0; i < 6; i++) {
      const { answer } = await at.ask();
      expect(new Set(answer.map(({ rdata }) => rdata))).toEqual(new Set(addresses));
      firsts.push(answer[0]!.rdata.charCodeAt(3));
    }
    expect(at.resolver.asked).toHaveLength(1);
    expect(new Set(firsts)).toEqual(new Set([1, 2, 3]));
  });

  it.each([
    ['CD', { cd: true }],
    ['AD', { ad: true }],
    ['EDNS', { edns: edns() }],
    ['DO', { edns: edns({ dnssecOk: true }) }],
    ['CO', { edns: edns({ compactOk: true }) }],
    ['another type', questionOf(Type.AAAA)],
    ['another name', questionOf(Type.A, nameFromText('www.example.org.'))],
  ])('is not the answer to a question with %s', async (_what, more) => {
    const at = desk();
    await at.ask();
    await at.ask(more);
    expect(at.resolver.asked).toHaveLength(2);
    await at.ask(more);
    await at.ask();
    expect(at.resolver.asked).toHaveLength(2);
  });

  it.each([
    ['no recursion', { rd: false }],
    ['an option unknown here', { edns: edns({ options: [{ code: 8, data: octetsFrom(0, 1, 0, 0) }] }) }],
    ['a malformed cookie', { edns: edns({ options: [{ code: 10, data: octetsFrom(1, 2, 3) }] }) }],
    ['another class', { questions: [{ name: WWW, type: Type.A, class: Class.CH }] }],
    ['a later version of EDNS', { edns: edns({ version: 1 }) }],
  ])('is no concern of a query with %s', async (_what, more) => {
    const plain = new Desk();
    plain.resolver.knows = () => cached;
    const expected = await plain.ask(more);
    const at = desk();
    await at.ask();
    expect(await at.ask(more)).toEqual(expected);
    expect(await at.ask(more)).toEqual(expected);
  });

  it('is sent to a client whose cookie is well formed, which is not answered', async () => {
    const at = desk();
    await at.ask({ edns: edns() });
    const cookie = { code: 10, data: octetsFrom(1, 2, 3, 4, 5, 6, 7, 8) };
    expect((await at.ask({ edns: edns({ options: [cookie] }) })).edns?.options).toEqual([]);
    expect(at.resolver.asked).toHaveLength(1);
  });

  it('is not for those who may not ask', async () => {
    const at = desk();
    await at.ask();
    expect((await at.ask({}, { address: '198.51.100.1' })).rcode).toBe(Rcode.REFUSED);
  });

  it('is not larger than the client takes', async () => {
    const at = desk();
    const many = Array.from({ length: 40 }, (_, i) => octetsFrom(192, 0, 2, i));
    at.resolver.knows = () => ({ ...cached, answer: [rrset(Type.A, many)] });
    const large = { edns: edns({ udpSize: 1232 }) };
    expect((await at.ask(large)).answer).toHaveLength(40);
    expect((await at.ask(large)).answer).toHaveLength(40);
    expect(at.resolver.asked).toHaveLength(1);
    expect((await at.ask({ edns: edns({ udpSize: 512 }) })).tc).toBe(true);
    expect(at.resolver.asked).toHaveLength(2);
    expect((await at.ask({ edns: edns({ udpSize: 512 }) }, { transport: 'tcp' })).answer).toHaveLength(40);
  });

  it.each([
    ['stale', { source: 'stale' }],
    ['local', { source: 'local' }],
    ['explained', { because: [{ code: 1, text: 'why' }] }],
    ['bogus', { security: { kind: 'bogus', because: 'x', ede: { code: 6, text: 'x' } } }],
    ['a failure', { rcode: Rcode.SERVFAIL, answer: [] }],
    ['without a TTL', { answer: [] }],
    ['about to be replaced', { isDue: true }],
    ['of TTL 0', { answer: [rrset(Type.A, [ADDRESS], { ttl: 0 })] }],
  ] as const)('is never one that was %s', async (_what, more) => {
    const at = desk();
    at.resolver.knows = () => resolution({ source: 'cache', ...more } as never);
    await at.ask();
    await at.ask();
    expect(at.resolver.asked).toHaveLength(2);
  });

  it('is gone when the settings change or it is told to', async () => {
    const at = desk();
    await at.ask();
    at.edge.ready.clear();
    await at.ask();
    at.edge.reconfigure(settings({ ednsBufferSize: 512 }));
    await at.ask();
    expect(at.resolver.asked).toHaveLength(3);
  });

  it('tells once how many it answered, when it is past its time', () => {
    const at = desk();
    const octets = octetsOfQuery();
    for (let i = 0; i < 4; i++) at.hand(octets);
    at.clock.advance(6000);
    const from = ['udp', '127.0.0.1', at.edge.access] as const;
    expect(at.edge.ready.find(octets, octets.length, ...from, at.clock.now())).toBe(0);
    expect(at.edge.ready.takeHits(octets)).toBe(3);
    expect(at.edge.ready.takeHits(octets)).toBe(0);
  });

  it('has the cache count those it answered when the long way is taken', () => {
    const at = desk();
    for (let i = 0; i < 4; i++) at.hand(octetsOfQuery());
    at.clock.advance(6000);
    at.hand(octetsOfQuery());
    expect(at.resolver.asked.map(({ options }) => options.uncounted)).toEqual([0, 3]);
  });
});

describe('laps and times that 32 bits do not hold', () => {
  const query = octetsOfQuery();
  const peeked = new PeekedQuery();
  peekQuery(query, query.length, peeked);
  /** One address with a TTL of 300 seconds. */
  const reply = Buffer.concat([query, Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 1, 44, 0, 4, 192, 0, 2, 1])]);
  reply[7] = 1;
  const into = Buffer.alloc(reply.length);
  const ttlNow = (): number => into.readUInt32BE(query.length + 6);

  it('come round: replies of before are not held, those of then are', () => {
    const cache = new AnswerCache(8192, 2 ** 31 - 2);
    let kept = 0;
    for (let i = 0; i < 800; i++) {
      cache.keep(query, peeked, reply, i);
      if (cache.find(query, peeked, i) === reply.length) kept++;
    }
    expect(kept).toBe(800);
    cache.clear();
    expect(cache.find(query, peeked, 800)).toBe(0);
    cache.keep(query, peeked, reply, 801);
    cache.clear();
    expect(cache.find(query, peeked, 801)).toBe(0);
  });

  it('are forgotten with all replies', () => {
    const cache = new AnswerCache(8192);
    const days = 50 * 86_400_000;
    cache.keep(query, peeked, reply, 0.5);
    expect(cache.find(query, peeked, 2 ** 32)).toBe(0);
    cache.keep(query, peeked, reply, days + 0.5);
    expect(cache.find(query, peeked, days + 4999)).toBe(reply.length);
    cache.write(query, peeked, into);
    expect(ttlNow()).toBe(295);
    expect(cache.find(query, peeked, days + 5001)).toBe(0);
    expect(cache.takeLapsedHits()).toBe(1);
  });
});

describe('many answers in a ring that is too small for them', () => {
  it('are each right or not there', async () => {
    const at = new Desk(settings(), MiB);
    at.resolver.knows = ({ name }) => ({
      ...cached,
      answer: [rrset(Type.TXT, [`\x0f${name.slice(1, 16).padEnd(15, '.')}` as never], { name })],
    });
    const nameOf = (i: number) => nameFromText(`n${i}.a-domain-that-takes-room.example.`);
    for (let i = 0; i < 30_000; i++) await at.ask(questionOf(Type.TXT, nameOf(i)));
    const before = at.resolver.asked.length;
    for (let i = 29_999; i >= 20_000; i--) {
      const { answer } = await at.ask(questionOf(Type.TXT, nameOf(i)));
      expect(answer[0]!.rdata).toBe(`\x0f${nameOf(i).slice(1, 16).padEnd(15, '.')}`);
    }
    const asked = at.resolver.asked.length - before;
    expect(asked).toBeGreaterThan(2_000);
    expect(asked).toBeLessThan(9_000);
  });
});

describe('what is no plain query', () => {
  it('is passed over whatever its octets', () => {
    const peeked = new PeekedQuery();
    const good = octetsOfQuery({ edns: edns() });
    expect(peekQuery(good, good.length, peeked)).toBe(true);
    fc.assert(
      fc.property(fc.nat(good.length - 1), fc.nat(255), fc.nat(good.length), (at, octet, length) => {
        const query = Buffer.from(good);
        query[at] = octet;
        if (!peekQuery(query, length, peeked)) return;
        // What is taken for plain decodes to one question of class IN that ends where it was said to.
        const message = decodeMessage(query.subarray(0, length));
        expect(message.questions).toHaveLength(1);
        expect(message.questions[0]!.class).toBe(Class.IN);
        expect(peeked.end).toBe(12 + message.questions[0]!.name.length + 4);
        expect(message.rd).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  it('is not found to be plain in random octets without reading beyond them', () => {
    const peeked = new PeekedQuery();
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (octets) => {
        peekQuery(octets, octets.length, peeked);
        expect(peeked.end).toBeLessThanOrEqual(300);
      }),
    );
  });
});
