/**
 * The zones of the signed internet. Top-level domains named after who signs what is below them; `broken.`, where every
 * zone has one thing wrong; `deep.`, a chain of seven signed zones; `plain.`, which is not signed.
 */
import type { Algorithm, Denial, DsRecord, ServerName, SignerName, Signing, Zone } from './signed-zone.js';

const SERVER_OF: Readonly<Record<SignerName, ServerName>> = { ldns: 'nsd', bind: 'bind', knot: 'knot' };

/** Everything whose verdict differs by what a zone holds: aliases over borders, wildcards, empty non-terminals. */
const FURNITURE = `
@ A 203.0.113.80
@ MX 10 mail
@ TXT "apex"
mail A 203.0.113.25
www A 203.0.113.81
www AAAA 2001:db8:80::81
alias CNAME www
to-secure CNAME www.nsec-13.bind.
to-insecure CNAME www.plain.
to-bogus CNAME www.altered.broken.
to-nothing CNAME none
a.ent TXT "below an empty non-terminal"
x.y.z TXT "below two"
*.wild A 203.0.113.82
*.wild TXT "made from a wildcard"
b.wild A 203.0.113.83
*.many CNAME www
tree DNAME wild
out DNAME wild.plain.
`;

/** Enough to be wrong in. */
const FEW = `
@ A 203.0.113.90
www A 203.0.113.91
old A 203.0.113.92
alias CNAME www
a.ent TXT "below an empty non-terminal"
*.wild A 203.0.113.93
`;

function furnished(
  name: string,
  signer: SignerName,
  algorithm: Algorithm,
  denial: Denial,
  extra?: Partial<Signing>,
): Zone {
  return {
    name,
    server: SERVER_OF[signer],
    content: 'furnished',
    records: FURNITURE,
    signing: { signer, algorithm, denial, ...extra },
  };
}

function few(name: string, signer: SignerName, algorithm: Algorithm, denial: Denial, extra?: Partial<Signing>): Zone {
  return { ...furnished(name, signer, algorithm, denial, extra), content: 'few', records: FEW };
}

function delegations(name: string, signer: SignerName, algorithm: Algorithm, denial: Denial): Zone {
  return { ...furnished(name, signer, algorithm, denial), content: 'delegations', records: '@ TXT "apex"' };
}

function unsigned(name: string, server: ServerName): Zone {
  return { name, server, content: 'few', records: FEW };
}

const digest =
  (...types: readonly number[]) =>
  (offered: readonly DsRecord[]) =>
    offered.filter(({ digestType }) => types.includes(digestType));

const zeros = (ds: DsRecord): DsRecord => ({ ...ds, digest: ds.digest.replaceAll(/./g, '0') });

const root: Zone = {
  ...delegations('.', 'ldns', 8, 'nsec'),
  server: 'root',
};

const topLevel: readonly Zone[] = [
  delegations('ldns.', 'ldns', 13, 'nsec'),
  delegations('bind.', 'bind', 8, 'opt-out'),
  delegations('knot.', 'knot', 13, 'nsec3'),
  delegations('broken.', 'ldns', 13, 'nsec'),
  delegations('deep.', 'bind', 13, 'nsec'),
  unsigned('plain.', 'nsd'),
];

const sound: readonly Zone[] = [
  furnished('nsec-8.ldns.', 'ldns', 8, 'nsec'),
  furnished('nsec3-13.ldns.', 'ldns', 13, 'nsec3'),
  furnished('optout-15.ldns.', 'ldns', 15, 'opt-out'),
  furnished('nsec-16.ldns.', 'ldns', 16, 'nsec'),
  furnished('nsec3-10.ldns.', 'ldns', 10, 'nsec3'),
  furnished('nsec-13.bind.', 'bind', 13, 'nsec'),
  furnished('nsec3-8.bind.', 'bind', 8, 'nsec3', { ds: digest(1) }),
  furnished('optout-16.bind.', 'bind', 16, 'opt-out', { ds: digest(2, 4) }),
  furnished('nsec3-15.bind.', 'bind', 15, 'nsec3'),
  furnished('nsec-14.bind.', 'bind', 14, 'nsec', { ds: digest(4) }),
  furnished('nsec-15.knot.', 'knot', 15, 'nsec'),
  furnished('nsec3-16.knot.', 'knot', 16, 'nsec3'),
  furnished('optout-13.knot.', 'knot', 13, 'opt-out', { ds: digest(4) }),
  furnished('nsec-8.knot.', 'knot', 8, 'nsec'),
  furnished('nsec3-14.knot.', 'knot', 14, 'nsec3'),
  furnished('online-13.knot.', 'knot', 13, 'online'),
];

/** Every furnished zone delegates `plain` without DS. */
const insecureChildren = sound.map(
  ({ name, server }): Zone => ({ ...unsigned(`plain.${name}`, server), content: 'above' }),
);

