/** Which address and port does a piece of configuration text name? */
import { isIPv4, isIPv6 } from 'node:net';
import { addressFromRdata, parsePrefix, type ServerAddress, serverAddress } from '../dns/address.js';
import { type Octets, octetsFrom } from '../dns/octets.js';

const BRACKETED = /^\[([^\]]*)\](?::(.*))?$/;
const WITH_PORT = /^([^:]*):([^:]*)$/;

/**
 * "192.0.2.1:53", "[2001:db8::1]:53", and without a port "192.0.2.1", "[2001:db8::1]" or "2001:db8::1", which then have
 * `defaultPort`. Throws RangeError saying what to write, also when no port is given and there is no default.
 * Port 0, "any free one", is allowed when `anyPort`.
 */
export function endpointFromText(text: string, defaultPort: number | undefined, anyPort = false): ServerAddress {
  const { address, port } = splitEndpoint(text);
  if (!isAddress(address)) throw new RangeError(`"${text}" is not an IP address${hintFor(text)}: write ${FORMS}`);
  if (port === undefined) {
    if (defaultPort === undefined) throw new RangeError(`"${text}" has no port: write ${FORMS}`);
    return serverAddress(address, defaultPort);
  }
  const least = anyPort ? 0 : 1;
  if (!/^\d{1,5}$/.test(port) || Number(port) < least || Number(port) > 65535) {
    throw new RangeError(`"${port}" in "${text}" is not a port: write a number from ${least} to 65535`);
  }
  return serverAddress(address, Number(port));
}

const FORMS = '"192.0.2.1:53" or "[2001:db8::1]:53"';

function splitEndpoint(text: string): { address: string; port: string | undefined } {
  const bracketed = BRACKETED.exec(text);
  if (bracketed) return { address: isIPv6(bracketed[1]!) ? bracketed[1]! : '', port: bracketed[2] };
  const withPort = WITH_PORT.exec(text);
  if (withPort) return { address: withPort[1]!, port: withPort[2]! };
  return { address: text, port: undefined };
}

/** An IPv6 zone ("%eth0") names an interface of one host at one time: no address a server can be known by. */
function isAddress(text: string): boolean {
  return isIPv4(text) || (isIPv6(text) && !text.includes('%'));
}

function hintFor(text: string): string {
  if (text.includes('@')) return ' (the port follows a colon here, not "@")';
  if (text.includes('%')) return ' (an address with an interface, "%eth0", cannot be used)';
  if (/[a-z]/i.test(text) && !text.includes(']')) return ' (names are not looked up here)';
  return '';
}

const MAPPED = /^::ffff:/i;

/**
 * "192.0.2.0/24" or a bare address, as written. Throws RangeError, also when bits behind the length are set: whoever
 * wrote "10.0.0.1/8" may have meant the address alone. Prefixes of IPv4-mapped IPv6 are refused: such
 * addresses are judged as IPv4 (PrefixSet), so they would never match.
 */
export function prefixFromText(text: string): string {
  const { octets, bits } = parsePrefix(text);
  if (text.includes('%')) throw new RangeError(`"${text}": a prefix cannot name an interface`);
  if (MAPPED.test(text)) throw new RangeError(`"${text}" never matches: write the IPv4 prefix itself`);
  const network = networkOf(octets, bits);
  if (network === octets) return text;
  const [address = ''] = text.split('/');
  const meant = `${addressFromRdata(network)}/${bits}`;
  throw new RangeError(`"${text}" is an address inside ${meant}: write ${meant}, or ${address} for it alone`);
}

/** The same octets with all bits behind the first `bits` cleared. */
function networkOf(octets: Octets, bits: number): Octets {
  const cleared = [...octets].map((octet, i) => {
    const kept = Math.max(0, Math.min(8, bits - 8 * i));
    return octet.charCodeAt(0) & (0xff << (8 - kept)) & 0xff;
  });
  return octetsFrom(...cleared);
}
