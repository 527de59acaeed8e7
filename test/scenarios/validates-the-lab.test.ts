/** The lab's signed and broken zones through the whole resolver, over the simulated network: verdicts and reasons. */
import { beforeAll, describe, expect, test } from 'vitest';
import { type Composed, composeResolver } from '../../src/cli/compose.js';
import { parseConfig } from '../../src/config/load-config.js';
import { nameFromText } from '../../src/dns/name.js';
import { Rcode, typeFromText } from '../../src/dns/numbers.js';
import type { Resolution } from '../../src/dns/resolution.js';
import { readLab } from '../../src/lab/read-lab.js';
import { BUILT_IN_LAB } from '../../src/lab/start-lab.js';
import { SimClock } from '../sim/clock.js';
import { SimNetwork } from '../sim/network.js';
import { seededRandom } from '../sim/random.js';

const clock = new SimClock();
const log = { debug() {}, info() {}, warn() {}, error() {} };
let lab: Composed;

beforeAll(async () => {
  const { servers, hints, trustAnchors } = await readLab(BUILT_IN_LAB, Math.floor(clock.wall() / 1000));
  const network = new SimNetwork(clock);
  for (const { address, zones } of servers) network.server(address).zones.push(...zones);
  const yaml = `upstream: { allowLoopback: true }\ndnssec: { trustAnchors: ${JSON.stringify(trustAnchors)} }`;
  const outcome = parseConfig(yaml, 'test');
  if (!outcome.ok) throw new Error(outcome.problems[0]?.message);
  const config = { ...outcome.config, rootHints: { servers: hints } };
  lab = composeResolver(config, { log, clock, random: seededRandom(3), exchange: network });
});

function ask(question: string, checkingDisabled = false): Promise<Resolution> {
  const [name = '', type = 'A'] = question.split(' ');
  const options = { checkingDisabled, trace: undefined };
  return clock.run(lab.resolver.resolve({ name: nameFromText(name), type: typeFromText(type)!, class: 1 }, options));
}

describe('secure', () => {
  test.each([
    'rsasha256.dnssec.info. SOA',
    'rsasha512.dnssec.info. SOA',
    'ecdsap256.dnssec.info. SOA',
    'ecdsap384.dnssec.info. SOA',
    'ed25519.dnssec.info. SOA',
    'ed448.dnssec.info. SOA',
    'dnssec.info. DNSKEY',
    'dnssec.info. DS',
    'secure.optout.dnssec.info. SOA',
    'nsec3.dnssec.info. MX',
    'no-such-name.nsec3.dnssec.info. A',
    'no-such-name.dnssec.info. A',
    'no-such-tld-at-all. A',
  ])('%s', async (question) => {
    const { security, rcode } = await ask(question);
    expect([security.kind, rcode === Rcode.SERVFAIL]).toEqual(['secure', false]);
  });
});

describe('insecure, by proof', () => {
  test.each([
    'insecure.dnssec.info. SOA',
    'insecure.nsec3.dnssec.info. SOA',
    'insecure.optout.dnssec.info. SOA',
    'insecure.deep.optout.dnssec.info. SOA',
    'unknown-algorithm.dnssec.info. SOA',
    'unknown-digest.dnssec.info. SOA',
    'no-such-name.iterations.dnssec.info. A',
  ])('%s', async (question) => {
    expect((await ask(question)).security.kind).toBe('insecure');
  });
});

describe('bogus: SERVFAIL with the reason (RFC 8914), data with CD (RFC 4035 §3.2.2)', () => {
  test.each([
    ['expired.dnssec.info. SOA', 7, /expired/],
    ['not-yet-valid.dnssec.info. SOA', 8, /not.*valid/],
    ['wrong-key.dnssec.info. SOA', 6, /wrong-key\.dnssec\.info\./],
    ['stripped.dnssec.info. SOA', 10, /no signature/],
    ['never-signed.dnssec.info. SOA', undefined, /never-signed\.dnssec\.info\./],
    ['ds-of-another-key.dnssec.info. SOA', 9, /key tag/],
    ['ds-wrong-digest.dnssec.info. SOA', 9, /key tag/],
    ['no-such-name.no-proof.dnssec.info. A', undefined, /./],
    ['wrong-signer.dnssec.info. SOA', undefined, /wrong-signer\.dnssec\.info\./],
    ['unpublished-key.dnssec.info. SOA', undefined, /unpublished-key\.dnssec\.info\./],
  ])('%s', async (question, code, text) => {
    const { rcode, because, answer } = await ask(question);
    expect([rcode, answer]).toEqual([Rcode.SERVFAIL, []]);
    if (code !== undefined) expect(because[0]?.code).toBe(code);
    expect(because[0]?.text).toMatch(text);
    expect((await ask(question, true)).rcode).not.toBe(Rcode.SERVFAIL);
    expect((await ask(question)).rcode).toBe(Rcode.SERVFAIL);
  });
});
