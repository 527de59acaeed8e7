import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nameFromText } from '../../src/dns/name.js';
import { Type } from '../../src/dns/numbers.js';
import { matchReply, questionEndOf } from '../../src/transport/match.js';
import { encodeQuery } from '../../src/transport/query-octets.js';
import { readReply } from '../../src/transport/read-reply.js';
import { noLog } from '../contract/no-log.js';
import { exampleQuery } from './examples.js';

const query = encodeQuery(exampleQuery, 0x1234, undefined);
const end = questionEndOf(exampleQuery.name.length);

/** Header with these flags and counts, the question of `query`, then `rest`. */
function reply(flags: number, counts: readonly number[], rest: Uint8Array): Buffer {
  const octets = Buffer.concat([query.subarray(0, end), rest]);
  octets.writeUInt16BE(flags, 2);
  counts.forEach((count, i) => {
    octets.writeUInt16BE(count, 4 + 2 * i);
  });
  return octets;
}

const HALF_A_RECORD = Buffer.from([0xc0, 12, 0, 1, 0, 1, 0]);

describe('readReply', () => {
  it('says where a reply breaks', () => {
    const outcome = readReply(reply(0x8400, [1, 1, 0, 0], HALF_A_RECORD), end, 5, noLog);
    expect(outcome).toEqual({ kind: 'malformed', reason: expect.stringMatching(/octet \d+/) });
  });

  it('needs no more than header and question when TC is set', () => {
    const octets = reply(0x8600, [1, 1, 3, 2], HALF_A_RECORD);
    const outcome = readReply(octets, end, 5, noLog);
    expect(outcome).toMatchObject({ kind: 'reply', rtt: 5, octets: octets.length });
    if (outcome.kind !== 'reply') return;
    const { message } = outcome;
    expect(message).toMatchObject({ tc: true, aa: true, answer: [], authority: [], additional: [], edns: undefined });
    expect(message.questions).toEqual([{ name: nameFromText('www.example.com.'), type: Type.A, class: 1 }]);
  });

  it('takes a bare header with TC', () => {
    const outcome = readReply(reply(0x8601, [0, 0, 0, 1], HALF_A_RECORD).subarray(0, 12), end, 5, noLog);
    expect(outcome).toMatchObject({ kind: 'reply', message: { tc: true, rcode: 1, questions: [] } });
  });

  it('keeps the letters we randomised out of names compressed against the question', () => {
    // www.example.com. NS ns.<pointer to "example.com" in the question>
    const ns = Buffer.from([0xc0, 12, 0, 2, 0, 1, 0, 0, 0, 60, 0, 5, 2, 0x6e, 0x73, 0xc0, 16]);
    const octets = reply(0x8400, [1, 1, 0, 0], ns);
    octets.write('WwW', 13, 'latin1');
    octets.write('eXaMPlE', 17, 'latin1');
    const outcome = readReply(octets, end, 5, noLog);
    expect(outcome.kind === 'reply' && outcome.message.answer[0]?.rdata).toBe('\x02ns\x07example\x03com\0');
  });

  it('finds an outcome for anything behind a matching question, and never throws', () => {
    const counts = fc.tuple(...[1, 2, 3].map(() => fc.integer({ min: 0, max: 3 })));
    fc.assert(
      fc.property(fc.boolean(), counts, fc.uint8Array({ maxLength: 300 }), (tc, sections, rest) => {
        const octets = reply(tc ? 0x8600 : 0x8400, [1, ...sections], rest);
        expect(matchReply(octets, query, end, true)).toBe('match');
        const { kind } = readReply(octets, end, 1, noLog);
        expect(tc ? ['reply'] : ['reply', 'malformed']).toContain(kind);
      }),
    );
  });
});
