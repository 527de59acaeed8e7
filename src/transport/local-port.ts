/** From which port is a query sent? Any of 64 000 with equal chance: half of what a forger must guess (RFC 5452 §9.2). */
import type { Random } from '../ports/random.js';

const FIRST = 1024;
const LAST = 65_535;

/**
 * Ports on which a reply may not arrive: networks drop what looks like amplification or a worm, whatever it is
 * (1434 SQL, 1900 SSDP, 3702 WS-Discovery, 5353 mDNS, 5355 LLMNR, 11211 memcached), and 4791 (RoCEv2) is taken by
 * some network cards themselves.
 */
const FILTERED: ReadonlySet<number> = new Set([1434, 1900, 3702, 4791, 5353, 5355, 11_211]);

/**
 * A port from 1024 to 65535 that is not known to be filtered; uniform among those. Never `serverPort`, the one that is to
 * be asked: where nobody has it bound on this machine, the query would be sent to the socket it left from.
 */
export function randomLocalPort(random: Random, serverPort: number): number {
  for (;;) {
    const port = FIRST + random.below(LAST - FIRST + 1);
    if (port !== serverPort && !FILTERED.has(port)) return port;
  }
}
