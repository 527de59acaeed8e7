/** rootwalk query: asking a server as dig does, and resolving in this process. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { nameFromText } from '../../src/dns/name.js';
import { Rcode, Type } from '../../src/dns/numbers.js';
import { extendedErrorOption } from '../../src/wire/edns.js';
import { a, record, soa } from '../http/fake-inspection.js';
import { run } from './captured-terminal.js';
import { type Answer, type FakeDnsServer, fakeDnsServer } from './fake-dns-server.js';

let server: FakeDnsServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

const ADDRESS = a('www.example.org', 300, 192, 0, 2, 1);
const ALIAS = record('alias.example.org', Type.CNAME, 60, nameFromText('www.example.org'));

describe('--server', () => {
  const ask = async (answer: Answer, words: string) => {
    server = await fakeDnsServer(answer);
    return run(`query ${words} --server 127.0.0.1:${server.port}`);
  };

  it('prints the reply as dig does', async () => {
    const { code, out } = await ask(() => ({ answer: [ADDRESS], authority: [soa('example.org')] }), 'www.example.org');
    expect(code).toBe(0);
    expect(
      out
        .replace(/id: \d+/, 'id: 1')
        .replace(/time: [\d.]+/, 'time: 2.5')
        .replace(/127\.0\.0\.1:\d+/, 'HERE'),
    ).toBe(
      `;; ->>HEADER<<- opcode: QUERY, status: NOERROR, id: 1
;; flags: qr rd ra; QUERY: 1, ANSWER: 1, AUTHORITY: 1, ADDITIONAL: 1

;; OPT PSEUDOSECTION:
; EDNS: version: 0, flags:; udp: 1232

;; QUESTION SECTION:
;www.example.org.\t\tIN\tA

;; ANSWER SECTION:
www.example.org. 300 IN A 192.0.2.1

;; AUTHORITY SECTION:
example.org. 300 IN SOA ns1.example.org. hostmaster.example.org. 1 3600 900 604800 300

;; Query time: 2.5 ms
;; Server: HERE (UDP)
;; Message size: 128 octets
`.replace('128', String(/(\d+) octets/.exec(out)?.[1])),
    );
  });

  it('prints only the data with --short, aliases included', async () => {
    const { out } = await ask(() => ({ answer: [ALIAS, ADDRESS] }), 'alias.example.org --short');
    expect(out).toBe('www.example.org.\n192.0.2.1\n');
  });

  it('prints JSON, with reasons by name', async () => {
    const options = [extendedErrorOption({ code: 9, text: 'no key for example.org\u001b[2J' })];
    const failing: Answer = ({ edns }) => ({ rcode: Rcode.SERVFAIL, edns: { ...edns!, options } });
    const { code, out } = await ask(failing, 'www.example.org --json');
    expect(code).toBe(1);
    expect(JSON.parse(out)).toMatchObject({
      question: { name: 'www.example.org.', class: 'IN', type: 'A' },
      status: 'SERVFAIL',
      flags: ['qr', 'rd', 'ra'],
      ede: [{ code: 9, name: 'dnskey missing', text: 'no key for example.org\u001b[2J' }],
    });
    await server?.close();
    const text = await ask(failing, 'www.example.org');
    expect(text.code).toBe(1);
    expect(text.out).toContain('; EDE: 9 (dnskey missing): no key for example.org\\x1b[2J\n');
  });

  it('ends with 0 for NXDOMAIN, which is an answer', async () => {
    expect((await ask(() => ({ rcode: Rcode.NXDOMAIN }), 'nothing.example.org')).code).toBe(0);
  });

  it('asks again over TCP when the reply is truncated, and at once with --tcp', async () => {
    const { out } = await ask(
      (_query, transport) => (transport === 'udp' ? { tc: true } : { answer: [ADDRESS] }),
      'www.example.org',
    );
    expect(server?.asked.map(({ transport }) => transport)).toEqual(['udp', 'tcp']);
    expect(out).toMatch(/ANSWER: 1,[\s\S]*\(TCP\)/);
    await server?.close();
    await ask(() => ({ answer: [ADDRESS] }), 'www.example.org --tcp');
    expect(server?.asked.map(({ transport }) => transport)).toEqual(['tcp']);
  });

  it('asks with RD, a type in any case, and DO only on request', async () => {
    await ask(() => ({}), 'Example.ORG mx');
    expect(server?.asked[0]?.query).toMatchObject({ rd: true, edns: { dnssecOk: false } });
    expect(server?.asked[0]?.query.questions[0]).toMatchObject({ name: nameFromText('example.org'), type: Type.MX });
    await server?.close();
    const { out } = await ask(() => ({}), 'example.org TYPE65280 --dnssec');
    expect(server?.asked[0]?.query.edns?.dnssecOk).toBe(true);
    expect(out).toContain(';example.org.\t\tIN\tTYPE65280\n');
  });

  it('says who did not answer', async () => {
    server = await fakeDnsServer(() => ({}));
    const { port } = server;
    await server.close();
    server = undefined;
    const { code, err } = await run(`query example.org --tcp --server 127.0.0.1:${port}`);
    expect(code).toBe(1);
    expect(err).toContain(`127.0.0.1:${port} over TCP: `);
  });
});

describe('resolution in this process', () => {
  const folder = mkdtempSync(join(tmpdir(), 'rootwalk-query-'));
  const config = join(folder, 'rootwalk.yaml');
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  /** A root server that knows everything itself. */
  const resolve = async (answer: Answer, words: string) => {
    server = await fakeDnsServer((query, transport) => ({ aa: true, ra: false, ...answer(query, transport) }));
    writeFileSync(join(folder, 'hints'), '. 3600 IN NS ns.root.\nns.root. 3600 IN A 127.0.0.1\n');
    writeFileSync(
      config,
      `rootHints: hints
upstream: { port: ${server.port}, allowLoopback: true, ipv6: false, qnameMinimisation: off, caseRandomisation: false }
dnssec: { mode: off }
`,
    );
    return run(`query ${words} --config ${config}`);
  };

  it('prints the answer with where it came from', async () => {
    const { code, out, err } = await resolve(() => ({ answer: [ADDRESS] }), 'www.example.org');
    expect(err).toBe('');
    expect(out).toMatch(/^;; ->>HEADER<<- opcode: QUERY, status: NOERROR\n;; flags: qr rd ra; QUERY: 1, ANSWER: 1/);
    expect(out).toContain('\nwww.example.org. 300 IN A 192.0.2.1\n');
    expect(out).toContain(';; Source: network\n');
    expect(code).toBe(0);
  });

  it('shows every step with --trace, before the answer', async () => {
    const { out } = await resolve(() => ({ answer: [ADDRESS] }), 'www.example.org --trace');
    const query = out.indexOf(`-> 127.0.0.1:${server?.port}: www.example.org. A (udp)`);
    expect(query).toBeGreaterThan(0);
    const chain = out.indexOf('\n;; www.example.org. A: unchecked, NOERROR\n');
    expect(chain).toBeGreaterThan(query);
    expect(out.indexOf('ANSWER SECTION')).toBeGreaterThan(chain);
    expect(
      out
        .slice(0, out.indexOf(';; ->>HEADER<<-'))
        .split('\n')
        .filter((line) => !/^(;;.*)?$/.test(line)),
    ).toEqual([]);
  });

  it('keeps the trace apart from --short, and inside of --json', async () => {
    const short = await resolve(() => ({ answer: [ADDRESS] }), 'www.example.org --trace --short');
    expect(short.out).toBe('192.0.2.1\n');
    expect(short.err).toContain('-> 127.0.0.1');
    expect(short.err).toContain(';;   anchor ');
    await server?.close();
    const json = JSON.parse((await resolve(() => ({ answer: [ADDRESS] }), 'www.example.org --trace --json')).out);
    expect(json).toMatchObject({
      status: 'NOERROR',
      source: 'network',
      answer: [{ text: 'www.example.org. 300 IN A 192.0.2.1' }],
      chain: { question: { name: 'www.example.org.', type: 'A' }, rcode: 'NOERROR' },
    });
    expect(json.trace).toContainEqual(
      expect.objectContaining({ kind: 'query', name: 'www.example.org.', transport: 'udp' }),
    );
  });

  it('ends with 1 and reasons when there is no answer', async () => {
    const { code, out } = await resolve(() => ({ rcode: Rcode.REFUSED, aa: false }), 'www.example.org');
    expect(code).toBe(1);
    expect(out).toMatch(/status: SERVFAIL\n[\s\S]*; EDE: \d+ \(/);
  });

  it('says what failed where --short has no data to print', async () => {
    const { code, out, err } = await resolve(() => ({ rcode: Rcode.REFUSED, aa: false }), 'www.example.org --short');
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toMatch(/^;; SERVFAIL: .+\n$/);
  });

  it('answers special-use names without asking anyone', async () => {
    const { code, out } = await resolve(() => ({ rcode: Rcode.REFUSED }), 'localhost --short');
    expect({ code, out }).toEqual({ code: 0, out: '127.0.0.1\n' });
    expect(server?.asked).toEqual([]);
  });
});

