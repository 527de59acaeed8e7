/**
 * What does a signature cost? For each algorithm: verifying one RRset of two addresses as the validator does it (rules,
 * canonical form, signed data, the key made ready once) against bare crypto.verify with the same key object, data and
 * signature. The two take turns in short batches, and the median of the ratios of neighbours is told, so that a noisy
 * machine disturbs both alike.
 */
import { generateKeyPairSync, sign, verify } from 'node:crypto';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { projectRoot } from './ensure.mjs';

const dist = (path) => import(pathToFileURL(join(projectRoot, 'dist', path)).href);
const { nameFromText } = await dist('dns/name.js');
const { concatOctets, octets16, octets32, octetsFrom, octetsOf } = await dist('dns/octets.js');
const { dnskeyOf, rrsigOf } = await dist('dns/dnssec-rdata.js');
const { Algorithms } = await dist('validator/algorithms.js');
const { publicKeyOf } = await dist('validator/public-key.js');
const { signedData } = await dist('validator/signed-data.js');
const { verifyRrset } = await dist('validator/verify-rrset.js');
const { canonicalRdatas } = await dist('wire/canonical.js');

const rsa = (number, bits, hash) => ({ number, what: `RSA ${bits}`, hash, make: ['rsa', { modulusLength: bits }] });
const ALGORITHMS = [
  rsa(5, 1024, 'sha1'),
  rsa(5, 2048, 'sha1'),
  rsa(8, 1024, 'sha256'),
  rsa(8, 2048, 'sha256'),
  { number: 13, what: 'ECDSA P-256', hash: 'sha256', make: ['ec', { namedCurve: 'P-256' }] },
  { number: 14, what: 'ECDSA P-384', hash: 'sha384', make: ['ec', { namedCurve: 'P-384' }] },
  { number: 15, what: 'Ed25519', hash: undefined, make: ['ed25519'] },
  { number: 16, what: 'Ed448', hash: undefined, make: ['ed448'] },
];

const ZONE = nameFromText('example.com.');
const NOW = 1_700_000_000;
const boundless = { charge: () => true, timeLeft: () => 1000, exhausted: undefined, used: () => 0 };
const algorithms = new Algorithms([]);
const BATCH_US = 500;
const ROUNDS = 151;
const WARM_UP_CALLS = 3000;

/** One row for each algorithm: microseconds of both and their ratio. */
export function signatureCosts() {
  return ALGORITHMS.map(costOf);
}

function costOf({ number, what, hash, make }) {
  const { ours, bare } = contenders(number, hash, generateKeyPairSync(...make));
  // Until V8 has compiled what will be measured.
  for (let warm = 0; warm < WARM_UP_CALLS; warm += 100) timed(ours, 100);
  const count = Math.max(1, Math.round(BATCH_US / timed(ours, 100)));
  const rounds = Array.from({ length: ROUNDS }, (_, i) => {
    // Whoever is first in a pair changes, lest one always runs on a warmer cache.
    if (i % 2 === 0) return { ours: timed(ours, count), bare: timed(bare, count) };
    const first = timed(bare, count);
    return { ours: timed(ours, count), bare: first };
  });
  const median = (figures) => figures.sort((a, b) => a - b)[figures.length >> 1];
  return {
    algorithm: `${number} ${what}`,
    ours: median(rounds.map((round) => round.ours)),
    bare: median(rounds.map((round) => round.bare)),
    ratio: median(rounds.map((round) => round.ours / round.bare)),
  };
}

/** Microseconds of a call. */
function timed(call, count) {
  const before = process.hrtime.bigint();
  for (let i = 0; i < count; i++) call();
  return Number(process.hrtime.bigint() - before) / 1000 / count;
}

function contenders(number, hash, { publicKey, privateKey }) {
  const dnskey = dnskeyOf(concatOctets(octets16(0x0100), octetsFrom(3, number), publicKeyField(publicKey)));
  const rdatas = [octetsFrom(192, 0, 2, 7), octetsFrom(192, 0, 2, 1)];
  const unsigned = { name: nameFromText('www.example.com.'), type: 1, ttl: 3600, rdatas, signatures: [] };
  const head = concatOctets(
    octets16(1),
    octetsFrom(number, 3),
    octets32(3600),
    octets32(NOW + 86_400),
    octets32(NOW - 86_400),
    octets16(dnskey.keyTag),
    ZONE,
  );
  const blank = rrsigOf(concatOctets(head, octetsFrom(0)));
  const data = signedData(blank, unsigned.name, unsigned.type, canonicalRdatas(1, rdatas));
  const signature = sign(hash, data, { key: privateKey, dsaEncoding: 'ieee-p1363' });
  const rrset = { ...unsigned, signatures: [concatOctets(head, octetsOf(signature))] };
  const { key, dsaEncoding } = publicKeyOf(dnskey);
  const bareKey = dsaEncoding === undefined ? key : { key, dsaEncoding };
  const ours = () => verifyRrset(rrset, ZONE, [dnskey], NOW, boundless, algorithms);
  const bare = () => verify(hash, data, bareKey, signature);
  if (ours().kind !== 'secure' || !bare()) throw new Error(`the signature of algorithm ${number} does not hold`);
  return { ours, bare };
}

/** RFC 3110 §2, RFC 6605 §4, RFC 8080 §3. */
function publicKeyField(publicKey) {
  const { kty, n, e, x, y } = publicKey.export({ format: 'jwk' });
  const field = (text = '') => octetsOf(Buffer.from(text, 'base64url'));
  if (kty !== 'RSA') return concatOctets(field(x), field(y));
  return concatOctets(octetsFrom(field(e).length), field(e), field(n));
}
