/**
 * Over which connection does a TCP query go? Connections are kept and shared (RFC 7766 §6.2), few to each server, so many
 * in all; who finds none waits in order of arrival, within its own timeout.
 */
import type { ServerAddress } from '../dns/address.js';
import { type Continuation, resumed } from '../ports/continuation.js';
import type { ExchangeOutcome, ExchangeQuery } from '../ports/exchange.js';
import { type ConnectionEvents, type SentQuery, TcpConnection, type TcpParts } from './tcp-connection.js';
import { TcpQuery } from './tcp-query.js';

/** Servers remembered for closing the connection after each reply. */
const REMEMBERED_SERVERS = 1000;

export class TcpExchange implements ConnectionEvents {
  readonly #parts: TcpParts;
  /** By ServerAddress.key; no empty sets. */
  readonly #connections = new Map<string, Set<TcpConnection>>();
  #connectionCount = 0;
  /** Connections without a query under way, idle the longest first. */
  readonly #idle = new Set<TcpConnection>();
  readonly #sent = new Map<TcpQuery, TcpConnection>();
  /** Queries for which there was no connection yet, in order of arrival. */
  readonly #waiting = new Set<TcpQuery>();
  #placing = false;
  /** Keys of servers that answer one query per connection: each query to them gets its own. */
  readonly #oneAtATime = new Set<string>();
  #whenDrained: (() => void) | undefined;

  constructor(parts: TcpParts) {
    this.#parts = parts;
  }

  /**
   * `waiting` goes on once, before this returns or later. Throws RangeError for a query that cannot be encoded, the caller's
   * mistake, and never else. Waiting for a connection and connecting count against the query's timeout, not as round trip.
   */
  ask(query: ExchangeQuery, waiting: Continuation<ExchangeOutcome>): void {
    const { tcpQueue } = this.#parts.settings;
    if (this.#waiting.size >= tcpQueue) {
      resumed(waiting, { kind: 'unreachable', scope: 'here', reason: `${tcpQueue} queries wait for a TCP connection` });
      return;
    }
    const tcpQuery: TcpQuery = new TcpQuery(query, this.#parts.clock, (outcome) => {
      this.#ended(tcpQuery);
      resumed(waiting, outcome);
    });
    this.#waiting.add(tcpQuery);
    this.#placeWaiting();
  }

  /** Closes idle connections at once and the others after their last reply; resolves when none is left. */
  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#whenDrained = resolve;
      for (const connection of this.#idle) connection.close();
      this.#checkDrained();
    });
  }

  settled(connection: TcpConnection, query: TcpQuery, outcome: ExchangeOutcome): void {
    this.#sent.delete(query);
    query.end(outcome);
    if (connection.idle) this.#rest(connection);
    this.#placeWaiting();
  }

  died(connection: TcpConnection, unanswered: readonly SentQuery[], outcome: ExchangeOutcome): void {
    this.#remove(connection);
    const closedByServer = outcome.kind === 'unreachable';
    if (closedByServer && connection.answered === 1 && unanswered.length > 0) this.#remember(connection.server.key);
    for (const { query, first } of unanswered) {
      this.#sent.delete(query);
      // Servers close idle connections while the next query is on its way: RFC 7766 §6.2.4 has it sent again.
      if (closedByServer && !first && !query.retried) {
        query.retried = true;
        this.#waiting.add(query);
      } else {
        query.end(outcome);
      }
    }
    this.#placeWaiting();
    this.#checkDrained();
  }

  #placeWaiting(): void {
    // Making room closes an idle connection, which comes back here: the loop below goes on, not a recursion.
    if (this.#placing) return;
    this.#placing = true;
    for (const query of this.#waiting) {
      const connection = this.#connectionFor(query);
      if (connection === undefined) continue;
      this.#waiting.delete(query);
      this.#idle.delete(connection);
      this.#sent.set(query, connection);
      connection.send(query);
    }
    this.#placing = false;
  }

  /**
   * One that stands, a new one, or undefined when the bounds allow neither now. A query whose connection died under it
   * gets a new one if possible: another that stands may be about to close as well.
   */
  #connectionFor(query: TcpQuery): TcpConnection | undefined {
    const standing = this.#standingConnection(query.server.key);
    if (standing !== undefined && !query.retried) return standing;
    return this.#roomFor(query.server.key) ? this.#open(query.server) : standing;
  }

  #standingConnection(key: string): TcpConnection | undefined {
    if (this.#oneAtATime.has(key)) return undefined;
    for (const connection of this.#connections.get(key) ?? []) if (connection.accepts) return connection;
    return undefined;
  }

  /** Whether one more connection is within bounds; closes an idle one of another server if that helps. */
  #roomFor(key: string): boolean {
    const { tcpConnectionsPerServer, tcpConnections } = this.#parts.settings;
    if ((this.#connections.get(key)?.size ?? 0) >= tcpConnectionsPerServer) return false;
    if (this.#connectionCount < tcpConnections) return true;
    for (const longestIdle of this.#idle) {
      longestIdle.close();
      return true;
    }
    return false;
  }

  #open(server: ServerAddress): TcpConnection {
    const connection = new TcpConnection(server, this.#parts, this);
    const standing = this.#connections.get(server.key);
    if (standing === undefined) this.#connections.set(server.key, new Set([connection]));
    else standing.add(connection);
    this.#connectionCount++;
    return connection;
  }

  #rest(connection: TcpConnection): void {
    const done = !connection.accepts || this.#oneAtATime.has(connection.server.key);
    if (done || this.#whenDrained !== undefined) {
      connection.close();
      return;
    }
    this.#idle.add(connection);
    connection.rest();
  }

  #remove(connection: TcpConnection): void {
    const { key } = connection.server;
    const standing = this.#connections.get(key);
    standing?.delete(connection);
    if (standing?.size === 0) this.#connections.delete(key);
    this.#idle.delete(connection);
    this.#connectionCount--;
  }

  #remember(key: string): void {
    this.#oneAtATime.add(key);
    if (this.#oneAtATime.size <= REMEMBERED_SERVERS) return;
    for (const oldest of this.#oneAtATime) {
      this.#oneAtATime.delete(oldest);
      return;
    }
  }

  #ended(query: TcpQuery): void {
    this.#waiting.delete(query);
    const connection = this.#sent.get(query);
    this.#sent.delete(query);
    // Still sent: it ended by its timeout.
    connection?.forget(query);
  }

  #checkDrained(): void {
    if (this.#connectionCount === 0 && this.#waiting.size === 0) this.#whenDrained?.();
  }
}
