/** IP addresses of servers and clients, and prefixes of them. Text form is Node's canonical lower-case form. */
import { isIPv4, isIPv6, SocketAddress } from 'node:net';
import { type Octets, octetsFrom } from './octets.js';

export type Family = 4 | 6;

/** An address a DNS server listens on. `key` is unique for address and port and made once. */
export interface ServerAddress {
  readonly family: Family;
  /** Canonical text: "192.0.2.1", "2001:db8::1". */
  readonly address: string;
  /** 1..65535 */
  readonly port: number;
  /** "192.0.2.1:53" or "[2001:db8::1]:53" */
  readonly key: string;
}

export function serverAddress(address: string, port: number): ServerAddress {
  if (isIPv4(address)) return { family: 4, address, port, key: `${address}:${port}` };
  if (!isIPv6(address)) throw new RangeError(`"${address}" is not an IP address`);
  const canonical = new SocketAddress({ address, family: 'ipv6' }).address;
  return { family: 6, address: canonical, port, key: `[${canonical}]:${port}` };
}

/** The address in RDATA of A (4 octets) or AAAA (16 octets); undefined for any other length. */
export function addressFromRdata(rdata: Octets): string | undefined {
  if (rdata.length === 4) {
    return `${rdata.charCodeAt(0)}.${rdata.charCodeAt(1)}.${rdata.charCodeAt(2)}.${rdata.charCodeAt(3)}`;
  }
  if (rdata.length !== 16) return undefined;
  const groups: string[] = [];
  for (let i = 0; i < 16; i += 2) groups.push(((rdata.charCodeAt(i) << 8) | rdata.charCodeAt(i + 1)).toString(16));
  return new SocketAddress({ address: groups.join(':'), family: 'ipv6' }).address;
}

/** An address as 4 or 16 octets; undefined when the text is not an IP address. A zone (%eth0) is ignored. */
export function addressToOctets(address: string): Octets | undefined {
  if (isIPv4(address)) return ipv4ToOctets(address);
  const bare = address.split('%', 1)[0]!;
  return isIPv6(bare) ? ipv6ToOctets(bare) : undefined;
}

/** HOT: of each client's and each server's address. `text` is known to be one. */
function ipv4ToOctets(text: string): Octets {
  let octets = '';
  let value = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === DOT) {
      octets += String.fromCharCode(value);
      value = 0;
    } else value = value * 10 + code - ZERO;
  }
  return (octets + String.fromCharCode(value)) as Octets;
}

const DOT = 0x2e;
const ZERO = 0x30;

function ipv6ToOctets(text: string): Octets {
  const embedded = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text);
  if (embedded) {
    const [a, b, c, d] = embedded[2]!.split('.').map(Number) as [number, number, number, number];
    return ipv6ToOctets(`${embedded[1]}${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`);
  }
  const [head = '', tail] = text.split('::', 2);
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const gap = tail === undefined ? 0 : 8 - left.length - right.length;
  const groups = [...left, ...new Array<string>(gap).fill('0'), ...right].map((g) => Number.parseInt(g, 16));
  return octetsFrom(...groups.flatMap((g) => [g >>> 8, g & 0xff]));
}

/** A set of prefixes, asked "is this address inside?". IPv4-mapped IPv6 addresses are judged as IPv4. */
export class PrefixSet {
  readonly #prefixes: readonly { octets: Octets; bits: number }[];

  /** Throws RangeError naming the first text that is no prefix ("192.0.2.0/24") or address. */
  constructor(texts: readonly string[]) {
    this.#prefixes = texts.map(parsePrefix);
  }

  get isEmpty(): boolean {
    return this.#prefixes.length === 0;
  }

  has(address: string): boolean {
    const octets = addressToOctets(address);
    return octets !== undefined && this.hasOctets(octets);
  }

  /** The same for an address of 4 or 16 octets. */
  hasOctets(octets: Octets): boolean {
    const plain = unmapped(octets);
    for (const prefix of this.#prefixes) if (matches(plain, prefix)) return true;
    return false;
  }
}

/** "192.0.2.0/24" or a bare address. Throws RangeError. */
export function parsePrefix(text: string): { octets: Octets; bits: number } {
  const [address = '', length, ...rest] = text.split('/');
  const octets = addressToOctets(address);
  if (octets === undefined || rest.length > 0)
    throw new RangeError(`"${text}" is not an address prefix like 192.0.2.0/24`);
  const max = octets.length * 8;
  if (length === undefined) return { octets, bits: max };
  if (!/^\d{1,3}$/.test(length) || Number(length) > max) throw new RangeError(`"${text}": prefix length is 0..${max}`);
  return { octets, bits: Number(length) };
}

const MAPPED = octetsFrom(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff);

function unmapped(octets: Octets): Octets {
  return octets.length === 16 && octets.startsWith(MAPPED) ? (octets.slice(12) as Octets) : octets;
}

function matches(octets: Octets, prefix: { octets: Octets; bits: number }): boolean {
  if (octets.length !== prefix.octets.length) return false;
  const whole = prefix.bits >>> 3;
  for (let i = 0; i < whole; i++) if (octets.charCodeAt(i) !== prefix.octets.charCodeAt(i)) return false;
  const rest = prefix.bits & 7;
  if (rest === 0) return true;
  return (octets.charCodeAt(whole) ^ prefix.octets.charCodeAt(whole)) >>> (8 - rest) === 0;
}
