/** A DNS server on a loopback port, UDP and TCP, that answers what a test tells it to. */
import { createSocket, type Socket } from 'node:dgram';
import { createServer } from 'node:net';
import type { Message } from '../../src/dns/message.js';
import { decodeMessage } from '../../src/wire/decode-message.js';
import { encodeMessage } from '../../src/wire/encode-message.js';

export type Answer = (query: Message, transport: 'udp' | 'tcp') => Partial<Message>;

export interface FakeDnsServer {
  readonly port: number;
  /** "udp example.org. A"-like records of what was asked. */
  readonly asked: { readonly transport: 'udp' | 'tcp'; readonly query: Message }[];
  close(): Promise<void>;
}

export async function fakeDnsServer(answer: Answer): Promise<FakeDnsServer> {
  const asked: FakeDnsServer['asked'] = [];
  const respond = (bytes: Buffer, transport: 'udp' | 'tcp'): Buffer => {
    const query = decodeMessage(bytes);
    asked.push({ transport, query });
    return encodeMessage({ ...query, qr: true, ra: true, ad: false, ...answer(query, transport) }).bytes;
  };
  const tcp = createServer((connection) => {
    connection.on('error', () => connection.destroy());
    // Queries of these tests fit one segment.
    connection.on('data', (chunk) => {
      const reply = respond(chunk.subarray(2), 'tcp');
      connection.write(Buffer.concat([Buffer.from([reply.length >>> 8, reply.length & 0xff]), reply]));
    });
  });
  await new Promise<void>((resolve) => tcp.listen(0, '127.0.0.1', resolve));
  const { port } = tcp.address() as { port: number };
  const udp: Socket = createSocket('udp4');
  udp.on('message', (datagram, from) => udp.send(respond(datagram, 'udp'), from.port, from.address));
  await new Promise<void>((resolve) => udp.bind(port, '127.0.0.1', resolve));
  const close = async (): Promise<void> => {
    await new Promise<void>((resolve) => udp.close(resolve));
    tcp.close();
  };
  return { port, asked, close };
}
