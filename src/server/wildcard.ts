/** What goes wrong when a wildcard address is listened on by a machine that has several? */
import { networkInterfaces } from 'node:os';
import type { ServerAddress } from '../dns/address.js';

/** The part of os.networkInterfaces() that is looked at. */
type Interfaces = Readonly<
  Record<string, readonly { address: string; family: string; internal: boolean; scopeid?: number }[] | undefined>
>;

/** Whether a socket there takes what is sent to any address of the machine. */
export function isWildcard({ address }: ServerAddress): boolean {
  return address === '0.0.0.0' || address === '::';
}

/** Consequence and way out; undefined when there is nothing to warn of. See udp-listener.ts for the cause. */
export function wildcardWarning(
  listen: ServerAddress,
  interfaces: Interfaces = networkInterfaces(),
): string | undefined {
  if (!isWildcard(listen)) return undefined;
  const { family, key } = listen;
  const own = Object.values(interfaces).flatMap((entries) => entries ?? []);
  const global = own.filter((entry) => !entry.internal && entry.family === `IPv${family}` && !entry.scopeid);
  if (global.length < 2) return undefined;
  const addresses = global.map((entry) => entry.address).join(', ');
  return (
    `${key}: replies over UDP may leave from another address than was asked, and clients drop those. ` +
    `This machine has ${addresses}: name those to answer on under "listen" instead`
  );
}
