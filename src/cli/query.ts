/** rootwalk query: what is the answer, and how did it come about? */
import type { Config } from '../config/config.js';
import type { Question } from '../dns/message.js';
import { isMetaType, Type, typeToText } from '../dns/numbers.js';
import type { Explanation } from '../ports/explanation.js';
import type { TraceEvent } from '../ports/trace.js';
import { addressArgument, nameArgument, typeArgument } from './arguments.js';
import { askServer } from './ask-server.js';
import { configOrEnd } from './config-file.js';
import { digText, failureText, replyJson, shortText } from './dig-text.js';
import { CommandError, EXIT_DONE, EXIT_FAILURE, type ExitCode } from './exit.js';
import { isAnswer, questionOf, type Reply, replyFromMessage, replyFromResolution } from './reply.js';
import { stderrLog } from './stderr-log.js';
import { type Terminal, writeJson } from './terminal.js';
import { traceLine } from './trace-lines.js';
import { whyLines } from './why-lines.js';

export interface QueryOptions {
  readonly trace?: boolean;
  readonly server?: string;
  readonly tcp?: boolean;
  readonly dnssec?: boolean;
  readonly config?: string;
  readonly json?: boolean;
  readonly short?: boolean;
}

const DNS_PORT = 53;

export async function query(name: string, type: string, options: QueryOptions, terminal: Terminal): Promise<ExitCode> {
  const typeNumber = typeArgument(type, name);
  const question = questionOf(nameArgument(name), typeNumber);
  refuseContradictions(options, typeNumber);
  const { server } = options;
  return server === undefined
    ? resolveHere(question, options, terminal)
    : askThere(server, question, options, terminal);
}

function refuseContradictions(options: QueryOptions, type: number): void {
  if (options.server !== undefined && options.trace) {
    throw new CommandError(
      '--trace shows the resolution of this process, not that of --server',
      'leave one of them out',
    );
  }
  if (options.server !== undefined && options.config !== undefined) {
    throw new CommandError('--config is for the resolution of this process, not for --server', 'leave one of them out');
  }
  if (options.tcp && options.server === undefined) {
    throw new CommandError('--tcp says how to ask --server', 'add --server ADDRESS');
  }
  if (isMetaType(type) && (options.server === undefined || type !== Type.ANY)) {
    throw new CommandError(
      `${typeToText(type)} cannot be resolved: it is no type of record`,
      'ask for a type like A or MX',
    );
  }
}

async function askThere(
  serverText: string,
  question: Question,
  options: QueryOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const server = addressArgument(serverText, DNS_PORT, '--server');
  const started = performance.now();
  const outcome = await askServer({
    server,
    question,
    dnssecOk: options.dnssec === true,
    tcp: options.tcp === true,
    log: stderrLog(terminal),
  });
  if (outcome.kind === 'failed') {
    throw new CommandError(
      outcome.because,
      'is a DNS server running there? rootwalk listens on port 5300 by default',
      EXIT_FAILURE,
    );
  }
  const elapsed = performance.now() - started;
  const reply = replyFromMessage(outcome.message, question, [
    ['Query time', `${elapsed.toFixed(1)} ms`],
    ['Server', `${server.key} (${outcome.transport.toUpperCase()})`],
    ['Message size', `${outcome.octets} octets`],
  ]);
  return show(reply, [], options, terminal);
}

async function resolveHere(question: Question, options: QueryOptions, terminal: Terminal): Promise<ExitCode> {
  const config = configOrEnd(options.config);
  const { composeResolver } = await import('./compose.js');
  const { anchorFileFor, believedOrEnd, readOnlyAnchorStore } = await import('./anchor-store.js');
  // What a server here has learnt counts, else its answers and ours would differ after a rollover.
  const file = anchorFileFor(config);
  const anchorStore = file === undefined ? 'memory' : readOnlyAnchorStore(file);
  const composed = believedOrEnd(() => composeResolver(unshared(config), { log: stderrLog(terminal), anchorStore }));
  try {
    const started = performance.now();
    const events: TimedEvent[] = [];
    const trace = options.trace ? traceSink(options, terminal, events, started) : undefined;
    const resolution = await composed.resolver.resolve(question, { checkingDisabled: false, trace });
    const reply = replyFromResolution(resolution, question, options.dnssec === true, performance.now() - started);
    const chain = options.trace
      ? await composed.inspection.why(question.name, question.type, true, resolution)
      : undefined;
    return show(reply, events, options, terminal, chain);
  } finally {
    await composed.close();
  }
}

/** One question is not worth joining those who share a cache, and is asked here to see how it is resolved. */
function unshared(config: Config): Config {
  return { ...config, cache: { ...config.cache, shared: false } };
}

interface TimedEvent {
  /** Milliseconds since the question. */
  readonly atMs: number;
  readonly event: TraceEvent;
}

/** JSON gets the events with the answer; people see them as they happen, beside the answer when it is --short. */
function traceSink(options: QueryOptions, terminal: Terminal, events: TimedEvent[], started: number) {
  return (event: TraceEvent): void => {
    const atMs = performance.now() - started;
    if (options.json) events.push({ atMs: Math.round(atMs * 1000) / 1000, event });
    else if (options.short) terminal.err(traceLine(event, atMs, terminal.colours));
    else terminal.out(traceLine(event, atMs, terminal.colours));
  };
}

function show(
  reply: Reply,
  events: readonly TimedEvent[],
  options: QueryOptions,
  terminal: Terminal,
  chain?: Explanation,
): ExitCode {
  if (options.json) {
    const trace = events.map(({ atMs, event }) => ({ atMs, ...event }));
    writeJson(terminal, { ...replyJson(reply), ...(options.trace ? { trace, chain } : {}) });
    return isAnswer(reply) ? EXIT_DONE : EXIT_FAILURE;
  }
  if (chain !== undefined) showChain(chain, options, terminal);
  if (options.short) {
    terminal.out(shortText(reply));
    // Nothing printed and nothing said would leave people guessing; a pipe still gets the data alone.
    if (!isAnswer(reply)) terminal.err(failureText(reply));
  } else {
    terminal.out(`${options.trace ? '\n' : ''}${digText(reply, terminal.colours)}`);
  }
  return isAnswer(reply) ? EXIT_DONE : EXIT_FAILURE;
}

/** As comments, so that the whole still reads as dig prints it; apart from the answer when that is --short. */
function showChain(chain: Explanation, options: QueryOptions, terminal: Terminal): void {
  const lines = whyLines(chain, terminal.colours).map((line) => `${`;; ${line}`.trimEnd()}\n`);
  const text = `;;\n${lines.join('')}`;
  if (options.short) terminal.err(text);
  else terminal.out(text);
}