/** Names a file that is not there: what is not refused before it is read ends there, and never asks the real network. */
const NO_CONFIG = '--config /nonexistent/rootwalk.yaml';

describe('mistakes', () => {
  it.each([
    [`query A www.example.org ${NO_CONFIG}`, 'did you mean www.example.org A?'],
    [`query www.example.org AAAAA ${NO_CONFIG}`, 'did you mean AAAA?'],
    [`query https://www.example.org/page ${NO_CONFIG}`, 'did you mean www.example.org?'],
    [`query www..example.org ${NO_CONFIG}`, 'did you mean www.example.org?'],
    [`query b\u00fccher.example ${NO_CONFIG}`, 'did you mean xn--bcher-kva.example?'],
    ['query www.example.org A --server nowhere', 'IP address'],
    ['query www.example.org A --server 192.0.2.1 --trace', 'leave one of them out'],
    ['query www.example.org A --server 192.0.2.1 --config x', 'leave one of them out'],
    ['query www.example.org --tcp', 'add --server'],
    [`query www.example.org AXFR ${NO_CONFIG}`, 'no type of record'],
    ['query www.example.org OPT --server 192.0.2.1', 'no type of record'],
    ['query www.example.org --config /nonexistent/rootwalk.yaml', 'cannot be read'],
  ])('%s: 2, with the way out', async (line, way) => {
    const { code, out, err } = await run(line);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain(way);
  });
});
