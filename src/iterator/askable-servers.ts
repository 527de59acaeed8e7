/**
 * Which server does an address stand for, and may it be asked? HOT: the same few thousand addresses serve most zones, so
 * each is read from its text once, not once for every question.
 */
import { type ServerAddress, serverAddress } from '../dns/address.js';
import type { IteratorSettings } from './environment.js';

/** Addresses remembered; emptied at once when full, so that strangers' addresses cost no more than reading them. */
const REMEMBERED = 8192;

export class AskableServers {
  readonly #servers = new Map<string, ServerAddress | null>();

  constructor(readonly settings: Pick<IteratorSettings, 'port' | 'doNotQuery'>) {}

  /** The server at an address in text form; undefined when it is never asked. */
  at(address: string): ServerAddress | undefined {
    const known = this.#servers.get(address);
    if (known !== undefined) return known ?? undefined;
    const { port, doNotQuery } = this.settings;
    const server = doNotQuery.has(address) ? null : serverAddress(address, port);
    if (this.#servers.size >= REMEMBERED) this.#servers.clear();
    this.#servers.set(address, server);
    return server ?? undefined;
  }
}
