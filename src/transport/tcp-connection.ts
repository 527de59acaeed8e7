/**
 * What happens on one TCP connection to a server? Queries are pipelined, each with an ID of its own, and replies come in
 * any order (RFC 7766 §6.2.1.1, §7).
 */
import { connect, type Socket } from 'node:net';
import type { ServerAddress } from '../dns/address.js';
import type { Clock } from '../ports/clock.js';
import type { ExchangeOutcome } from '../ports/exchange.js';
import type { Log } from '../ports/log.js';
import type { Random } from '../ports/random.js';
import { HEADER_OCTETS } from '../wire/header.js';
import type { TransportSettings } from './settings.js';
import { refusedBySystem } from './system-refusal.js';
import { FrameReader } from './tcp-frames.js';
import type { TcpQuery } from './tcp-query.js';

export interface TcpParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly settings: TransportSettings;
}

/** What a connection tells its owner. */
export interface ConnectionEvents {
  /** `query` has its reply; the connection may be idle now. */
  settled(connection: TcpConnection, query: TcpQuery, outcome: ExchangeOutcome): void;
  /** The connection is gone, and with it the replies these queries, oldest first, waited for. */
  died(connection: TcpConnection, unanswered: readonly SentQuery[], outcome: ExchangeOutcome): void;
}

export interface SentQuery {
  readonly query: TcpQuery;
  /** Clock.now() when it was handed to the socket. */
  readonly at: number;
  /** Whether it was what the connection was opened for. The others may just have come too late (RFC 7766 §6.2.4). */
  readonly first: boolean;
}

const IDS = 0x10000;
const NOBODY_LISTENS: ExchangeOutcome = {
  kind: 'unreachable',
  scope: 'server',
  reason: 'nothing listens on that port: the connection came back to where it left from',
};

/**
 * Whether both ends of a connection are the same socket: what TCP makes of it when the system picks, for a connection to
 * a port nobody has on this machine, that very port to leave from (simultaneous open, RFC 9293 §3.5).
 */
export function isToItself(socket: Socket): boolean {
  const { localPort, localAddress, remotePort, remoteAddress } = socket;
  return localPort !== undefined && localPort === remotePort && localAddress === remoteAddress;
}

export class TcpConnection {
  readonly server: ServerAddress;
  /** Replies so far. */
  answered = 0;
  readonly #parts: TcpParts;
  readonly #events: ConnectionEvents;
  readonly #socket: Socket;
  readonly #frames = new FrameReader();
  readonly #waiting = new Map<number, SentQuery>();
  /** Never used twice on a connection: a late reply to a query that timed out cannot meet another's ID. */
  readonly #usedIds = new Set<number>();
  #connectedAt: number | undefined;
  #retired = false;
  #dead = false;

  constructor(server: ServerAddress, parts: TcpParts, events: ConnectionEvents) {
    this.server = server;
    this.#parts = parts;
    this.#events = events;
    this.#socket = connect({ host: server.address, port: server.port, family: server.family, noDelay: true });
    this.#socket.on('connect', () => {
      this.#connectedAt = parts.clock.now();
      if (isToItself(this.#socket)) this.#die(NOBODY_LISTENS);
    });
    this.#socket.on('data', (chunk) => this.#received(chunk));
    this.#socket.on('timeout', () => this.close());
    this.#socket.on('end', () =>
      this.#die({ kind: 'unreachable', scope: 'server', reason: 'the server closed the connection' }),
    );
    this.#socket.on('error', (error) => this.#die(refusedBySystem(error)));
    this.#socket.on('close', () =>
      this.#die({ kind: 'unreachable', scope: 'server', reason: 'the connection was closed' }),
    );
  }

  /** Whether another query may be sent. */
  get accepts(): boolean {
    return !this.#dead && !this.#retired && this.#usedIds.size < this.#parts.settings.tcpQueriesPerConnection;
  }

  get idle(): boolean {
    return this.#waiting.size === 0;
  }

  /** Sends a query, before the connection stands if need be. The caller has looked at `accepts`. */
  send(query: TcpQuery): void {
    const first = this.#usedIds.size === 0;
    const id = this.#freshId();
    this.#waiting.set(id, { query, at: this.#parts.clock.now(), first });
    this.#socket.ref();
    this.#socket.setTimeout(0);
    this.#socket.write(query.frameWith(id));
  }

  /** Forgets a query that timed out. A connection on which that happens gets no more: its path may be dead. */
  forget(query: TcpQuery): void {
    for (const [id, sent] of this.#waiting) if (sent.query === query) this.#waiting.delete(id);
    this.#retired = true;
    if (this.idle) this.close();
  }

  /** Closes the connection after the server's idle time; an idle connection does not keep the process alive. */
  rest(): void {
    this.#socket.setTimeout(this.#parts.settings.tcpIdle);
    this.#socket.unref();
  }

  /** Closes the connection now. Queries that still wait end unanswered. */
  close(): void {
    this.#die({ kind: 'unreachable', scope: 'server', reason: 'the connection was closed' });
  }

  #freshId(): number {
    let id = this.#parts.random.below(IDS);
    // Ends: settings allow fewer queries on a connection than there are IDs.
    while (this.#usedIds.has(id)) id = (id + 1) % IDS;
    this.#usedIds.add(id);
    return id;
  }

  #received(chunk: Buffer): void {
    // Nothing is owed: what comes all the same would keep the connection busy for as long as the server likes.
    if (this.idle) this.close();
    for (const message of this.#frames.push(chunk)) {
      if (this.#dead) return;
      this.#take(message);
    }
  }

  #take(message: Buffer): void {
    const id = message.length < HEADER_OCTETS ? -1 : message.readUInt16BE(0);
    if (!this.#usedIds.has(id)) {
      this.#die({ kind: 'malformed', reason: 'the server sent something else than replies over TCP' });
      return;
    }
    const sent = this.#waiting.get(id);
    // A reply that came after its query's timeout, or came twice.
    if (sent === undefined) return;
    this.#waiting.delete(id);
    this.answered++;
    const since = Math.max(sent.at, this.#connectedAt ?? sent.at);
    const outcome = sent.query.judge(message, this.#parts.clock.now() - since, this.#parts.log);
    if (outcome.kind !== 'reply') this.#retired = true;
    this.#events.settled(this, sent.query, outcome);
  }

  #die(outcome: ExchangeOutcome): void {
    if (this.#dead) return;
    this.#dead = true;
    // Not end(): that would wait for the server to close its side, which it may never do.
    this.#socket.destroy();
    const unanswered = [...this.#waiting.values()];
    this.#waiting.clear();
    this.#events.died(this, unanswered, outcome);
  }
}
