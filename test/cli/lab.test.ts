/** The lab as `rootwalk lab` runs it: which parts of a configuration are the lab's, and does its chain of trust hold? */
import pino from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { introduction, labConfig } from '../../src/cli/lab.js';
import { type Daemon, startDaemon } from '../../src/cli/serve.js';
import type { Config } from '../../src/config/config.js';
import { configProblemToText, parseConfig } from '../../src/config/load-config.js';
import { serverAddress } from '../../src/dns/address.js';
import { nameFromText } from '../../src/dns/name.js';
import { Class, Rcode, Type } from '../../src/dns/numbers.js';
import type { Resolution } from '../../src/dns/resolution.js';
import { type RunningLab, startLab } from '../../src/lab/start-lab.js';

const silent = pino({ level: 'silent' });

function configOf(yaml: string): Config {
  const outcome = parseConfig(yaml, 'test.yaml');
  if (!outcome.ok) throw new Error(outcome.problems.map(configProblemToText).join('\n'));
  return outcome.config;
}

describe('the configuration of a lab', () => {
  const lab = {
    hints: [{ name: nameFromText('a.root.'), addresses: ['127.77.0.1'] }],
    port: 5398,
    trustAnchors: [`. IN DS 1 13 2 ${'ab'.repeat(32)}`],
  };

  it('has root, anchors and upstream from the lab, all else from the file', () => {
    const file = configOf(`
listen: ["127.0.0.1:5555"]
http: { listen: "127.0.0.1:8888", token: 0123456789abcdef0 }
access: { allow: [192.0.2.0/24] }
cache: { maxTtl: 77 }
upstream: { port: 53, ipv4: false, cookies: false }
log: { level: warn, queries: true }
`);
    const config = labConfig(file, lab);
    const { listen, http, access, cache, log } = file;
    expect(config).toMatchObject({ listen, http, access, cache, log, rootHints: { servers: lab.hints } });
    const ofLab = { port: 5398, allowLoopback: true, ipv4: true, ipv6: false };
    expect(config.upstream).toEqual({ ...file.upstream, ...ofLab });
    expect(config.dnssec).toMatchObject({ mode: file.dnssec.mode, trustAnchors: [{ type: Type.DS }] });
  });

  it('keeps the mode of the file', () => {
    expect(labConfig(configOf('dnssec: { mode: off }'), lab).dnssec.mode).toBe('off');
  });
});

const CONFIG = 'listen: ["127.0.0.1:0"]\nhttp: false\ncache: { keepWarm: [{ name: www.example.com, type: A }] }';

describe('a running lab', () => {
  let lab: RunningLab;
  let daemon: Daemon;
  beforeAll(async () => {
    lab = await startLab({ log: silent, port: 0 });
    daemon = await startDaemon(labConfig(configOf(CONFIG), lab), silent);
  });
  afterAll(async () => {
    await daemon.stop();
    await lab.close();
  });

  it('shows what to try, in words that a shell leaves as they are', () => {
    expect(introduction(lab, daemon)).toMatch(/^ {2}dig @127\.0\.0\.1 -p \d+ 'a\\\.b\.escapes\.org' TXT +# a dot/m);
    expect(introduction(lab, daemon)).toMatch(/^ {2}dig @127\.0\.0\.1 -p \d+ www\.example\.com A +# /m);
    expect(introduction(lab, { ...daemon, http: serverAddress('127.0.0.1', 8053) })).toContain(
      '\n  rootwalk why www.expired.dnssec.info\n',
    );
  });

  const resolve = (name: string): Promise<Resolution> => {
    const question = { name: nameFromText(name), type: Type.A, class: Class.IN };
    return daemon.composed.resolver.resolve(question, { checkingDisabled: false, trace: undefined });
  };

  it('answers, and its signed zones are secure by its own anchor', async () => {
    expect(await resolve('www.example.com')).toMatchObject({ rcode: Rcode.NOERROR });
    const signed = await resolve('www.ecdsap256.dnssec.info');
    expect(signed).toMatchObject({ rcode: Rcode.NOERROR, security: { kind: 'secure' } });
  });

  it('keeps warm what the configuration names', async () => {
    const warm = () => daemon.composed.inspection.stats().refreshes.byCause.warm;
    while (warm().succeeded + warm().failed < 1) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(warm().succeeded).toBeGreaterThan(0);
  });

  it('another one runs beside it', async () => {
    const second = await startLab({ log: silent, port: 0 });
    expect(second.port).not.toBe(lab.port);
    await second.close();
  });
});
