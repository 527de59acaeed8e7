/**
 * Which addresses are never asked as name servers, whatever a delegation says?
 *
 * A zone's owner chooses the addresses of its servers, so these would have the resolver talk to itself, to its own host's
 * services (CVE-2026-50251) or to everybody on the link. Private (10.0.0.0/8, fc00::/7 ...) and documentation prefixes
 * stay askable: internal networks and labs delegate to them.
 */
import { PrefixSet } from '../dns/address.js';

// biome-ignore format: a table reads better in rows
const NEVER: readonly (readonly [prefix: string, because: string])[] = [
  ['0.0.0.0/8',       '"this network", RFC 1122 §3.2.1.3; systems take 0.0.0.0 for themselves'],
  ['169.254.0.0/16',  'link-local, RFC 3927; services of cloud hosts live here'],
  ['224.0.0.0/4',     'multicast, RFC 5771'],
  ['240.0.0.0/4',     'reserved, RFC 1112 §4, with the broadcast address, RFC 919 §7'],
  ['::/128',          'unspecified, RFC 4291 §2.5.2'],
  ['100::/64',        'discard-only, RFC 6666'],
  ['fe80::/10',       'link-local, RFC 4291 §2.5.6; of no use without an interface'],
  ['ff00::/8',        'multicast, RFC 4291 §2.7'],
];

/** Lifted by upstream.allowLoopback: RFC 1122 §3.2.1.3, RFC 4291 §2.5.3. */
const LOOPBACK = ['127.0.0.0/8', '::1/128'];

/** RFC 4291 §2.5.5: the first 96 bits zero ("compatible", deprecated) or zero and ffff ("mapped"). */
const EMBEDDED_IPV4 = /^::(?:ffff:)?(?:\d+\.){3}\d+$/;

/** The built-in prefixes and those of `upstream.doNotQuery`. */
export class DoNotQuery {
  readonly #prefixes: PrefixSet;

  constructor(upstream: { readonly doNotQuery: readonly string[]; readonly allowLoopback: boolean }) {
    const loopback = upstream.allowLoopback ? [] : LOOPBACK;
    this.#prefixes = new PrefixSet([...NEVER.map(([prefix]) => prefix), ...loopback, ...upstream.doNotQuery]);
  }

  /**
   * Whether a server at `address` (canonical text) must not be asked. IPv4 written as IPv6 is never asked: the system
   * would send it over IPv4, past every prefix meant to stop it.
   */
  has(address: string): boolean {
    return EMBEDDED_IPV4.test(address) || this.#prefixes.has(address);
  }
}
