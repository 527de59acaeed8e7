/**
 * A small internet in memory: authoritative servers with zones and manners, reached through the Exchange port. Every
 * query is recorded; a query to an address nobody has is a silent loss, as in life.
 */
import type { Message } from '../../src/dns/message.js';
import { nameToText } from '../../src/dns/name.js';
import { Class, Rcode, typeToText } from '../../src/dns/numbers.js';
import { answerFrom } from '../../src/lab/answer.js';
import type { Zone } from '../../src/lab/zone.js';
import type { Clock } from '../../src/ports/clock.js';
import { type Continuation, resumedBy } from '../../src/ports/continuation.js';
import type { Exchange, ExchangeOutcome, ExchangeQuery } from '../../src/ports/exchange.js';

/** What one address does: answer from zones, or whatever a test makes of the query. */
export interface SimServer {
  zones: Zone[];
  /** Milliseconds. */
  rtt: number;
  /** Nothing comes back. */
  silent: boolean;
  /** Changes or replaces the honest reply; undefined means silence. */
  mutate: ((reply: Message, query: ExchangeQuery) => Message | ExchangeOutcome | undefined) | undefined;
}

export class SimNetwork implements Exchange {
  readonly servers = new Map<string, SimServer>();
  /** "192.0.2.1 www.example. A", in order. */
  readonly asked: string[] = [];
  readonly queries: ExchangeQuery[] = [];

  constructor(readonly clock: Pick<Clock, 'schedule'>) {}

  server(address: string): SimServer {
    let server = this.servers.get(address);
    if (server === undefined) {
      server = { zones: [], rtt: 10, silent: false, mutate: undefined };
      this.servers.set(address, server);
    }
    return server;
  }

  #closed = false;

  ask(query: ExchangeQuery): Promise<ExchangeOutcome> {
    if (this.#closed) return Promise.resolve({ kind: 'unreachable', scope: 'server', reason: 'closed' });
    const { address } = query.server;
    this.queries.push(query);
    const how = query.transport === 'tcp' ? ' tcp' : '';
    this.asked.push(`${address} ${nameToText(query.name)} ${typeToText(query.type)}${how}`);
    const server = this.servers.get(address);
    const outcome = server === undefined || server.silent ? undefined : this.#outcome(server, query);
    const wait = outcome === undefined ? query.timeout : server!.rtt;
    return new Promise((resolve) => {
      if (outcome === undefined || wait >= query.timeout) {
        this.clock.schedule(query.timeout, () => resolve({ kind: 'timeout', waited: query.timeout }));
      } else {
        this.clock.schedule(wait, () => resolve(outcome));
      }
    });
  }

  begin(query: ExchangeQuery, waiting: Continuation<ExchangeOutcome>): void {
    resumedBy(this.ask(query), waiting);
  }

  async close(): Promise<void> {
    this.#closed = true;
  }

  #outcome(server: SimServer, query: ExchangeQuery): ExchangeOutcome | undefined {
    const honest = answerFrom(server.zones, queryMessage(query));
    const made = server.mutate === undefined ? honest : server.mutate(honest, query);
    if (made === undefined || 'kind' in made) return made;
    return { kind: 'reply', message: made, rtt: server.rtt, octets: 100 };
  }
}

function queryMessage(query: ExchangeQuery): Message {
  return {
    id: 1,
    opcode: 0,
    rcode: Rcode.NOERROR,
    qr: false,
    aa: false,
    tc: false,
    rd: query.recursionDesired,
    ra: false,
    ad: false,
    cd: false,
    questions: [{ name: query.name, type: query.type, class: Class.IN }],
    answer: [],
    authority: [],
    additional: [],
    edns: query.edns,
  };
}
