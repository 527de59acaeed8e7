/**
 * Which addresses are never asked as name servers, whatever a delegation says?
 *
 * A zone's owner chooses the addresses of its servers, so these would have the resolver talk to itself, to its own host's
 * services (CVE-2026-50251) or to everybody on the link. Private (10.0.0.0/8, fc00::/7 ...) and documentation prefixes
 * stay askable: internal networks and labs delegate to them.
 */
import { addressToOctets, PrefixSet } from '../dns/address.js';
import { octetsFrom } from '../dns/octets.js';

// biome-ignore format: a table reads better in rows
const NEVER: readonly (readonly [prefix: string, because: string])[] = [
  ['0.0.0.0/8',       '"this network", RFC 1122 §3.2.1.3; systems take 0.0.0.0 for themselves'],
  ['169.254.0.0/16',  'link-local, RFC 3927; services of cloud hosts live here'],
  ['224.0.0.0/4',     'multicast, RFC 5771'],
  ['240.0.0.0/4',     'reserved, RFC 1112 §4, with the broadcast address, RFC 919 §7'],
  ['100::/64',        'discard-only, RFC 6666'],
  ['fe80::/10',       'link-local, RFC 4291 §2.5.6; of no use without an interface'],
  ['ff00::/8',        'multicast, RFC 4291 §2.7'],
];

/** Lifted by upstream.allowLoopback: RFC 1122 §3.2.1.3, RFC 4291 §2.5.3. */
const LOOPBACK = ['127.0.0.0/8', '::1/128'];

/** RFC 4291 §2.5.5: what stands before the 32 bits of an "IPv4-mapped" and of a (deprecated) "IPv4-compatible" address. */
const MAPPED = octetsFrom(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff);
const COMPATIBLE = octetsFrom(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
const IPV6_LOOPBACK = '::1';

/** The built-in prefixes and those of `upstream.doNotQuery`. */
export class DoNotQuery {
  readonly #prefixes: PrefixSet;

  constructor(upstream: { readonly doNotQuery: readonly string[]; readonly allowLoopback: boolean }) {
    const loopback = upstream.allowLoopback ? [] : LOOPBACK;
    this.#prefixes = new PrefixSet([...NEVER.map(([prefix]) => prefix), ...loopback, ...upstream.doNotQuery]);
  }

  /**
   * Whether a server at `address` (canonical text) must not be asked. IPv4 written as IPv6 never is: the system would
   * send it over IPv4, past every prefix meant to stop it. The unspecified address "::" has that form too.
   */
  has(address: string): boolean {
    const octets = addressToOctets(address);
    if (octets === undefined) return true;
    const isEmbedded = octets.length === 16 && (octets.startsWith(MAPPED) || octets.startsWith(COMPATIBLE));
    return (isEmbedded && address !== IPV6_LOOPBACK) || this.#prefixes.hasOctets(octets);
  }
}
