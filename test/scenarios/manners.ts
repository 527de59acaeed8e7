/** What servers of a scenario do to their honest replies. */
import type { Edns, Message } from '../../src/dns/message.js';
import { EdnsCode } from '../../src/dns/numbers.js';
import type { Octets } from '../../src/dns/octets.js';
import type { ExchangeQuery } from '../../src/ports/exchange.js';
import type { SimServer } from '../sim/network.js';
import type { World } from '../sim/world.js';

/** Gives several addresses the same manners. */
export function behave(world: World, addresses: readonly string[], mutate: NonNullable<SimServer['mutate']>): void {
  for (const address of addresses) world.at(address).mutate = mutate;
}

/** A reply with an rcode and no record. */
export function without(reply: Message, rcode: number): Message {
  return { ...reply, rcode, aa: false, answer: [], authority: [], additional: [] };
}

/** An OPT of version 0 without options. */
export const bareEdns: Edns = { version: 0, udpSize: 1232, dnssecOk: false, options: [] };

/** An OPT that answers the client cookie of a query with a server cookie (RFC 7873 §5.2.3). */
export function ednsWithCookie(query: ExchangeQuery): Edns {
  const cookie = query.edns?.options.find((option) => option.code === EdnsCode.COOKIE);
  if (cookie === undefined) return bareEdns;
  return { ...bareEdns, options: [{ code: EdnsCode.COOKIE, data: `${cookie.data.slice(0, 8)}12345678` as Octets }] };
}
