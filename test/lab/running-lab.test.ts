/** The built-in lab on real sockets: what a resolver meets there, over UDP and TCP, healthy servers and broken ones. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Message } from '../../src/dns/message.js';
import type { Octets } from '../../src/dns/octets.js';
import { type RunningLab, startLab } from '../../src/lab/start-lab.js';
import { framed, MessageStream } from '../../src/lab/tcp-messages.js';
import type { Log } from '../../src/ports/log.js';
import { decodeMessage } from '../../src/wire/decode-message.js';
import { encodeMessage } from '../../src/wire/encode-message.js';
import { questionSpelling } from '../../src/wire/peek.js';
import { WireError } from '../../src/wire/wire-error.js';
import { query, show } from './ask-zones.js';

const log: Log = { debug() {}, info() {}, warn() {}, error() {} };

async function canUse(address: string): Promise<boolean> {
  const socket = createSocket('udp4');
  try {
    socket.bind({ address, port: 0 });
    await once(socket, 'listening');
    return true;
  } catch {
    return false;
  } finally {
    socket.close();
  }
}

const usable = await canUse('127.77.0.1');
const title = usable ? 'the running lab' : 'the running lab (skipped: this system has no 127.77.0.1)';

describe.skipIf(!usable)(title, () => {
  let lab: RunningLab;
  /** Delayed replies wait here until a test lets them go: no test waits for a clock. */
  const delayed: { delay: number; send: () => void }[] = [];
  const clock = {
    wall: () => 1_790_000_000_000,
    schedule(delay: number, send: () => void) {
      delayed.push({ delay, send });
      return () => {};
    },
  };

  beforeAll(async () => {
    lab = await startLab({ port: 0, log, clock });
  });
  afterAll(() => lab.close());

  /** One datagram there, one back, as octets. */
  async function exchange(address: string, bytes: Uint8Array): Promise<Buffer> {
    const socket = createSocket('udp4');
    try {
      socket.connect(lab.port, address);
      await once(socket, 'connect');
      socket.send(bytes);
      const [reply] = await once(socket, 'message');
      return reply;
    } finally {
      socket.close();
    }
  }

  async function udp(address: string, question: string, changes: Partial<Message> = {}): Promise<Message> {
    return decodeMessage(await exchange(address, encodeMessage(query(question, changes)).bytes));
  }

  /** All questions down one connection at once; the replies in the order they come. */
  async function tcp(address: string, ...questions: readonly string[]): Promise<Message[]> {
    const connection = connect(lab.port, address);
    await once(connection, 'connect');
    const stream = new MessageStream();
    const replies: Message[] = [];
    connection.write(Buffer.concat(questions.map((question) => framed(encodeMessage(query(question)).bytes))));
    for await (const chunk of connection) {
      replies.push(...stream.push(chunk).map((bytes) => decodeMessage(bytes)));
      if (replies.length === questions.length) break;
    }
    return replies;
  }

  test('the walk from the root', async () => {
    const hint = lab.hints[0]!.addresses[0]!;
    const toCom = await udp(hint, 'www.example.com. A');
    expect(show(toCom)).toContain('additional a.gtld-servers.net. 172800 IN A 127.77.0.3');
    const toExample = await udp('127.77.0.3', 'www.example.com. A');
    expect(show(toExample)).toContain('additional ns1.example.com. 86400 IN A 127.77.0.10');
    const answer = await udp('127.77.0.10', 'www.example.com. A');
    expect(show(answer)).toEqual(['NOERROR aa', 'answer www.example.com. 3600 IN A 198.18.0.1']);
  });

  test('with DO, a signed delegation and a signed answer', async () => {
    const edns = { version: 0, udpSize: 1232, dnssecOk: true, options: [] };
    const referral = show(await udp('127.77.0.1', 'www.example.com. A', { edns })).join('\n');
    expect(referral).toMatch(/authority com\. \d+ IN DS .*\nauthority com\. \d+ IN RRSIG DS 13 1 /);
    const answer = show(await udp('127.77.0.10', 'www.example.com. A', { edns }));
    expect(answer[2]).toMatch(/^answer www\.example\.com\. 3600 IN RRSIG A 13 3 3600 /);
  });

  test('512 octets without EDNS, the client’s size with it, everything over TCP', async () => {
    expect((await udp('127.77.0.10', 'medium.big.com. TXT', { edns: undefined })).tc).toBe(true);
    expect((await udp('127.77.0.10', 'medium.big.com. TXT')).tc).toBe(false);
    const short = await udp('127.77.0.10', 'txt.big.com. TXT');
    expect(show(short)).toEqual(['NOERROR aa tc']);
    const [long] = await tcp('127.77.0.10', 'txt.big.com. TXT');
    expect(long).toMatchObject({ tc: false });
    expect(long!.answer[0]!.rdata.length).toBeGreaterThan(5000);
  });

  test('several questions down one connection', async () => {
    const replies = await tcp('127.77.0.10', 'example.com. MX', 'nope.example.com. A', 'example.com. SOA');
    expect(replies.map((reply) => show(reply)[0])).toEqual(['NOERROR aa', 'NXDOMAIN aa', 'NOERROR aa']);
  });

  test('the spelling of the question comes back, except from the server that loses it', async () => {
    const spelled = async (address: string, wire: string): Promise<Octets | undefined> => {
      const name = wire.toLowerCase().replace(/\d/g, '') as never;
      const questions = [{ name, type: 1, class: 1 }];
      const { bytes } = encodeMessage(query('. A', { questions }), { spelling: wire as Octets });
      return questionSpelling(await exchange(address, bytes));
    };
    expect(await spelled('127.77.0.10', '\x03wWw\x07ExAmPlE\x03cOm\0')).toBe('\x03wWw\x07ExAmPlE\x03cOm\0');
    expect(await spelled('127.77.0.35', '\x03wWw\x0aloses-CASE\x03net\0')).toBe('\x03www\x0aloses-case\x03net\0');
  });

  test('lame servers', async () => {
    expect(show(await udp('127.77.0.20', 'www.lame.com. A'))).toEqual(['REFUSED']);
    expect(show(await udp('127.77.0.21', 'www.all-lame.com. A'))[1]).toMatch(/^authority \. 3600 IN NS/);
    expect(await udp('127.77.0.22', 'www.all-lame.com. A')).toMatchObject({ aa: false, rcode: 0 });
    expect(show(await udp('127.77.0.36', 'www.servfail.org. A'))).toEqual(['SERVFAIL']);
  });

  test('servers at odds with EDNS', async () => {
    expect(show(await udp('127.77.0.26', 'www.formerr-edns.com. A'))).toEqual(['FORMERR']);
    expect(await udp('127.77.0.26', 'www.formerr-edns.com. A', { edns: undefined })).toMatchObject({
      rcode: 0,
      aa: true,
    });
    expect(await udp('127.77.0.27', 'www.drops-edns.com. A', { edns: undefined })).toMatchObject({
      rcode: 0,
      aa: true,
    });
    expect(await udp('127.77.0.28', 'www.ignores-edns.com. A')).toMatchObject({ rcode: 0, edns: undefined });
  });

  test('silence: the next question is answered, that one never was', async () => {
    const socket = createSocket('udp4');
    socket.connect(lab.port, '127.77.0.27');
    await once(socket, 'connect');
    // Both go to the same socket in order, so the only reply belongs to the one without EDNS.
    socket.send(encodeMessage(query('www.drops-edns.com. A', { id: 1 })).bytes);
    socket.send(encodeMessage(query('www.drops-edns.com. A', { id: 2, edns: undefined })).bytes);
    const [reply] = await once(socket, 'message');
    socket.close();
    expect(decodeMessage(reply).id).toBe(2);
  });

  test('a closed server refuses at once; so does TCP where there is none', async () => {
    for (const address of ['127.77.0.25', '127.77.0.30']) {
      await expect(tcp(address, 'www.dead.com. A')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    }
    expect(show(await udp('127.77.0.30', 'txt.no-tcp.net. TXT'))).toEqual(['NOERROR aa tc']);
  });

  test('truncated every time, wrong IDs, and replies that break off', async () => {
    expect(show(await udp('127.77.0.29', 'www.truncates.net. A'))).toEqual(['NOERROR aa tc']);
    expect((await tcp('127.77.0.29', 'www.truncates.net. A'))[0]!.answer).toHaveLength(1);
    expect((await udp('127.77.0.32', 'www.wrong-id.net. A')).id).not.toBe(7);
    await expect(udp('127.77.0.33', 'www.garbage.net. A')).rejects.toThrow(WireError);
  });

  test('NXDOMAIN for an empty non-terminal', async () => {
    expect((await udp('127.77.0.34', 'office.broken-ent.com. A')).rcode).toBe(3);
    expect((await udp('127.77.0.34', 'www.office.broken-ent.com. A')).rcode).toBe(0);
  });

  test('a slow server holds its reply for the time of its fault', async () => {
    const socket = createSocket('udp4');
    socket.connect(lab.port, '127.77.0.31');
    await once(socket, 'connect');
    socket.send(encodeMessage(query('www.slow.org. A')).bytes);
    while (delayed.length === 0) await new Promise((resolve) => setImmediate(resolve));
    const { delay, send } = delayed.shift()!;
    send();
    const [reply] = await once(socket, 'message');
    socket.close();
    expect(delay).toBe(400);
    expect(decodeMessage(reply).aa).toBe(true);
  });

  test('octets that are no query are passed over', async () => {
    const socket = createSocket('udp4');
    socket.connect(lab.port, '127.77.0.10');
    await once(socket, 'connect');
    socket.send(Buffer.from('not a DNS message, not at all'));
    socket.send(encodeMessage(query('example.com. A', { id: 1, qr: true })).bytes);
    socket.send(encodeMessage(query('example.com. A', { id: 2 })).bytes);
    const [reply] = await once(socket, 'message');
    socket.close();
    expect(decodeMessage(reply).id).toBe(2);
  });

  test('a hundred questions in one message get FORMERR that fits a datagram', async () => {
    const name = `\x3f${'a'.repeat(63)}\x3f${'b'.repeat(63)}\0` as never;
    const questions = Array.from({ length: 100 }, () => ({ name, type: 1, class: 1 }));
    const { bytes } = encodeMessage(query('. A', { questions, edns: undefined }));
    const reply = await exchange('127.77.0.10', bytes);
    expect(decodeMessage(reply)).toMatchObject({ rcode: 1, answer: [] });
    expect(reply.length).toBeLessThanOrEqual(512);
  });

  test('what is running is described for people', () => {
    expect(lab.servers.find((server) => server.address === '127.77.0.10')).toMatchObject({ name: 'ns1.example.com' });
    expect(lab.servers.find((server) => server.address === '127.77.0.10')!.fault).toBeUndefined();
    expect(lab.servers.find((server) => server.address === '127.77.0.31')!.fault).toBe('answers late');
    expect(lab.suggestions.length).toBeGreaterThan(10);
    expect(lab.trustAnchors).toEqual([expect.stringMatching(/^\. IN DS \d+ 13 2 /)]);
  });

  test('a port that is taken is named, with the way out, and nothing stays open', async () => {
    await expect(startLab({ port: lab.port, log })).rejects.toThrow(`Port ${lab.port} is in use on 127.77.0.1`);
  });
});

