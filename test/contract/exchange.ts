/**
 * What may the resolver rely on, whoever fills the Exchange port? Real sockets and the simulated network run the same
 * tests. Servers are named by their behaviour; how one is made is the setting's business.
 */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ServerAddress } from '../../src/dns/address.js';
import type { Edns } from '../../src/dns/message.js';
import { nameFromText } from '../../src/dns/name.js';
import { Rcode, Type } from '../../src/dns/numbers.js';
import { octetsFrom } from '../../src/dns/octets.js';
import type { Exchange, ExchangeOutcome, ExchangeQuery } from '../../src/ports/exchange.js';

/**
 * A server answers every question with one A record, 192.0.2.1, at the name asked, and OPT when the query has one; RD,
 * CD and the question's spelling come back. What it does differently:
 */
export type ServerBehaviour =
  | 'answers'
  /** Reads queries and says nothing. */
  | 'silent'
  /** There is an address, and nothing listens on it. */
  | 'closed port'
  /** Octets that have nothing of a DNS message. */
  | 'garbage'
  /** Header and question as they should be, then half a record. */
  | 'malformed'
  /** UDP: a reply with another ID, one with another question and one with QR=0 come first... */
  | 'wrong replies then right'
  /** UDP: ten replies with other IDs and no right one. */
  | 'wrong ids'
  | 'lower-cases the question'
  /** UDP: TC and no records. TCP: the answer. */
  | 'truncates'
  /** UDP: TC, and the datagram ends inside the answer. TCP: the answer. */
  | 'truncates inside a record'
  /** FORMERR as a header without the question. */
  | 'bare error'
  /** UDP: NOERROR as a header without the question. */
  | 'bare success'
  /** TCP: the reply dribbles in octet by octet. */
  | 'splits tcp frames'
  | 'closes tcp after one answer'
  /** TCP: waits for three queries, then answers the last one first. */
  | 'answers in reverse'
  /** TCP: answers another question under the same ID. */
  | 'answers another question';

/** One exchange and its little network, made anew for each test. */
export interface ExchangeSetting {
  readonly exchange: Exchange;
  server(behaviour: ServerBehaviour): Promise<ServerAddress>;
  stop(): Promise<void>;
}

/** Milliseconds: an answer that comes is never late, one that does not come is not waited for. */
const PATIENT = 10_000;
const HASTY = 150;

const EDNS: Edns = { version: 0, udpSize: 1232, dnssecOk: true, options: [] };

