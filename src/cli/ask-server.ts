/** What does that server say? One query as a stub resolver sends it, over TCP when UDP was not enough (RFC 7766 §5). */
import { defaultLimits } from '../config/limits.js';
import type { ServerAddress } from '../dns/address.js';
import type { Message, Question } from '../dns/message.js';
import type { Exchange, ExchangeOutcome } from '../ports/exchange.js';
import type { Log } from '../ports/log.js';
import { createExchange } from '../transport/create-exchange.js';
import { cryptoRandom } from '../transport/crypto-random.js';
import { transportSettings } from '../transport/settings.js';
import { systemClock } from '../transport/system-clock.js';

export interface AskOptions {
  readonly server: ServerAddress;
  readonly question: Question;
  /** DO: send the DNSSEC records too, and AD when they are right (RFC 3225, RFC 6840 §5.8). */
  readonly dnssecOk: boolean;
  readonly tcp: boolean;
  readonly log: Log;
  /** Milliseconds for each try; TRY_TIMEOUT unless given. */
  readonly timeout?: number;
}

export type AskOutcome =
  | { readonly kind: 'reply'; readonly message: Message; readonly octets: number; readonly transport: 'udp' | 'tcp' }
  | { readonly kind: 'failed'; readonly because: string };

/** Datagrams get lost: so many tries over UDP, each as patient as the resolver on the other side (limits.wallTime). */
const UDP_TRIES = 3;
const TRY_TIMEOUT = 5_000;
/** Octets; the size the field agreed on, which is not fragmented (RFC 9715 §3). */
const UDP_SIZE = 1232;

/** Never rejects for what a server or the network does. */
export async function askServer(options: AskOptions): Promise<AskOutcome> {
  const settings = transportSettings(defaultLimits());
  const exchange = createExchange({ settings, clock: systemClock, random: cryptoRandom, log: options.log });
  try {
    return await converse(exchange, options);
  } finally {
    await exchange.close();
  }
}

async function converse(exchange: Exchange, options: AskOptions): Promise<AskOutcome> {
  if (!options.tcp) {
    const outcome = await askPatiently(exchange, options);
    const overTcp = outcome.kind === 'suspicious' || (outcome.kind === 'reply' && outcome.message.tc);
    if (!overTcp) return told(outcome, options.server, 'udp');
  }
  return told(await ask(exchange, options, 'tcp'), options.server, 'tcp');
}

async function askPatiently(exchange: Exchange, options: AskOptions): Promise<ExchangeOutcome> {
  for (let attempt = 1; ; attempt++) {
    const outcome = await ask(exchange, options, 'udp');
    if (outcome.kind !== 'timeout' || attempt === UDP_TRIES) return outcome;
  }
}

function ask(exchange: Exchange, options: AskOptions, transport: 'udp' | 'tcp'): Promise<ExchangeOutcome> {
  const { server, question, dnssecOk, timeout = TRY_TIMEOUT } = options;
  return exchange.ask({
    server,
    name: question.name,
    type: question.type,
    recursionDesired: true,
    checkingDisabled: false,
    edns: { version: 0, udpSize: UDP_SIZE, dnssecOk, options: [] },
    transport,
    caseRandomisation: false,
    timeout,
  });
}

function told(outcome: ExchangeOutcome, server: ServerAddress, transport: 'udp' | 'tcp'): AskOutcome {
  const failed = (reason: string): AskOutcome => ({
    kind: 'failed',
    because: `${server.key} over ${transport.toUpperCase()}: ${reason}`,
  });
  switch (outcome.kind) {
    case 'reply':
      return { kind: 'reply', message: outcome.message, octets: outcome.octets, transport };
    case 'timeout':
      return failed('no reply in time');
    case 'unreachable':
    case 'malformed':
    case 'suspicious':
      return failed(outcome.reason);
    default:
      return outcome satisfies never;
  }
}
