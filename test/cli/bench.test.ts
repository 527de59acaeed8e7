/** rootwalk bench: what is counted as answered, lost and strange, and which files it takes. */
import { createSocket } from 'node:dgram';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { questionsFrom } from '../../src/cli/query-file.js';
import { nameToText } from '../../src/dns/name.js';
import { Rcode } from '../../src/dns/numbers.js';
import { run } from './captured-terminal.js';
import { type Answer, type FakeDnsServer, fakeDnsServer } from './fake-dns-server.js';

const directory = mkdtempSync(join(tmpdir(), 'rootwalk-test-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));
let server: FakeDnsServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

function fileOf(text: string): string {
  const path = join(directory, 'queries');
  writeFileSync(path, text);
  return path;
}

async function benchOf(answer: Answer, text: string, words: string) {
  server = await fakeDnsServer(answer);
  const { code, out, err } = await run(`bench ${fileOf(text)} --server 127.0.0.1:${server.port} ${words} --json`);
  return { code, err, result: JSON.parse(out) };
}

describe('a run', () => {
  it('asks the questions of the file in turn, as many as it may, and counts the answers by rcode', async () => {
    const answer: Answer = ({ questions }) => ({
      rcode: questions[0]!.type === 28 ? Rcode.NXDOMAIN : Rcode.NOERROR,
    });
    const { code, result } = await benchOf(answer, 'a.example\nb.example AAAA\n', '--count 30 --outstanding 7');
    expect(code).toBe(0);
    expect(result).toMatchObject({
      sent: 30,
      answered: 30,
      lost: 0,
      unexpected: 0,
      rcodes: { NOERROR: 15, NXDOMAIN: 15 },
    });
    expect(result.latencyMs.p50).toBeGreaterThan(0);
    expect(result.latencyMs.max).toBeGreaterThanOrEqual(result.latencyMs.p99);
    const [first, second] = server!.asked.map(({ query }) => query);
    expect([first, second].map((query) => nameToText(query!.questions[0]!.name)).sort()).toEqual([
      'a.example.',
      'b.example.',
    ]);
    expect(first).toMatchObject({ rd: true, edns: { dnssecOk: false, udpSize: 1232 } });
  });

  it('asks for DNSSEC records when told to, and counts truncated answers', async () => {
    const { result } = await benchOf(() => ({ tc: true }), 'a.example', '--count 5 --dnssec');
    expect(result.truncated).toBe(5);
    expect(server!.asked[0]!.query.edns?.dnssecOk).toBe(true);
  });

  it('tells what was lost and what answers nothing that was asked; exit code 1 when that is all', async () => {
    const rude = createSocket('udp4');
    rude.on('message', (datagram, from) => {
      // Another ID, another name, a query: none of them is the answer.
      const [id, name, query] = [Buffer.from(datagram), Buffer.from(datagram), Buffer.from(datagram)] as const;
      id[2] = name[2] = 0x80;
      id[0] = id[0]! ^ 0xff;
      name[13] = name[13]! ^ 1;
      for (const reply of [id, name, query]) rude.send(reply, from.port, from.address);
    });
    await new Promise<void>((resolve) => rude.bind(0, '127.0.0.1', resolve));
    const { port } = rude.address();
    const words = `--server 127.0.0.1:${port} --count 4 --timeout 100 --json`;
    const { code, out, err } = await run(`bench ${fileOf('a.example')} ${words}`);
    await new Promise<void>((resolve) => rude.close(resolve));
    expect(code).toBe(1);
    expect(JSON.parse(out)).toMatchObject({ sent: 4, answered: 0, lost: 4, unexpected: 12 });
    expect(err).toContain('answered none of 4 queries');
  });

  it('shows figures by name in a pipe', async () => {
    server = await fakeDnsServer(() => ({}));
    const { out } = await run(`bench ${fileOf('a.example')} --server 127.0.0.1:${server.port} --count 3 --rate 1000`);
    expect(out).toMatch(/^sent\t3\nanswered\t3\nlost\t0\n/);
    expect(out).toMatch(/^p99, ms\t\d+\.\d{3}$/m);
    expect(out).toMatch(/^NOERROR\t3$/m);
  });
});

describe('a query file', () => {
  it('has a name and perhaps a type a line', () => {
    const questions = questionsFrom('# first\nwww.Example.org\n\n; more\nexample.org\tmx  \n_x.example. TYPE65\n', 'q');
    expect(questions.map(({ name, type }) => [nameToText(name), type])).toEqual([
      ['www.example.org.', 1],
      ['example.org.', 15],
      ['_x.example.', 65],
    ]);
  });

  it.each([
    ['a.example BOGUS', ':1: "BOGUS" is not a record type'],
    ['ok.example\na..example A', ':2: '],
    ['a.example A IN', ':1: more than a name and a type'],
    ['# nothing', 'holds no questions'],
  ])('with a mistake is told by file and line: %j', async (text, message) => {
    const { code, err } = await run(`bench ${fileOf(text)} --server 127.0.0.1`);
    expect(code).toBe(2);
    expect(err).toContain(message);
  });

  it('that is not there is told', async () => {
    const { code, err } = await run(`bench ${join(directory, 'none')} --server 127.0.0.1`);
    expect([code, err.includes('cannot be read')]).toEqual([2, true]);
  });
});
