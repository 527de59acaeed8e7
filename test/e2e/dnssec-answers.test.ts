/** What clients of a validating rootwalk get to see: AD, signatures and proofs when asked for, and why an answer is refused. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Rootwalk } from './internet/rootwalk.js';
import { SignedInternet } from './internet/signed-internet.js';
import { signedInternetQuestions } from './internet/signed-questions.js';
import { anchorLine, ROOTWALK_PORT, startJudges } from './internet/signed-resolvers.js';
import { delvAll, digAll, verdictOf } from './internet/signed-verdicts.js';

let internet: SignedInternet;
let rootwalk: Rootwalk;
const dnssec = (mode: 'validate' | 'permissive') => ({ dnssec: { mode, trustAnchors: [anchorLine(internet)] } });
beforeAll(async () => {
  internet = await SignedInternet.create();
  await startJudges(internet);
  rootwalk = await Rootwalk.start(internet.client, dnssec('validate'));
});
afterAll(() => internet?.end());

/** Question, EDE code, and what the text has to name. */
const refused: readonly (readonly [question: string, code: number, names: string])[] = [
  ['expired.broken. A', 7, 'expired.broken. DNSKEY'],
  ['www.child.expired.broken. A', 7, 'expired.broken. DNSKEY'],
  ['www.plain.expired.broken. A', 7, 'expired.broken. DNSKEY'],
  ['old.old-record.broken. A', 7, 'old.old-record.broken. A'],
  ['www.future.broken. A', 8, 'future.broken. DNSKEY'],
  ['old.new-record.broken. A', 8, 'old.new-record.broken. A'],
  ['www.wrong-ds.broken. A', 9, 'wrong-ds.broken.'],
  ['none.wrong-tag.broken. A', 9, 'wrong-tag.broken.'],
  ['www.downgrade.broken. A', 9, 'downgrade.broken.'],
  ['stripped.broken. A', 10, 'stripped.broken.'],
  ['www.stripped.broken. MX', 10, 'stripped.broken.'],
  ['www.record-stripped.broken. A', 10, 'record-stripped.broken.'],
  ['keys-stripped.broken. DNSKEY', 10, 'keys-stripped.broken. DNSKEY'],
  ['no-keys.broken. A', 10, 'no-keys.broken.'],
  ['alias.stripped.broken. A', 10, 'stripped.broken.'],
  ['www.altered.broken. A', 6, 'www.altered.broken. A'],
  ['to-bogus.nsec-13.bind. A', 6, 'www.altered.broken. A'],
  ['none.no-nsec.broken. A', 12, 'no-nsec.broken.'],
  ['www.no-nsec3.broken. MX', 12, 'no-nsec3.broken.'],
  ['www.plain.no-nsec.broken. A', 12, 'no-nsec.broken.'],
];

describe('a refused answer', () => {
  it.each(refused)('%s: extended error %i, naming %s', async (question, code, names) => {
    const { status, text } = await rootwalk.dig(`+dnssec ${question}`);
    expect(status).toBe('SERVFAIL');
    const told = [...text.matchAll(/^; EDE: (\d+) \([^)]*\): \((.*)\)$/gm)];
    expect(told.map((one) => Number(one[1]))).toContain(code);
    expect(told.find((one) => Number(one[1]) === code)?.[2]).toContain(names);
  });

  it('is given to who checks for himself, and stays refused to others', async () => {
    for (const question of ['www.altered.broken. A', 'www.expired.broken. A', 'www.stripped.broken. A']) {
      const unchecked = await rootwalk.dig(`+dnssec +cdflag ${question}`);
      expect(unchecked.status).toBe('NOERROR');
      expect(unchecked.answer.some(({ type }) => type === 'A')).toBe(true);
      expect(unchecked.flags).toContain('cd');
      expect(unchecked.flags).not.toContain('ad');
      expect((await rootwalk.dig(question)).status).toBe('SERVFAIL');
    }
  });
});

describe('signatures and proofs', () => {
  const proving = /\s(RRSIG|NSEC|NSEC3)\s/;
  const questions = [
    'www.nsec-8.ldns. A',
    'none.nsec-13.bind. A',
    'none.nsec3-16.knot. A',
    'made.wild.nsec3-15.bind. A',
  ];

  it('come with DO', async () => {
    for (const question of questions) expect((await rootwalk.dig(`+dnssec ${question}`)).text).toMatch(proving);
  });

  it('do not come without', async () => {
    for (const question of questions) {
      for (const flags of ['+nodnssec', '+noedns']) {
        const { text, status } = await rootwalk.dig(`${flags} ${question}`);
        expect(status).toMatch(/NOERROR|NXDOMAIN/);
        expect(text).not.toMatch(proving);
      }
    }
  });

  it('come without DO when they are what was asked for', async () => {
    const { answer, flags } = await rootwalk.dig('+nodnssec www.nsec-8.ldns. NSEC');
    expect(answer.map(({ type }) => type)).toEqual(['NSEC']);
    expect(flags).toContain('ad');
  });

  it('are enough for delv, validating behind rootwalk', async () => {
    const questions = signedInternetQuestions().filter((_, i) => i % 7 === 0);
    const replies = await digAll(internet, ROOTWALK_PORT, questions, '+dnssec');
    const sound = questions.filter((_, i) => verdictOf(replies[i]!) !== 'bogus');
    const direct = await delvAll(internet, sound);
    const behind = await delvAll(internet, sound, ROOTWALK_PORT);
    const differences = sound.flatMap(({ name, type }, i) =>
      direct[i]!.verdict === behind[i]!.verdict
        ? []
        : [`${name} ${type}: ${direct[i]!.verdict}, behind ${behind[i]!.text}`],
    );
    expect(differences.join('\n')).toBe('');
    expect(sound.length).toBeGreaterThan(70);
  });
});

describe('AD', () => {
  const flagsOf = async (question: string) => (await rootwalk.dig(question)).flags;

  it('is set for who asks with AD or DO (RFC 6840 §5.7), and nobody else', async () => {
    for (const question of ['www.nsec-8.ldns. A', 'none.nsec3-13.ldns. A']) {
      expect(await flagsOf(`+noadflag +dnssec ${question}`)).toContain('ad');
      expect(await flagsOf(`+adflag +nodnssec ${question}`)).toContain('ad');
      expect(await flagsOf(`+noadflag +nodnssec ${question}`)).not.toContain('ad');
    }
  });

  it('is not set for unsigned data, nor for an alias that leads to it', async () => {
    for (const question of ['www.plain. A', 'to-insecure.nsec-8.ldns. A', 'www.island.gap.deep. A']) {
      expect(await flagsOf(`+dnssec ${question}`)).not.toContain('ad');
    }
  });
});

it('permissive: what does not validate is given, without AD, with the reason', async () => {
  await rootwalk.stop();
  const permissive = await Rootwalk.start(internet.client, dnssec('permissive'));
  const bogus = await permissive.dig('+dnssec www.altered.broken. A');
  expect(bogus).toMatchObject({ status: 'NOERROR', answer: [{ type: 'A', rdata: '203.0.113.99' }, { type: 'RRSIG' }] });
  expect(bogus.flags).not.toContain('ad');
  expect(bogus.text).toMatch(/^; EDE: 6 .*www\.altered\.broken\. A/m);
  expect((await permissive.dig('+dnssec www.nsec-8.ldns. A')).flags).toContain('ad');
});
