/** Records whose fields depend on each other and which are hardly met: HIP, WKS, A6. */
import { nameToText } from '../../dns/name.js';
import { type Octets, octets16 } from '../../dns/octets.js';
import type { OctetReader } from '../octet-reader.js';
import { PresentationError } from '../presentation-error.js';
import type { TokenReader } from '../token-reader.js';
import { addressText, ipv4FromText, ipv6FromText } from './address-fields.js';
import { base64FromText, base64Text, hexFromText, hexText } from './blob-fields.js';
import { fieldOf } from './field-codec.js';
import { names, wireOfToken } from './name-fields.js';
import { uintFromText } from './number-fields.js';

/** RFC 8005 §5: both lengths stand in front, the text has algorithm, HIT, key and rendezvous servers. */
export const hip = fieldOf({
  fromTokens(tokens) {
    const algorithm = uintFromText(tokens.next('a key algorithm'), 255);
    const hit = hexFromText(tokens.next('a host identity tag'));
    const key = base64FromText(tokens.next('a public key'));
    if (hit.length === 0 || hit.length > 255) throw new PresentationError('a host identity tag has 1 to 255 octets');
    if (key.length === 0 || key.length > 0xffff) throw new PresentationError('a public key has 1 to 65535 octets');
    return String.fromCharCode(hit.length, algorithm) + octets16(key.length) + hit + key + names.fromTokens(tokens);
  },
  take(octets) {
    const [hitLength, algorithm, keyLength] = [octets.uint8(), octets.uint8(), octets.uint16()];
    if (hitLength === 0 || keyLength === 0) throw new PresentationError('HIP lacks its tag or key');
    const hit = hexText(octets.take(hitLength));
    const publicKey = base64Text(octets.take(keyLength));
    const servers: string[] = [];
    while (octets.remaining > 0) servers.push(nameToText(octets.name()));
    return { algorithm, hit, publicKey, servers };
  },
  text: ({ algorithm, hit, publicKey, servers }) => [algorithm, hit, publicKey, ...servers].join(' '),
});

const PROTOCOLS: Readonly<Record<string, number>> = { ICMP: 1, TCP: 6, UDP: 17 };
/** Services old zone files name; others are written as port numbers. */
// biome-ignore format: a table reads better in rows
const SERVICES: Readonly<Record<string, number>> = {
  ECHO: 7, DISCARD: 9, DAYTIME: 13, 'FTP-DATA': 20, FTP: 21, SSH: 22, TELNET: 23, SMTP: 25, TIME: 37, NAMESERVER: 42,
  DOMAIN: 53, TFTP: 69, GOPHER: 70, FINGER: 79, HTTP: 80, POP3: 110, SUNRPC: 111, NNTP: 119, NTP: 123, IMAP: 143,
  SNMP: 161, HTTPS: 443,
};

/** RFC 1035 §3.4.2: one bit for each port with a service. */
export const wellKnownServices = fieldOf({
  fromTokens(tokens) {
    const address = ipv4FromText(tokens.next('an IPv4 address'));
    const protocol = numberOrName(tokens.next('a protocol'), PROTOCOLS, 255);
    const bits: number[] = [];
    for (const token of tokens.rest()) {
      const port = numberOrName(token, SERVICES, 0xffff);
      while (bits.length <= port >>> 3) bits.push(0);
      bits[port >>> 3]! |= 0x80 >>> (port & 7);
    }
    return address + String.fromCharCode(protocol) + Buffer.from(bits).latin1Slice();
  },
  take(octets) {
    const address = addressText(octets.take(4));
    const protocol = octets.uint8();
    return { address, protocol, ports: takePorts(octets) };
  },
  text: ({ address, protocol, ports }) => [address, protocol, ...ports].join(' '),
});

function numberOrName(token: string, table: Readonly<Record<string, number>>, max: number): number {
  const upper = token.toUpperCase();
  return Object.hasOwn(table, upper) ? table[upper]! : uintFromText(token, max);
}

function takePorts(octets: OctetReader): number[] {
  const bits = octets.rest();
  if (bits.length > 8192 || bits.endsWith('\0')) throw new PresentationError('WKS has a malformed bit map');
  const ports: number[] = [];
  for (let i = 0; i < bits.length * 8; i++) if (bits.charCodeAt(i >>> 3) & (0x80 >>> (i & 7))) ports.push(i);
  return ports;
}

/** RFC 2874 §3.1: the last 128 - n bits of an address, and the name that has the first n. */
export const a6 = fieldOf({
  fromTokens(tokens) {
    const prefixLength = uintFromText(tokens.next('a prefix length'), 128);
    const suffix = prefixLength === 128 ? '' : suffixFromTokens(tokens, prefixLength);
    const prefix = prefixLength === 0 ? '' : wireOfToken(tokens.next('a prefix name'), tokens.origin);
    return String.fromCharCode(prefixLength) + suffix + prefix;
  },
  take(octets) {
    const prefixLength = octets.uint8();
    if (prefixLength > 128) throw new PresentationError('A6 has a malformed prefix length');
    const suffix = octets.take(16 - (prefixLength >>> 3));
    const spare = prefixLength & 7;
    if (spare > 0 && suffix.charCodeAt(0) >>> (8 - spare) !== 0) throw new PresentationError('A6 has stray bits');
    const address = prefixLength === 128 ? undefined : addressText(suffix.padStart(16, '\0') as Octets);
    return { prefixLength, suffix: address, prefix: prefixLength === 0 ? undefined : nameToText(octets.name()) };
  },
  text: ({ prefixLength, suffix, prefix }) => [prefixLength, suffix, prefix].filter((x) => x !== undefined).join(' '),
});

function suffixFromTokens(tokens: TokenReader, prefixLength: number): string {
  const address = ipv6FromText(tokens.next('an address suffix'));
  const octets = address.slice(prefixLength >>> 3);
  const first = octets.charCodeAt(0) & (0xff >>> (prefixLength & 7));
  return String.fromCharCode(first) + octets.slice(1);
}
