/**
 * Who may ask what? Three checks, all before any work: the Host header (DNS rebinding), the token, the peer's address.
 *
 * DNS rebinding: a page at evil.example whose name suddenly resolves to 127.0.0.1 is, to the browser, talking to its
 * own origin, so no CORS rule stops it from reading our answers. But the browser still sends `Host: evil.example`.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import { isIP, isIPv6 } from 'node:net';
import { PrefixSet } from '../dns/address.js';

const LOOPBACK = new PrefixSet(['127.0.0.0/8', '::1/128']);

/** Whether a Host header names this machine by an address or as localhost, which no rebound name can. */
export function isTrustedHost(host: string | undefined): boolean {
  if (host === undefined) return false;
  const bracketed = /^\[([^\]]*)\](?::\d{1,5})?$/.exec(host);
  if (bracketed) return isIPv6(bracketed[1]!);
  const name = host.replace(/:\d{1,5}$/, '');
  return /^localhost\.?$/i.test(name) || isIP(name) === 4;
}

export function isLoopback(address: string | undefined): boolean {
  return address !== undefined && LOOPBACK.has(address);
}

/** Whether a path shows names that people look up or keep to themselves: reading it from elsewhere wants the token. */
export function tellsOfNames(path: string): boolean {
  return ['/cache', '/tree', '/why', '/local'].some((route) => path.startsWith(route));
}

export type Authorisation = 'granted' | 'missing' | 'refused';

/** Judges an Authorization header, in a time that does not depend on how much of the token is right. */
export function authorise(header: string | undefined, token: string): Authorisation {
  const presented = header === undefined ? undefined : /^Bearer +(\S+) *$/i.exec(header)?.[1];
  if (presented === undefined) return 'missing';
  return timingSafeEqual(digest(presented), digest(token)) ? 'granted' : 'refused';
}

/** timingSafeEqual wants equal lengths; digests have them and hide the length as well. */
function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
