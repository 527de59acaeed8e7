/** NOTIFY (RFC 1996) at the edge: who is heard, what is said, and that nothing else makes anything happen. */
import { describe, expect, it } from 'vitest';
import { nameFromText, nameToText } from '../../src/dns/name.js';
import { Class, Opcode, Rcode, Type } from '../../src/dns/numbers.js';
import { octetsFrom } from '../../src/dns/octets.js';
import type { ResourceRecord } from '../../src/dns/rrset.js';
import type { NotifyOutcome } from '../../src/ports/notify.js';
import { recordFromText } from '../../src/presentation/record-text.js';
import { Desk, edns, octetsOfQuery, settings } from './edge-fixture.js';

const ZONE = nameFromText('example.com');
const PRIMARY = '192.0.2.53';

class NotifiedDesk extends Desk {
  readonly heard: string[] = [];
  outcome: NotifyOutcome = 'flushed';

  constructor(notify = ['192.0.2.53']) {
    super(settings({ notify }));
    Object.assign(this.edge, {
      notified: (zone: typeof ZONE, soa: { serial: number } | undefined) => {
        this.heard.push(`${nameToText(zone)} ${soa?.serial ?? '-'}`);
        return this.outcome;
      },
    });
  }
}

const soaQuestion = { questions: [{ name: ZONE, type: Type.SOA, class: Class.IN }] };
const notify = { opcode: Opcode.NOTIFY, rd: false, aa: true, ...soaQuestion };
const soa = (serial: number): ResourceRecord =>
  recordFromText(`example.com. 60 IN SOA ns.example.com. h.example.com. ${serial} 2 3 4 5`);

describe('a NOTIFY from a listed sender', () => {
  it.each(['udp', 'tcp'] as const)('over %s is heard, and answered as RFC 1996 §4.7 says', async (transport) => {
    const desk = new NotifiedDesk();
    const reply = await desk.ask(notify, { address: PRIMARY, transport });
    expect(reply).toMatchObject({ ...notify, qr: true, ra: false, rcode: Rcode.NOERROR, answer: [], authority: [] });
    expect(desk.heard).toEqual(['example.com. -']);
    expect(desk.resolver.asked).toEqual([]);
    expect(desk.stats.snapshot()).toMatchObject({ byNotify: { flushed: 1 }, byType: {}, hits: 0, misses: 0 });
  });

  it('hands on the hint at the new SOA when there is one for the zone, and believes no other', async () => {
    const desk = new NotifiedDesk();
    const other = recordFromText('example.net. 60 IN SOA ns. h. 9 2 3 4 5');
    for (const answer of [[soa(7)], [other], [soa(7), soa(8)], [{ ...soa(7), rdata: octetsFrom(0) }]]) {
      await desk.octets(octetsOfQuery({ ...notify, answer }), { address: PRIMARY });
    }
    // The last is no message: RDATA that cannot be right is refused when decoding.
    expect(desk.heard).toEqual(['example.com. 7', 'example.com. -', 'example.com. -']);
  });

  it.each([
    ['later', Rcode.NOERROR, true],
    ['same', Rcode.NOERROR, true],
    ['too-wide', Rcode.REFUSED, false],
    ['crowded', Rcode.SERVFAIL, false],
  ] as const)('tells that it is %s', async (outcome, rcode, aa) => {
    const desk = new NotifiedDesk();
    desk.outcome = outcome;
    expect(await desk.ask(notify, { address: PRIMARY })).toMatchObject({ rcode, aa });
    expect(desk.stats.snapshot().byNotify[outcome]).toBe(1);
  });
});

describe('what is no such NOTIFY makes nothing happen', () => {
  it.each(['udp', 'tcp'] as const)(
    'from others over %s: REFUSED in twelve octets (CVE-2025-59030)',
    async (transport) => {
      const desk = new NotifiedDesk();
      const reply = await desk.octets(octetsOfQuery({ ...notify, rd: true }), { address: '192.0.2.54', transport });
      expect(reply).toEqual(Buffer.from([0x12, 0x34, 0xa1, Rcode.REFUSED, 0, 0, 0, 0, 0, 0, 0, 0]));
      expect(desk.heard).toEqual([]);
      expect(desk.stats.snapshot().byNotify.refused).toBe(1);
    },
  );

  it('RFC 1996 §3.12: NOTIMP while nobody is listed', async () => {
    const desk = new NotifiedDesk([]);
    expect((await desk.ask(notify, { address: PRIMARY })).rcode).toBe(Rcode.NOTIMP);
    expect(desk.heard).toEqual([]);
  });

  const question = soaQuestion.questions[0]!;
  const tsig: ResourceRecord = {
    name: nameFromText('key'),
    type: Type.TSIG,
    class: Class.ANY,
    ttl: 0,
    rdata: octetsFrom(0),
  };
  it.each([
    ['no question', { questions: [] }, Rcode.FORMERR],
    ['two questions', { questions: [question, question] }, Rcode.FORMERR],
    ['another type', { questions: [{ ...question, type: Type.A }] }, Rcode.NOTIMP],
    ['type ANY', { questions: [{ ...question, type: Type.ANY }] }, Rcode.NOTIMP],
    ['class CH', { questions: [{ ...question, class: Class.CH }] }, Rcode.REFUSED],
    ['a TSIG', { additional: [tsig] }, Rcode.NOTAUTH],
    ['a later EDNS version', { edns: edns({ version: 1 }) }, Rcode.BADVERS],
    ['17 records', { answer: Array.from({ length: 17 }, (_, i) => soa(i)) }, Rcode.FORMERR],
  ])('%s', async (_what, more, rcode) => {
    const desk = new NotifiedDesk();
    const reply = await desk.ask({ ...notify, ...more }, { address: PRIMARY });
    expect(reply).toMatchObject({ rcode, aa: false, answer: [], additional: [] });
    expect(desk.heard).toEqual([]);
    expect(desk.stats.snapshot().byNotify.malformed).toBe(1);
  });

  it('octets that end early, and a response', async () => {
    const desk = new NotifiedDesk();
    const octets = octetsOfQuery(notify);
    for (let length = 12; length < octets.length; length++) {
      const reply = await desk.octets(octets.subarray(0, length), { address: PRIMARY });
      expect(reply!.readUInt8(3) & 0xf).toBe(Rcode.FORMERR);
    }
    expect(await desk.octets(octetsOfQuery({ ...notify, qr: true }), { address: PRIMARY })).toBeUndefined();
    expect(desk.heard).toEqual([]);
  });
});