describe.skipIf(!usable)('a lab of one’s own', () => {
  const root = `. 60 IN SOA ns.child. h. 1 2 3 4 5
. 60 IN NS ns.child.
${Array.from({ length: 13 }, (_, i) => `child. 60 IN NS ns${i}.a-rather-long-label-to-fill-the-datagram-quickly.child.`).join('\n')}
${Array.from({ length: 13 }, (_, i) => `ns${i}.a-rather-long-label-to-fill-the-datagram-quickly.child. 60 IN A 127.77.0.1`).join('\n')}
${Array.from({ length: 13 }, (_, i) => `ns${i}.a-rather-long-label-to-fill-the-datagram-quickly.child. 60 IN AAAA ::1`).join('\n')}
`;

  async function inDirectory<T>(address: string, run: (zonesDirectory: string) => Promise<T>): Promise<T> {
    const directory = mkdtempSync(join(tmpdir(), 'rootwalk-lab-'));
    try {
      writeFileSync(join(directory, 'lab.yaml'), `servers: [{ name: a, address: "${address}", zones: [root] }]\n`);
      writeFileSync(join(directory, 'root.zone'), root);
      return await run(directory);
    } finally {
      rmSync(directory, { recursive: true });
    }
  }

  test('a referral without room for its in-domain glue is truncated (RFC 9471 §3.1)', async () => {
    await inDirectory('127.0.0.1', async (zonesDirectory) => {
      const lab = await startLab({ zonesDirectory, port: 0, log });
      const ask = async (changes: Partial<Message>): Promise<boolean> => {
        const socket = createSocket('udp4');
        socket.send(encodeMessage(query('www.child. A', changes)).bytes, lab.port, '127.0.0.1');
        const [reply] = await once(socket, 'message');
        socket.close();
        return decodeMessage(reply).tc;
      };
      expect(await ask({ edns: undefined })).toBe(true);
      expect(await ask({ edns: { version: 0, udpSize: 4096, dnssecOk: false, options: [] } })).toBe(false);
      await lab.close();
    });
  });

  test('an address this system does not have is named, with the way out', async () => {
    await inDirectory('192.0.2.77', async (zonesDirectory) => {
      const started = startLab({ zonesDirectory, port: 0, log });
      await expect(started).rejects.toThrow(/needs the address 192\.0\.2\.77.*\n.*ifconfig lo0 alias/);
    });
  });

  test('closing twice is harmless', async () => {
    await inDirectory('127.0.0.1', async (zonesDirectory) => {
      const lab = await startLab({ zonesDirectory, port: 0, log });
      await lab.close();
      await lab.close();
    });
  });
});
