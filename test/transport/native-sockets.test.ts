/** What do the system's own sockets do beyond the contract of UpstreamSockets? */
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { serverAddress } from '../../src/dns/address.js';
import type { Libc } from '../../src/native/libc.js';
import { cryptoRandom } from '../../src/transport/crypto-random.js';
import { NativeSockets } from '../../src/transport/native-sockets.js';
import type { UpstreamSocket } from '../../src/transport/upstream-socket.js';
import { bodies } from './set-up.js';

const native = bodies.find(([, libc]) => libc !== undefined)?.[1];

describe.skipIf(native === undefined)('sockets that became readable together', () => {
  let sockets: NativeSockets;
  /** Milliseconds that hearing a datagram takes. */
  let each = 0;
  let server: Socket;
  const opened: UpstreamSocket[] = [];

  async function begin(libc: Libc): Promise<void> {
    each = 0;
    let now = 0;
    sockets = new NativeSockets(libc, { now: () => (now += each) });
    server = createSocket('udp4');
    server.bind(0, '127.0.0.1');
    await once(server, 'listening');
  }

  /** A socket that sent its name to the server, and the port it sent from. */
  async function open(
    name: string,
    heard: (octets: Buffer) => void,
  ): Promise<{ socket: UpstreamSocket; port: number }> {
    const events = { datagram: heard, failed: () => {} };
    const socket = sockets.open(serverAddress('127.0.0.1', server.address().port), cryptoRandom, events);
    opened.push(socket);
    socket.send(Buffer.from(name));
    const [, from] = await once(server, 'message');
    return { socket, port: from.port };
  }

  beforeEach(() => begin(native!));
  afterEach(() => {
    for (const socket of opened.splice(0)) socket.close();
    sockets.close();
    server.close();
  });

  it('are heard one after the other, each its own', async () => {
    const heard: string[] = [];
    const ports: number[] = [];
    for (const name of ['a', 'b', 'c']) ports.push((await open(name, (octets) => heard.push(`${name}${octets}`))).port);
    for (const [i, port] of ports.entries()) server.send(`${i}`, port, '127.0.0.1');
    await vi.waitFor(() => expect(heard.toSorted()).toEqual(['a0', 'b1', 'c2']));
  });

  it('are heard some in each turn when they take long', async () => {
    each = 0.5;
    const turns: string[][] = [];
    const hear = (name: string) => () => {
      if (turns.at(-1) === undefined) turns.push([]);
      const turn = turns.at(-1)!;
      if (turn.length === 0) setImmediate(() => turns.push([]));
      turn.push(name);
    };
    const ports: number[] = [];
    for (const name of 'abcdefgh') ports.push((await open(name, hear(name))).port);
    for (const port of ports) server.send('!', port, '127.0.0.1');
    // Let them all arrive before the first is looked at.
    await new Promise((sent) => server.send('!', server.address().port, '127.0.0.1', sent));
    await vi.waitFor(() => expect(turns.flat().toSorted().join('')).toBe('abcdefgh'));
    expect(Math.max(...turns.map((turn) => turn.length))).toBe(4);
  });

  it('are not heard any more when one before them has closed them', async () => {
    const heard: string[] = [];
    const both: UpstreamSocket[] = [];
    const hear = (octets: Buffer): void => {
      heard.push(octets.toString());
      for (const socket of both) socket.close();
    };
    const [first, second] = [await open('first', hear), await open('second', hear)];
    both.push(first.socket, second.socket);
    const bystander: string[] = [];
    const third = await open('third', (octets) => bystander.push(octets.toString()));
    for (const { port } of [first, second, third]) server.send('!', port, '127.0.0.1');
    await vi.waitFor(() => expect(bystander).toEqual(['!']));
    expect(heard).toEqual(['!']);
  });
});
