/** How large may a reply be, and what goes when it is larger? */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nameFromLabels } from '../../src/dns/name.js';
import { Class, Type } from '../../src/dns/numbers.js';
import { type Octets, octetsFrom } from '../../src/dns/octets.js';
import { fitReply, replyLimit } from '../../src/server/fit.js';
import { respond } from '../../src/server/respond.js';
import { decodeMessage } from '../../src/wire/decode-message.js';
import { extendedErrorsOf } from '../../src/wire/edns.js';
import { edns, lastOne, query, resolution, rrset } from './edge-fixture.js';

const terms = { transport: 'udp' as const, ednsBufferSize: 1232, tcpIdle: 10_000, random: lastOne };
const text = (octets: number) => octetsFrom(...new Array<number>(octets).fill(65));

const udp = { transport: 'udp', address: '192.0.2.7' } as const;

describe('the limit', () => {
  it.each([
    ['RFC 1035 §4.2.1: 512 without EDNS', undefined, 512],
    ['RFC 6891 §6.2.5: what the client says', 1000, 1000],
    ['RFC 6891 §6.2.3: below 512 means 512', 100, 512],
    ['RFC 9715: never more than ours, whatever the client says', 65_535, 1232],
  ])('%s', (_title, udpSize, limit) => {
    const asked = query(udpSize === undefined ? {} : { edns: edns({ udpSize }) });
    expect(replyLimit(asked, udp, 1232)).toBe(limit);
  });

  it('RFC 1035 §4.2.2: 65535 over TCP', () => {
    expect(replyLimit(query(), { ...udp, transport: 'tcp' }, 1232)).toBe(65_535);
  });

  it.each([
    ['127.0.0.1', undefined, 1232, 512],
    ['127.0.0.1', 1000, 1232, 1000],
    ['127.0.0.1', 3000, 1232, 3000],
    ['127.9.9.9', 65_535, 1232, 4096],
    ['::1', 4096, 1232, 4096],
    ['::ffff:127.0.0.1', 4096, 1232, 4096],
    ['127.0.0.1', 65_535, 8192, 8192],
    ['128.0.0.1', 4096, 1232, 1232],
    ['::2', 4096, 1232, 1232],
    ['10.0.0.1', 4096, 1232, 1232],
  ])('loopback does not fragment: %s that takes %s gets, of our %s, %s', (address, udpSize, ours, limit) => {
    const asked = query(udpSize === undefined ? {} : { edns: edns({ udpSize }) });
    expect(replyLimit(asked, { transport: 'udp', address }, ours)).toBe(limit);
  });
});

describe('a reply that is too large', () => {
  it('RFC 2181 §9: loses whole RRsets and gets TC', () => {
    const answer = [rrset(Type.TXT, [text(300)]), rrset(Type.MX, [text(200), text(201)])];
    const octets = fitReply(respond(query(), resolution({ answer }), terms), 512, undefined);
    expect(octets.length).toBeLessThanOrEqual(512);
    const reply = decodeMessage(octets);
    expect(reply.tc).toBe(true);
    expect(reply.answer.map(({ type }) => type)).toEqual([Type.TXT]);
  });

  it('keeps its OPT record (RFC 6891 §7)', () => {
    const asked = query({ edns: edns({ udpSize: 512 }) });
    const octets = fitReply(
      respond(asked, resolution({ answer: [rrset(Type.TXT, [text(600)])] }), terms),
      512,
      undefined,
    );
    expect(decodeMessage(octets)).toMatchObject({ tc: true, answer: [], edns: { udpSize: 1232 } });
  });

  it('loses the texts of extended errors first: an explanation never truncates an answer', () => {
    const asked = query({ edns: edns({ udpSize: 512 }) });
    const because = [{ code: 3, text: 'x'.repeat(150) }];
    const found = resolution({ answer: [rrset(Type.TXT, [text(400)])], because });
    const reply = decodeMessage(fitReply(respond(asked, found, terms), 512, undefined));
    expect(reply).toMatchObject({ tc: false, answer: [{ type: Type.TXT }] });
    expect(extendedErrorsOf(reply.edns)).toEqual([{ code: 3, text: '' }]);
  });
});

const label = fc.integer({ min: 1, max: 60 }).map((length) => 'a'.repeat(length));
const rdata = fc.uint8Array({ minLength: 1, maxLength: 700 }).map((octets) => octetsFrom(...octets) as Octets);

it('any resolution fits any limit', () => {
  fc.assert(
    fc.property(
      fc.array(label, { maxLength: 4 }),
      fc.array(fc.array(rdata, { minLength: 1, maxLength: 6 }), { maxLength: 8 }),
      fc.array(fc.string({ maxLength: 300 }), { maxLength: 4 }),
      fc.integer({ min: 0, max: 65_535 }),
      (labels, sets, reasons, udpSize) => {
        const name = nameFromLabels(labels);
        const answer = sets.map((rdatas, i) => rrset(Type.TXT + 100 + i, [...new Set(rdatas)], { name }));
        const because = reasons.map((reason) => ({ code: 0, text: reason }));
        const asked = query({
          questions: [{ name, type: Type.TXT, class: Class.IN }],
          edns: edns({ udpSize, dnssecOk: true }),
        });
        const limit = replyLimit(asked, udp, 1232);
        const octets = fitReply(respond(asked, resolution({ answer, because }), terms), limit, undefined);
        expect(octets.length).toBeLessThanOrEqual(limit);
        const reply = decodeMessage(octets);
        const sent = answer.flatMap(({ rdatas }) => rdatas).length;
        expect(reply.tc).toBe(reply.answer.length < sent);
      },
    ),
    { numRuns: 300 },
  );
});
