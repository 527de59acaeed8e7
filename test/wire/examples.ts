/** Messages and octets written briefly, for tests that tell one case each. */
import type { Message } from '../../src/dns/message.js';
import { nameFromText, wireFromText } from '../../src/dns/name.js';
import { Class, Type } from '../../src/dns/numbers.js';
import { concatOctets, type Octets, octets16, octets32, octetsFrom } from '../../src/dns/octets.js';
import type { ResourceRecord } from '../../src/dns/rrset.js';

/** A response to www.example.com. A, changed as given. */
export function reply(changes: Partial<Message> = {}): Message {
  return {
    id: 0x1234,
    opcode: 0,
    rcode: 0,
    qr: true,
    aa: false,
    tc: false,
    rd: true,
    ra: true,
    ad: false,
    cd: false,
    questions: [{ name: nameFromText('www.example.com.'), type: Type.A, class: Class.IN }],
    answer: [],
    authority: [],
    additional: [],
    edns: undefined,
    ...changes,
  };
}

export function record(owner: string, type: number, rdata: Octets, klass: number = Class.IN): ResourceRecord {
  return { name: nameFromText(owner), type, class: klass, ttl: 300, rdata };
}

export function address(owner: string, last: number): ResourceRecord {
  return record(owner, Type.A, octetsFrom(192, 0, 2, last));
}

/** An RRSIG over a type, with a signature of so many octets. */
export function rrsig(owner: string, covered: number, octets: number): ResourceRecord {
  const fixed = concatOctets(
    octets16(covered),
    octetsFrom(13, 2),
    octets32(300),
    octets32(2),
    octets32(1),
    octets16(7),
  );
  return record(owner, Type.RRSIG, concatOctets(fixed, wireFromText('example.com.'), 's'.repeat(octets) as Octets));
}

/** Octets of a message from hexadecimal with spaces: the counts, then what follows. Flags say response. */
export function octetsOfMessage(counts: readonly [number, number, number, number], hex: string): Buffer {
  const header = [0x1234, 0x8180, ...counts].map((word) => word.toString(16).padStart(4, '0')).join('');
  return Buffer.from(header + hex.replace(/\s+/g, ''), 'hex');
}