/** Runs the contract. `without`: behaviours a setting has no notion of (a network without octets splits no frames). */
export function describeExchange(
  title: string,
  makeSetting: () => Promise<ExchangeSetting>,
  without: readonly ServerBehaviour[] = [],
): void {
  let setting: ExchangeSetting;

  async function ask(behaviour: ServerBehaviour, change: Partial<ExchangeQuery> = {}): Promise<ExchangeOutcome> {
    return setting.exchange.ask({ ...queryTo(await setting.server(behaviour)), ...change });
  }

  const when = (...behaviours: ServerBehaviour[]) => it.skipIf(behaviours.some((b) => without.includes(b)));

  describe(title, () => {
    beforeEach(async () => {
      setting = await makeSetting();
    });
    afterEach(() => setting.stop());

    describe.each(['udp', 'tcp'] as const)('over %s', (transport) => {
      when('answers')('hands over the reply with its time and size', async () => {
        const outcome = await ask('answers', { transport });
        const { message, rtt, octets } = expectReply(outcome);
        expect(message).toMatchObject({ qr: true, rcode: Rcode.NOERROR, tc: false });
        expect(message.questions).toEqual([{ name: nameFromText('www.example.com.'), type: Type.A, class: 1 }]);
        expect(message.answer.map((r) => r.rdata)).toEqual([octetsFrom(192, 0, 2, 1)]);
        expect(rtt).toBeGreaterThanOrEqual(0);
        expect(octets).toBeGreaterThan(30);
      });

      when('answers').each([true, false])('sends RD and CD as told (%s)', async (on) => {
        const outcome = await ask('answers', { transport, recursionDesired: on, checkingDisabled: on });
        expect(expectReply(outcome).message).toMatchObject({ rd: on, cd: on });
      });

      when('answers')('sends OPT when there is one, and none otherwise', async () => {
        const withOpt = expectReply(await ask('answers', { transport, edns: EDNS }));
        expect(withOpt.message.edns?.dnssecOk).toBe(true);
        const without = expectReply(await ask('answers', { transport, edns: undefined }));
        expect(without.message.edns).toBeUndefined();
      });

      when('silent')('gives up after its timeout', async () => {
        const outcome = await ask('silent', { transport, timeout: HASTY });
        expect(outcome).toEqual({ kind: 'timeout', waited: expect.any(Number) });
      });

      when('closed port')('says when the system refuses', async () => {
        expect((await ask('closed port', { transport })).kind).toBe('unreachable');
      });

      when('malformed')('says when a matching reply is no message', async () => {
        expect((await ask('malformed', { transport })).kind).toBe('malformed');
      });

      when('bare error')('takes an error without its question', async () => {
        const { message } = expectReply(await ask('bare error', { transport }));
        expect(message).toMatchObject({ rcode: Rcode.FORMERR, questions: [], answer: [] });
      });

      when('answers')('keeps fifty questions at once apart', async () => {
        const server = await setting.server('answers');
        const names = Array.from({ length: 50 }, (_, i) => nameFromText(`host${i}.example.com.`));
        const outcomes = await Promise.all(
          names.map((name) => setting.exchange.ask({ ...queryTo(server), transport, name })),
        );
        expect(outcomes.map((outcome) => expectReply(outcome).message.answer[0]?.name)).toEqual(names);
      });

      when('answers')('asks nobody once it was closed', async () => {
        const server = await setting.server('answers');
        expectReply(await setting.exchange.ask({ ...queryTo(server), transport }));
        await setting.exchange.close();
        expect((await setting.exchange.ask({ ...queryTo(server), transport })).kind).toBe('unreachable');
        await setting.exchange.close();
      });
    });

    describe('against forgers, over udp', () => {
      when('garbage')('passes over octets that are no reply', async () => {
        expect((await ask('garbage', { timeout: HASTY })).kind).toBe('timeout');
      });

      when('bare success')('passes over a success without its question', async () => {
        expect((await ask('bare success', { timeout: HASTY })).kind).toBe('timeout');
      });

      when('wrong replies then right')('waits for the right reply behind wrong ones', async () => {
        const { message } = expectReply(await ask('wrong replies then right'));
        expect(message.answer.map((r) => r.rdata)).toEqual([octetsFrom(192, 0, 2, 1)]);
      });

      when('wrong ids')('calls it suspicious when many IDs are tried', async () => {
        expect((await ask('wrong ids')).kind).toBe('suspicious');
      });

      when('answers')('accepts the spelling it sent', async () => {
        const { message } = expectReply(await ask('answers', { caseRandomisation: true, name: longName }));
        expect(message.questions[0]?.name).toBe(longName);
      });

      when('lower-cases the question')('demands the spelling back when it was random', async () => {
        const change = { caseRandomisation: true, name: longName };
        expect((await ask('lower-cases the question', change)).kind).toBe('suspicious');
      });

      when('lower-cases the question')('does not ask for spelling otherwise', async () => {
        expectReply(await ask('lower-cases the question', { caseRandomisation: false }));
        expectReply(await ask('lower-cases the question', { caseRandomisation: true, transport: 'tcp' }));
      });
    });

    describe('truncation', () => {
      const truncating = ['truncates', 'truncates inside a record'] as const;
      for (const behaviour of truncating) {
        when(behaviour)(`hands over TC of a server that ${behaviour}, and all of it over tcp`, async () => {
          const server = await setting.server(behaviour);
          const short = expectReply(await setting.exchange.ask(queryTo(server)));
          expect(short.message).toMatchObject({ tc: true, answer: [] });
          expect(short.message.questions).toHaveLength(1);
          const full = expectReply(await setting.exchange.ask({ ...queryTo(server), transport: 'tcp' }));
          expect(full.message).toMatchObject({ tc: false });
          expect(full.message.answer).toHaveLength(1);
        });
      }
    });

    describe('streams', () => {
      const transport = 'tcp';

      when('splits tcp frames')('puts split messages together', async () => {
        expectReply(await ask('splits tcp frames', { transport }));
      });

      when('garbage')('calls it malformed when the server speaks something else', async () => {
        expect((await ask('garbage', { transport })).kind).toBe('malformed');
      });

      when('answers another question')('calls it malformed when another question is answered', async () => {
        expect((await ask('answers another question', { transport })).kind).toBe('malformed');
      });

      when('answers in reverse')('takes replies in any order', async () => {
        const server = await setting.server('answers in reverse');
        const names = ['a.example.', 'b.example.', 'c.example.'].map((text) => nameFromText(text));
        const outcomes = await Promise.all(
          names.map((name) => setting.exchange.ask({ ...queryTo(server), transport, name })),
        );
        expect(outcomes.map((outcome) => expectReply(outcome).message.answer[0]?.name)).toEqual(names);
      });

      when('closes tcp after one answer')('goes on when the server hangs up after each answer', async () => {
        const query = { ...queryTo(await setting.server('closes tcp after one answer')), transport } as const;
        for (let i = 0; i < 3; i++) expectReply(await setting.exchange.ask(query));
        const together = await Promise.all(Array.from({ length: 5 }, () => setting.exchange.ask(query)));
        together.forEach(expectReply);
      });
    });
  });
}

/** Enough letters that a random spelling is never all lower case: the chance is 2^-100. */
const longName = nameFromText(`${'abcde'.repeat(10)}.${'vwxyz'.repeat(10)}.example.`);

function queryTo(server: ServerAddress): ExchangeQuery {
  return {
    server,
    name: nameFromText('www.example.com.'),
    type: Type.A,
    recursionDesired: false,
    checkingDisabled: false,
    edns: EDNS,
    transport: 'udp',
    caseRandomisation: false,
    timeout: PATIENT,
  };
}

function expectReply(outcome: ExchangeOutcome): Extract<ExchangeOutcome, { kind: 'reply' }> {
  if (outcome.kind !== 'reply') throw new Error(`expected a reply, not ${JSON.stringify(outcome)}`);
  return outcome;
}
