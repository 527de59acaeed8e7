/** Answers of a validating rootwalk explained: `rootwalk why`, its anchors, and what it can answer without asking. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Explanation } from '../../src/ports/explanation.js';
import { Rootwalk } from './internet/rootwalk.js';
import { SignedInternet } from './internet/signed-internet.js';
import { signedInternetQuestions } from './internet/signed-questions.js';
import { anchorLine, ROOTWALK_PORT } from './internet/signed-resolvers.js';
import { digAll, verdictOf } from './internet/signed-verdicts.js';

let internet: SignedInternet;
let rootwalk: Rootwalk;
beforeAll(async () => {
  internet = await SignedInternet.create();
  rootwalk = await Rootwalk.start(internet.client, { dnssec: { trustAnchors: [anchorLine(internet)] } });
});
afterAll(() => internet?.end());

async function explained(name: string, type: string): Promise<Explanation> {
  const { code, stdout, stderr } = await rootwalk.curl(`/why/${encodeURIComponent(name)}/${type}?resolve=true`);
  if (code !== 0) throw new Error(`GET /why/${name}/${type}: ${stderr}`);
  return JSON.parse(stdout) as Explanation;
}

describe('why', () => {
  it('has the verdict that clients are given', async () => {
    const questions = signedInternetQuestions().filter((_, i) => i % 12 === 0);
    const replies = await digAll(internet, ROOTWALK_PORT, questions, '+dnssec');
    const differences: string[] = [];
    for (const [i, { name, type }] of questions.entries()) {
      const given = verdictOf(replies[i]!);
      const { verdict } = await explained(name, type);
      const same = given === verdict || (given === 'insecure' && verdict === 'indeterminate');
      if (!same) differences.push(`${name} ${type}: ${given}, explained as ${verdict}`);
    }
    expect(differences.join('\n')).toBe('');
    expect(questions.length).toBeGreaterThan(60);
  });

  it.each([
    [
      'www.nsec-13.bind. A',
      0,
      [/^www\.nsec-13\.bind\. A: secure, NOERROR/, /trust anchor|anchor/, /signed by key \d+ of nsec-13\.bind\./],
    ],
    ['none.nsec3-15.knot. A', 0, [/NXDOMAIN/, /NSEC3 .* shows that /]],
    ['www.plain. A', 0, [/insecure/, /trust +ends here/]],
    ['www.expired.broken. A', 1, [/bogus/, /expired/, /expired\.broken\. DNSKEY/]],
    ['www.wrong-ds.broken. A', 1, [/bogus/, /wrong-ds\.broken\./, /key tag/]],
    ['none.no-nsec.broken. A', 1, [/bogus/, /no-nsec\.broken\./]],
  ])('on the command line: %s', async (question, exitCode, told) => {
    const { code, stdout, stderr } = await rootwalk.cli(['why', ...question.split(' ')]);
    expect([code, stderr]).toEqual([exitCode, '']);
    for (const text of told) expect(stdout).toMatch(text);
  });

  it('lists what failed lately', async () => {
    await rootwalk.dig('www.expired.broken. A');
    const { stdout } = await rootwalk.cli(['why']);
    expect(stdout).toContain('www.expired.broken.');
  });
});

it('anchors: those of the configuration', async () => {
  const { stdout, code } = await rootwalk.cli(['anchors']);
  expect(code).toBe(0);
  expect(stdout).toContain(String(internet.anchor.keyTag));
});

describe('RFC 8198: a name in a gap that is known', () => {
  it.each(['nsec-8.ldns', 'nsec-13.bind', 'nsec3-13.ldns', 'nsec3-15.knot'])(
    'of %s is denied without asking',
    async (zone) => {
      await rootwalk.dig(`+dnssec www.${zone}. A`);
      // By hash a name falls into any gap: after some dozens of them all of a small zone are known.
      for (let i = 0; i < 40; i++) await rootwalk.dig(`+dnssec n${i}.${zone}. A`);
      const before = (await rootwalk.stats()).upstream.exchanges;
      const reply = await rootwalk.dig(`+dnssec n40.${zone}. A`);
      expect([reply.status, reply.flags.includes('ad')]).toEqual(['NXDOMAIN', true]);
      expect((await rootwalk.stats()).upstream.exchanges).toBe(before);
    },
  );
});