const deep: readonly Zone[] = [
  few('d1.deep.', 'knot', 15, 'nsec3'),
  few('d2.d1.deep.', 'ldns', 16, 'opt-out'),
  few('d3.d2.d1.deep.', 'bind', 8, 'nsec'),
  few('d4.d3.d2.d1.deep.', 'knot', 14, 'opt-out'),
  few('d5.d4.d3.d2.d1.deep.', 'ldns', 15, 'nsec'),
  few('d6.d5.d4.d3.d2.d1.deep.', 'bind', 13, 'nsec3'),
  // The cut is two labels down: the labels between are empty non-terminals of the parent.
  few('below.two.ents.deep.', 'ldns', 13, 'nsec'),
  unsigned('below.two.ents.bind.', 'bind'),
  unsigned('gap.deep.', 'bind'),
  // Signed, but nobody above vouches for it.
  few('island.gap.deep.', 'ldns', 13, 'nsec'),
];

const isSignature = (line: string) => /\sIN\s+RRSIG\s/.test(line);
const isDenial = (line: string) => /\sIN\s+(RRSIG\s+)?NSEC3?\s/.test(line);
const startsWith = (owner: string) => (line: string) => line.startsWith(`${owner}\t`);
const covers = (type: string) => (line: string) => new RegExp(`\\sIN\\s+RRSIG\\s+${type}\\s`).test(line);

const expired = { from: -40 * 24, to: -10 * 24 };
const future = { from: 10 * 24, to: 40 * 24 };

const broken: readonly Zone[] = [
  few('expired.broken.', 'ldns', 13, 'nsec', { window: expired }),
  few('child.expired.broken.', 'bind', 13, 'nsec'),
  few('future.broken.', 'bind', 15, 'nsec3', { window: future }),
  few('old-record.broken.', 'ldns', 13, 'nsec', { resigned: { owner: 'old.old-record.broken.', window: expired } }),
  few('new-record.broken.', 'ldns', 8, 'nsec3', { resigned: { owner: 'old.new-record.broken.', window: future } }),
  few('wrong-ds.broken.', 'ldns', 13, 'nsec', { ds: (offered) => digest(2)(offered).map(zeros) }),
  few('wrong-tag.broken.', 'knot', 13, 'nsec', {
    ds: (offered) => digest(2)(offered).map((ds) => ({ ...ds, keyTag: (ds.keyTag + 1) % 65_536 })),
  }),
  // RFC 4509 §3: SHA-1 may not stand in for a SHA-256 that fails.
  few('downgrade.broken.', 'bind', 13, 'nsec', {
    ds: (offered) => [...digest(1)(offered), ...digest(2)(offered).map(zeros)],
  }),
  few('one-good-ds.broken.', 'bind', 14, 'nsec', {
    ds: (offered) => [...digest(2)(offered).map(zeros), ...digest(2)(offered)],
  }),
  few('stripped.broken.', 'ldns', 13, 'nsec', { spoil: (lines) => lines.filter((line) => !isSignature(line)) }),
  few('record-stripped.broken.', 'ldns', 13, 'nsec', {
    spoil: (lines) => lines.filter((line) => !(startsWith('www.record-stripped.broken.')(line) && covers('A')(line))),
  }),
  few('keys-stripped.broken.', 'ldns', 13, 'nsec', {
    spoil: (lines) => lines.filter((line) => !covers('DNSKEY')(line)),
  }),
  few('no-keys.broken.', 'ldns', 13, 'nsec', {
    spoil: (lines) => lines.filter((line) => !/\sIN\s+(RRSIG|DNSKEY|NSEC)\s/.test(line)),
  }),
  few('altered.broken.', 'ldns', 13, 'nsec', {
    spoil: (lines) => lines.map((line) => line.replace(/(?<=\sIN\s+A\s+203\.0\.113\.)91/, '99')),
  }),
  few('no-nsec.broken.', 'ldns', 13, 'nsec', { spoil: (lines) => lines.filter((line) => !isDenial(line)) }),
  few('no-nsec3.broken.', 'ldns', 15, 'nsec3', { spoil: (lines) => lines.filter((line) => !isDenial(line)) }),
  few('unknown-algorithm.broken.', 'ldns', 13, 'nsec', {
    ds: (offered) => digest(2)(offered).map((ds) => ({ ...ds, algorithm: 200 })),
  }),
  few('unknown-digest.broken.', 'ldns', 13, 'nsec', {
    ds: (offered) => digest(2)(offered).map((ds) => ({ ...ds, digestType: 200 })),
  }),
  few('unknown-and-known.broken.', 'knot', 15, 'nsec3', {
    ds: (offered) => [
      ...digest(2)(offered),
      ...digest(2)(offered).map((ds) => ({ ...ds, algorithm: 200 })),
      ...digest(2)(offered).map((ds) => ({ ...ds, digestType: 200 })),
    ],
  }),
];

/** Two of the broken zones delegate an unsigned zone: without proof, and with one that has expired. */
const belowBroken: readonly Zone[] = [
  unsigned('plain.no-nsec.broken.', 'nsd'),
  unsigned('plain.expired.broken.', 'nsd'),
];

export const signedInternetZones: readonly Zone[] = [
  root,
  ...topLevel,
  ...sound,
  ...insecureChildren,
  ...deep,
  ...broken,
  ...belowBroken,
];
