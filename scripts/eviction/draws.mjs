/**
 * What a trace does not tell (sizes, TTLs, costs of fetching) is drawn by name: the same name has the same figures in
 * every run with the same seed, whatever the policy and the order. docs/eviction.md says from which distributions.
 */
import { createHash } from 'node:crypto';

/** A uniform number above 0 and below 1 for a name, by seed and purpose. */
export function uniform(seed, purpose, name) {
  const digest = createHash('md5').update(`${seed} ${purpose} ${name}`).digest();
  return (digest.readUInt32LE(0) + 0.5) / 2 ** 32;
}

/** Normal with mean 0 and deviation 1 (Box and Muller). */
function normal(seed, purpose, name) {
  const radius = Math.sqrt(-2 * Math.log(uniform(seed, `${purpose} r`, name)));
  return radius * Math.cos(2 * Math.PI * uniform(seed, `${purpose} a`, name));
}

/** Exchanges 1 to 3; milliseconds log-normal for each, median 30; at most 5 s. By domain: one place serves its names. */
export function drawCost(seed, domain) {
  const exchanges = 1 + Math.floor(3 * uniform(seed, 'exchanges', domain));
  const each = 30 * Math.exp(0.9 * normal(seed, 'rtt', domain));
  return { exchanges, ms: Math.min(5000, Math.max(1, Math.round(each * exchanges))) };
}

const TTLS = [
  [0.1, 30],
  [0.3, 60],
  [0.6, 300],
  [0.85, 3600],
  [1, 86_400],
];

/** Seconds. */
export function drawTtl(seed, question) {
  const u = uniform(seed, 'ttl', question);
  return TTLS.find(([upTo]) => u < upTo)[1];
}

/** Records in an answer: one mostly, log-normal. */
export function drawRecords(seed, question) {
  return Math.min(50, 1 + Math.floor(Math.exp(0.7 * normal(seed, 'records', question)) - 0.5));
}

const SIGNED_SHARE = 0.1;
const SIGNATURE_OCTETS = 130;
const SOA_OCTETS = 90;

/** Octets of an entry's body behind its head: RDATA, and for one domain in ten its signature. */
export function bodyOctets(seed, domain, type, records) {
  const each = type === 1 ? 6 : type === 28 ? 18 : 30;
  const signed = uniform(seed, 'signed', domain) < SIGNED_SHARE ? SIGNATURE_OCTETS + domain.length : 0;
  return 4 + (records === 0 ? SOA_OCTETS : records * each) + signed;
}
