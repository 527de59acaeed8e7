/** Many questions to dig and delv at once, and what their output says of each: secure, insecure or bogus. */
import { type DigReply, parseReply } from './dig.js';
import { inParallel } from './in-parallel.js';
import type { SignedInternet } from './signed-internet.js';
import type { Question } from './signed-questions.js';
import { anchorFile, FETCHER_PORT } from './signed-resolvers.js';

export type Verdict = 'secure' | 'insecure' | 'bogus';

/** Programs at work at the same time, each with a part of the questions. */
const WORKERS = 4;
const PATIENCE = 240_000;

/** What a validating resolver's reply says (RFC 4035 §3.2.3): AD, not AD, or SERVFAIL. */
export function verdictOf({ status, flags }: DigReply): Verdict {
  if (status === 'SERVFAIL') return 'bogus';
  return flags.includes('ad') ? 'secure' : 'insecure';
}

/** dig's replies in the order of the questions. @param flags for example "+dnssec +cdflag" */
export async function digAll(
  internet: SignedInternet,
  port: number,
  questions: readonly Question[],
  flags: string,
): Promise<readonly DigReply[]> {
  const argv = ['dig', '@127.0.0.1', '-p', String(port), '+tries=2', '+time=8', ...flags.split(' '), '-f', '-'];
  return inBatches(questions, async (batch) => {
    const input = batch.map(({ name, type }) => `${name} ${type}\n`).join('');
    const { stdout, stderr } = await internet.client.run(argv, { input, timeout: PATIENCE });
    const parts = stdout.split(/^; <<>> DiG .*$/m).slice(1);
    return batch.map(({ name, type }, i) => {
      const reply = parseReply(parts[i] ?? '');
      const asked = /^;(\S+)\s+IN\s+(\S+)$/m.exec(reply?.text ?? '');
      if (reply === undefined || asked?.[1] !== name || asked[2] !== type) {
        throw new Error(
          `no reply to ${name} ${type} at port ${port}:\n${parts.slice(Math.max(0, i - 1), i + 1).join('')}${stderr}`,
        );
      }
      return reply;
    });
  });
}

export interface DelvReply {
  readonly verdict: Verdict;
  /** An NSEC3 with the opt-out flag is among the proof. */
  readonly optOut: boolean;
  readonly text: string;
}

/** delv's replies in the order of the questions, its records fetched by the Unbound that does not validate. */
export async function delvAll(
  internet: SignedInternet,
  questions: readonly Question[],
  port = FETCHER_PORT,
): Promise<readonly DelvReply[]> {
  const delv = `delv @127.0.0.1 -p ${port} -a ${anchorFile(internet)}`;
  const script = `while read -r name type; do ${delv} "$name" "$type" 2>&1; echo "====="; done`;
  return inBatches(questions, async (batch) => {
    const input = batch.map(({ name, type }) => `${name} ${type}\n`).join('');
    const { stdout } = await internet.client.run(['sh', '-c', script], { input, timeout: PATIENCE });
    const parts = stdout.split('=====\n');
    return batch.map(({ name, type }, i) => ({
      verdict: delvVerdict(`${name} ${type}`, parts[i] ?? ''),
      optOut: /\sNSEC3 1 1 /.test(parts[i] ?? ''),
      text: parts[i] ?? '',
    }));
  });
}

/** An answer of several parts is as good as the worst of them; a negative answer is a failure in delv's words, "ncache". */
function delvVerdict(question: string, text: string): Verdict {
  const failure = /^;; resolution failed: (?!ncache )(.*)$/m.exec(text)?.[1];
  if (failure !== undefined && !/timed out|SERVFAIL|REFUSED/.test(failure)) return 'bogus';
  if (failure === undefined && /^; (negative response, )?unsigned answer/m.test(text)) return 'insecure';
  if (failure === undefined && /^; (negative response, )?fully validated/m.test(text)) return 'secure';
  throw new Error(`delv gave no verdict on ${question}:\n${text}`);
}

async function inBatches<T, R>(
  items: readonly T[],
  work: (batch: readonly T[]) => Promise<readonly R[]>,
): Promise<R[]> {
  const size = Math.ceil(items.length / WORKERS);
  const batches = Array.from({ length: WORKERS }, (_, i) => items.slice(i * size, (i + 1) * size));
  return (await inParallel(WORKERS, batches, work)).flat();
}
