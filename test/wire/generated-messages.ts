/** Generators of names, RDATA and messages of every kind for the properties of this folder. */
import fc from 'fast-check';
import type { Edns, EdnsOption, Message, Question } from '../../src/dns/message.js';
import { type DomainName, nameFromWire } from '../../src/dns/name.js';
import { Class, Type } from '../../src/dns/numbers.js';
import { type Octets, octetsOf } from '../../src/dns/octets.js';
import type { ResourceRecord } from '../../src/dns/rrset.js';
import { CHARACTER_STRING, NAME, REST, rdataLayout } from '../../src/wire/rdata-names.js';

export function octets(minLength: number, maxLength: number): fc.Arbitrary<Octets> {
  return fc.uint8Array({ minLength, maxLength }).map((bytes) => octetsOf(bytes));
}

const anyLabel = fc.oneof(
  { weight: 1, arbitrary: octets(1, 63) },
  { weight: 3, arbitrary: fc.stringMatching(/^[a-zA-Z0-9-]{1,12}$/) },
);

/** Endings many names share, so that compression has something to find; the last leaves room for little more. */
const endings = [
  '\0',
  '\x03com\0',
  '\x07Example\x03com\0',
  '\x07example\x03com\0',
  `${`\x3f${'x'.repeat(63)}`.repeat(3)}\0`,
];

/** A well-formed uncompressed name of any octets, in any spelling. */
export const spelledName: fc.Arbitrary<Octets> = fc
  .tuple(fc.array(anyLabel, { maxLength: 5 }), fc.constantFrom(...endings))
  .map(([labels, ending]) => {
    let name = ending;
    for (const label of labels) {
      const longer = String.fromCharCode(label.length) + label + name;
      if (longer.length <= 255) name = longer;
    }
    return name as Octets;
  });

const domainName: fc.Arbitrary<DomainName> = spelledName.map(nameFromWire);

/** RDATA that is right for its type as far as this folder looks at it. */
export function rdataOf(type: number, klass: number): fc.Arbitrary<Octets> {
  if (klass === Class.IN && type === Type.A) return octets(4, 4);
  if (klass === Class.IN && type === Type.AAAA) return octets(16, 16);
  const layout = rdataLayout(type);
  if (layout === undefined) return octets(0, 60);
  const parts = layout.parts.map((part): fc.Arbitrary<string> => {
    if (part === NAME) return spelledName;
    if (part === REST) return octets(0, 40);
    if (part === CHARACTER_STRING) return octets(0, 30).map((text) => String.fromCharCode(text.length) + text);
    return octets(part, part);
  });
  return fc.tuple(...parts).map((texts) => texts.join('') as Octets);
}

const recordTypes = Object.values(Type).filter((type) => type !== Type.OPT);

const anyType: fc.Arbitrary<number> = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...recordTypes) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 0xffff }).filter((type) => type !== Type.OPT) },
);

const anyClass: fc.Arbitrary<number> = fc.oneof(
  { weight: 8, arbitrary: fc.constant<number>(Class.IN) },
  { weight: 1, arbitrary: fc.constantFrom<number>(Class.CH, Class.NONE, Class.ANY) },
);

const resourceRecord: fc.Arbitrary<ResourceRecord> = fc
  .tuple(domainName, anyType, anyClass, fc.integer({ min: 0, max: 0xffffffff }))
  .chain(([name, type, klass, ttl]) => rdataOf(type, klass).map((rdata) => ({ name, type, class: klass, ttl, rdata })));

const ednsOption: fc.Arbitrary<EdnsOption> = fc.record({
  code: fc.integer({ min: 0, max: 0xffff }),
  data: octets(0, 40),
});

const someEdns: fc.Arbitrary<Edns> = fc.record({
  version: fc.integer({ min: 0, max: 255 }),
  udpSize: fc.integer({ min: 0, max: 0xffff }),
  dnssecOk: fc.boolean(),
  options: fc.array(ednsOption, { maxLength: 6 }),
});

const question: fc.Arbitrary<Question> = fc.record({ name: domainName, type: anyType, class: anyClass });

/** Records as they come in replies: some of them several to an owner and type. */
const section: fc.Arbitrary<ResourceRecord[]> = fc
  .array(fc.tuple(resourceRecord, fc.integer({ min: 1, max: 3 })), { maxLength: 5 })
  .map((groups) => groups.flatMap(([record, count]) => new Array<ResourceRecord>(count).fill(record)));

/** Any message that can be written in full: its octets read back must be equal to it. */
export const message: fc.Arbitrary<Message> = fc
  .record({
    id: fc.integer({ min: 0, max: 0xffff }),
    opcode: fc.integer({ min: 0, max: 15 }),
    rcode: fc.integer({ min: 0, max: 0xfff }),
    qr: fc.boolean(),
    aa: fc.boolean(),
    tc: fc.boolean(),
    rd: fc.boolean(),
    ra: fc.boolean(),
    ad: fc.boolean(),
    cd: fc.boolean(),
    questions: fc.array(question, { maxLength: 2 }),
    answer: section,
    authority: section,
    additional: section,
    edns: fc.option(someEdns, { nil: undefined }),
  })
  .map((m) => (m.edns === undefined ? { ...m, rcode: m.rcode & 0xf } : m));
