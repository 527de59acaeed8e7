/** Each fault without sockets: what a broken server says, and that it says nothing else wrong. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Message } from '../../src/dns/message.js';
import { Rcode } from '../../src/dns/numbers.js';
import { breakOff, type Fault, type LabReply, replyOf } from '../../src/lab/faults.js';
import { decodeMessage } from '../../src/wire/decode-message.js';
import { encodeMessage } from '../../src/wire/encode-message.js';
import { WireError } from '../../src/wire/wire-error.js';
import { ask, query, show, zone } from './ask-zones.js';

const zones = [zone('@ 60 SOA ns h 1 2 3 4 5\n@ 60 NS ns\nns 60 A 192.0.2.1\na.ent 60 A 192.0.2.2', 'test.')];
const right = ask(zones, 'ns.test. A');

function reply(
  faults: Fault | readonly Fault[],
  changes: Partial<Message> = {},
  transport: 'udp' | 'tcp' = 'udp',
): LabReply {
  return replyOf(zones, [faults].flat(), query('ns.test. A', changes), transport);
}

function said(
  faults: Fault | readonly Fault[],
  changes: Partial<Message> = {},
  transport: 'udp' | 'tcp' = 'udp',
): string[] {
  const outcome = reply(faults, changes, transport);
  return outcome.kind === 'none' ? ['nothing'] : show(outcome.message);
}

const PLAIN = { edns: undefined };

test('none', () => {
  expect(said([])).toEqual(right);
  expect(reply([])).toMatchObject({ delayMs: 0, keepsSpelling: true, broken: false });
});

test.each([
  ['silent', { kind: 'silent' }, ['nothing'], ['nothing']],
  ['closed', { kind: 'closed' }, ['nothing'], ['nothing']],
  ['servfail', { kind: 'servfail' }, ['SERVFAIL'], ['SERVFAIL']],
  ['lame: refused', { kind: 'lame', manner: 'refused' }, ['REFUSED'], ['REFUSED']],
  ['formerrOnEdns', { kind: 'formerrOnEdns' }, ['FORMERR'], right],
  ['dropsEdns', { kind: 'dropsEdns' }, ['nothing'], right],
] as const)('%s: with EDNS, and without', (_, fault, withEdns, without) => {
  expect(said(fault)).toEqual(withEdns);
  expect(said(fault, PLAIN)).toEqual(without);
});

test('lame, upward: a referral that leads back to the root', () => {
  expect(said({ kind: 'lame', manner: 'upwardReferral' })).toEqual([
    'NOERROR',
    'authority . 3600 IN NS a.root-servers.net.',
  ]);
});

test('lame, not authoritative: the right data without AA', () => {
  expect(said({ kind: 'lame', manner: 'nonAuthoritative' })).toEqual(['NOERROR', ...right.slice(1)]);
});

test('formerrOnEdns and ignoresEdns answer without OPT', () => {
  for (const kind of ['formerrOnEdns', 'ignoresEdns'] as const) {
    expect(reply({ kind })).toMatchObject({ message: { edns: undefined } });
  }
  expect(said({ kind: 'ignoresEdns' })).toEqual(right);
});

test('truncatesAlways: empty with TC over UDP, all of it over TCP', () => {
  expect(said({ kind: 'truncatesAlways' })).toEqual(['NOERROR aa tc']);
  expect(said({ kind: 'truncatesAlways' }, {}, 'tcp')).toEqual(right);
});

test('noTcp', () => {
  expect(said({ kind: 'noTcp' })).toEqual(right);
  expect(said({ kind: 'noTcp' }, {}, 'tcp')).toEqual(['nothing']);
});

test('slow: delays add up and other faults still hold', () => {
  const outcome = reply([{ kind: 'slow', delayMs: 30 }, { kind: 'servfail' }, { kind: 'slow', delayMs: 12 }]);
  expect(outcome).toMatchObject({ delayMs: 42, message: { rcode: Rcode.SERVFAIL } });
});

test('wrongId', () => {
  const outcome = reply({ kind: 'wrongId' }, { id: 0x1234 });
  expect(outcome.kind === 'message' && outcome.message.id).not.toBe(0x1234);
});

test('losesCase', () => {
  expect(reply({ kind: 'losesCase' })).toMatchObject({ keepsSpelling: false });
});

test('nxdomainOnNoData: empty non-terminals vanish, data and referrals do not', () => {
  const faults = [{ kind: 'nxdomainOnNoData' }] as const;
  const rcode = (question: string) => {
    const outcome = replyOf(zones, faults, query(question), 'udp');
    return outcome.kind === 'message' ? outcome.message.rcode : -1;
  };
  expect(rcode('ent.test. A')).toBe(Rcode.NXDOMAIN);
  expect(rcode('a.ent.test. A')).toBe(Rcode.NOERROR);
});

test('garbage: header and question are right, and then it breaks off', () => {
  const outcome = reply({ kind: 'garbage' });
  expect(outcome).toMatchObject({ broken: true });
  const { bytes } = encodeMessage((outcome as { message: Message }).message);
  expect(decodeMessage(bytes).id).toBe(7);
  breakOff(bytes);
  expect(() => decodeMessage(bytes)).toThrow(WireError);
});

test('whatever the faults and the query, what is said can be encoded', () => {
  const faults = fc.uniqueArray(
    fc.constantFrom<Fault>(
      { kind: 'lame', manner: 'refused' },
      { kind: 'lame', manner: 'nonAuthoritative' },
      { kind: 'servfail' },
      { kind: 'formerrOnEdns' },
      { kind: 'ignoresEdns' },
      { kind: 'truncatesAlways' },
      { kind: 'wrongId' },
      { kind: 'nxdomainOnNoData' },
    ),
  );
  const edns = fc.option(
    fc.record({
      version: fc.nat(255),
      udpSize: fc.nat(65535),
      dnssecOk: fc.boolean(),
      options: fc.constant([]),
    }),
    { nil: undefined },
  );
  const changes = fc.record({ edns, opcode: fc.nat(15), id: fc.nat(65535) });
  fc.assert(
    fc.property(faults, changes, (given, fields) => {
      const outcome = reply(given, fields);
      if (outcome.kind === 'none') return;
      const { bytes } = encodeMessage(outcome.message, { maxOctets: 512 });
      expect(decodeMessage(bytes).rcode).toBe(outcome.message.rcode);
    }),
  );
});
