/**
 * Which client connections are open, and who has to go when there are too many (RFC 7766 §6.1, §10)?
 *
 * The oldest connection without a question under way makes room for a new one; only when all are busy is the new one
 * refused. Refusing always would let idle connections, which cost an attacker nothing, lock everybody out; closing idle
 * ones costs an honest client a reconnect.
 */

export interface ClientConnection {
  readonly address: string;
  /** Without a question under way. */
  readonly isIdle: boolean;
  /** Closes at once. */
  destroy(): void;
}

export interface ClientLimits {
  readonly tcpClients: number;
  readonly tcpClientsPerAddress: number;
}

export class TcpClients<C extends ClientConnection = ClientConnection> {
  // In order of opening, as Sets keep it.
  readonly #byAddress = new Map<string, Set<C>>();
  // In order of becoming idle.
  readonly #idle = new Set<C>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Whether a connection from there may be opened; closes an idle one when that is what it takes. */
  makeRoom(address: string, limits: ClientLimits): boolean {
    const own = this.#byAddress.get(address);
    if (own !== undefined && own.size >= limits.tcpClientsPerAddress && !this.#closeFirstIdle(own)) return false;
    return this.#size < limits.tcpClients || this.#closeFirstIdle(this.#idle);
  }

  add(connection: C): void {
    const own = this.#byAddress.get(connection.address);
    if (own === undefined) this.#byAddress.set(connection.address, new Set([connection]));
    else own.add(connection);
    this.#size++;
    this.#idle.add(connection);
  }

  /** To be told whenever a connection begins or ends to have questions under way. */
  changed(connection: C): void {
    this.#idle.delete(connection);
    if (connection.isIdle) this.#idle.add(connection);
  }

  remove(connection: C): void {
    const own = this.#byAddress.get(connection.address);
    if (own?.delete(connection) !== true) return;
    if (own.size === 0) this.#byAddress.delete(connection.address);
    this.#idle.delete(connection);
    this.#size--;
  }

  #closeFirstIdle(connections: ReadonlySet<C>): boolean {
    for (const connection of connections) {
      if (!connection.isIdle) continue;
      this.remove(connection);
      connection.destroy();
      return true;
    }
    return false;
  }
}
