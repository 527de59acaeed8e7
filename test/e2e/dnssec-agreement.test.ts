/**
 * Three validators, one verdict: rootwalk, Unbound and delv judge every name of an internet that ldns-signzone,
 * dnssec-signzone and Knot signed. Where Unbound and delv differ, look at the zones under internet/, not at rootwalk.
 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type DigReply, rdataOf } from './internet/dig.js';
import { Rootwalk } from './internet/rootwalk.js';
import { SignedInternet } from './internet/signed-internet.js';
import { signedInternetQuestions } from './internet/signed-questions.js';
import { anchorLine, FETCHER_PORT, JUDGE_PORT, ROOTWALK_PORT, startJudges } from './internet/signed-resolvers.js';
import { type DelvReply, delvAll, digAll, type Verdict, verdictOf } from './internet/signed-verdicts.js';

const questions = signedInternetQuestions();

let internet: SignedInternet;
let unbound: readonly DigReply[];
let delv: readonly DelvReply[];
let rootwalk: readonly DigReply[];
beforeAll(async () => {
  internet = await SignedInternet.create();
  await startJudges(internet);
  await Rootwalk.start(internet.client, { dnssec: { mode: 'validate', trustAnchors: [anchorLine(internet)] } });
  unbound = await digAll(internet, JUDGE_PORT, questions, '+dnssec');
  delv = await delvAll(internet, questions);
  rootwalk = await digAll(internet, ROOTWALK_PORT, questions, '+dnssec');
}, 300_000);
afterAll(() => internet?.end());

/** A line for each question that `differ` has something to say about. */
function differences(differ: (i: number) => string | undefined): string[] {
  return questions.flatMap(({ name, type }, i) => {
    const difference = differ(i);
    return difference === undefined ? [] : [`${name} ${type}: ${difference}`];
  });
}

/** Response code and data, on one line. */
const answerOf = ({ status, answer }: DigReply) =>
  [status, ...rdataOf(answer).filter((text) => !text.startsWith('RRSIG '))].join(' | ');

it('asks at least 300 questions, with each verdict among the answers', () => {
  expect(questions.length).toBeGreaterThanOrEqual(300);
  const verdicts = unbound.map(verdictOf);
  for (const verdict of ['secure', 'insecure', 'bogus'] satisfies Verdict[]) {
    expect(verdicts.filter((one) => one === verdict).length).toBeGreaterThan(50);
  }
});

it('Unbound and delv agree', () => {
  const lines = differences((i) => {
    const judged = verdictOf(unbound[i]!);
    const { verdict, optOut } = delv[i]!;
    // delv says that it validated a proof, not that opt-out leaves room for unsigned names in it (RFC 5155 §9.2).
    const same = judged === verdict || (judged === 'insecure' && verdict === 'secure' && optOut);
    return same ? undefined : `Unbound ${judged}, delv ${verdict}`;
  });
  expect(lines.join('\n')).toBe('');
});

it('rootwalk agrees on secure, insecure and bogus', () => {
  const lines = differences((i) => {
    const [own, others] = [verdictOf(rootwalk[i]!), verdictOf(unbound[i]!)];
    if (own === others) return undefined;
    const why = /^; EDE: .*$/m.exec(rootwalk[i]!.text)?.[0] ?? '';
    return `rootwalk ${own}, Unbound ${others}, delv ${delv[i]!.verdict} ${why}`;
  });
  expect(lines.join('\n')).toBe('');
});

it('rootwalk gives the same answers', () => {
  const lines = differences((i) => {
    const [own, others] = [answerOf(rootwalk[i]!), answerOf(unbound[i]!)];
    return own === others ? undefined : `rootwalk ${own}, Unbound ${others}`;
  });
  expect(lines.join('\n')).toBe('');
});

it('rootwalk gives with CD what it refuses without, as a resolver that does not validate has it', async () => {
  const bogus = questions.filter((_, i) => verdictOf(rootwalk[i]!) === 'bogus');
  const own = await digAll(internet, ROOTWALK_PORT, bogus, '+dnssec +cdflag');
  const others = await digAll(internet, FETCHER_PORT, bogus, '+dnssec +cdflag');
  const lines = bogus.flatMap(({ name, type }, i) => {
    const [a, b] = [answerOf(own[i]!), answerOf(others[i]!)];
    return a === b ? [] : [`${name} ${type}: rootwalk ${a}, Unbound without validator ${b}`];
  });
  expect(lines.join('\n')).toBe('');
});

it('rootwalk gives the SOA with every negative answer', () => {
  const lines = differences((i) => {
    const needed = unbound[i]!.authority.some(({ type }) => type === 'SOA') && verdictOf(rootwalk[i]!) !== 'bogus';
    return needed && !rootwalk[i]!.authority.some(({ type }) => type === 'SOA') ? rootwalk[i]!.text : undefined;
  });
  expect(lines.join('\n')).toBe('');
});
