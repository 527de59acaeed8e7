/** What a UDP socket that clients ask is set to, whoever opened it. */
import type { ServerAddress } from '../dns/address.js';
import type { Libc } from '../native/libc.js';
import { forbidFragments, tellDestinations } from '../native/udp-socket.js';
import { isWildcard } from './wildcard.js';

/** @param address that `fd` is bound to */
export function setUpForClients(libc: Libc, fd: number, address: ServerAddress): void {
  forbidFragments(libc, fd, address.family === 6);
  if (isWildcard(address)) tellDestinations(libc, fd, address.family);
}
