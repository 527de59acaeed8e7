/** A DNS server on loopback, UDP and TCP on one port, that behaves as told. */
import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { type ServerAddress, serverAddress } from '../../src/dns/address.js';
import type { Message } from '../../src/dns/message.js';
import { nameFromText } from '../../src/dns/name.js';
import { Rcode, Type } from '../../src/dns/numbers.js';
import { octetsFrom } from '../../src/dns/octets.js';
import { FrameReader, framed } from '../../src/transport/tcp-frames.js';
import { decodeMessage } from '../../src/wire/decode-message.js';
import { encodeMessage } from '../../src/wire/encode-message.js';
import { questionSpelling } from '../../src/wire/peek.js';
import type { ServerBehaviour } from './exchange.js';

const LOOPBACK = '127.0.0.1';
const OCTETS_OF_RECORD = 16;

export interface LoopbackServer {
  readonly address: ServerAddress;
  /** Every UDP query and where it came from. */
  readonly datagrams: { readonly query: Buffer; readonly port: number }[];
  /** In the order they were made. */
  readonly connections: ServedConnection[];
  /** Sends a datagram from the server's address to this port of loopback. */
  send(datagram: Buffer, port: number): void;
  close(): Promise<void>;
}

export interface ServedConnection {
  readonly socket: Socket;
  /** Received so far. */
  readonly queries: Buffer[];
  closed: boolean;
}

/** Starts a server on a port of loopback free for both. Throws when there is none in a few tries. */
export async function startLoopbackServer(behaviour: ServerBehaviour, host = LOOPBACK): Promise<LoopbackServer> {
  const { tcp, udp, port } = await listenOnBoth(host);
  const server: LoopbackServer = {
    address: serverAddress(host, port),
    datagrams: [],
    connections: [],
    send: (datagram, to) => udp.send(datagram, to, host),
    close: () => closeBoth(tcp, udp, sockets),
  };
  const sockets = new Set<Socket>();
  udp.on('message', (query, from) => {
    server.datagrams.push({ query, port: from.port });
    for (const reply of udpReplies(behaviour, query)) udp.send(reply, from.port, from.address);
  });
  tcp.on('connection', (socket) => {
    sockets.add(socket);
    serveStream(behaviour, socket, server);
  });
  if (behaviour === 'closed port') await server.close();
  return server;
}

async function listenOnBoth(host: string): Promise<{ tcp: Server; udp: UdpSocket; port: number }> {
  for (let tries = 1; ; tries++) {
    const tcp = createServer();
    const udp = createSocket(host.includes(':') ? 'udp6' : 'udp4');
    tcp.listen(0, host);
    await once(tcp, 'listening');
    const { port } = tcp.address() as { port: number };
    udp.bind(port, host);
    try {
      await once(udp, 'listening');
      return { tcp, udp, port };
    } catch (error) {
      // Some query of another test may be leaving from this very port.
      tcp.close();
      udp.close();
      if (tries === 5) throw error;
    }
  }
}

async function closeBoth(tcp: Server, udp: UdpSocket, sockets: ReadonlySet<Socket>): Promise<void> {
  if (!tcp.listening) return;
  for (const socket of sockets) socket.destroy();
  tcp.close();
  udp.close();
  await Promise.all([once(tcp, 'close'), once(udp, 'close')]);
}

/** A reply with one A record, 192.0.2.1, changed as given; it keeps ID, flags, OPT and spelling of the query. */
export function answerTo(query: Buffer, change: Partial<Message> = {}): Buffer {
  const asked = decodeMessage(query);
  const { name } = asked.questions[0]!;
  const record = { name, type: Type.A, class: 1, ttl: 60, rdata: octetsFrom(192, 0, 2, 1) };
  const spelling = questionSpelling(query)!;
  const { bytes } = encodeMessage({ ...asked, qr: true, answer: [record], ...change }, { spelling });
  return Buffer.from(bytes);
}

const NOTHING_ELSE = { questions: [], answer: [], edns: undefined };
const ANOTHER_QUESTION = { questions: [{ name: nameFromText('other.example.'), type: Type.A, class: 1 }], answer: [] };

/** The datagrams sent back for one query. */
function udpReplies(behaviour: ServerBehaviour, query: Buffer): Buffer[] {
  const asked = decodeMessage(query);
  switch (behaviour) {
    case 'garbage':
      return [Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'), Buffer.alloc(0)];
    case 'bare success':
      return [answerTo(query, NOTHING_ELSE)];
    case 'wrong replies then right':
      return [answerTo(query, { id: asked.id ^ 1 }), answerTo(query, ANOTHER_QUESTION), answerTo(query)];
    case 'wrong ids':
      return Array.from({ length: 10 }, (_, i) => answerTo(query, { id: asked.id ^ (i + 1) }));
    case 'truncates':
      return [answerTo(query, { tc: true, answer: [] })];
    case 'truncates inside a record':
      return [answerTo(query, { tc: true, edns: undefined }).subarray(0, -OCTETS_OF_RECORD / 2)];
    default:
      return ordinaryReplies(behaviour, query);
  }
}

/** What is the same over UDP and TCP. */
function ordinaryReplies(behaviour: ServerBehaviour, query: Buffer): Buffer[] {
  switch (behaviour) {
    case 'silent':
      return [];
    case 'malformed':
      return [answerTo(query, { edns: undefined }).subarray(0, -OCTETS_OF_RECORD / 2)];
    case 'bare error':
      return [answerTo(query, { ...NOTHING_ELSE, rcode: Rcode.FORMERR })];
    case 'lower-cases the question': {
      const { bytes } = encodeMessage(decodeMessage(answerTo(query)));
      return [Buffer.from(bytes)];
    }
    default:
      return [answerTo(query)];
  }
}

function serveStream(behaviour: ServerBehaviour, socket: Socket, server: LoopbackServer): void {
  const connection: ServedConnection = { socket, queries: [], closed: false };
  server.connections.push(connection);
  const frames = new FrameReader();
  socket.setNoDelay(true);
  // A client may go away in the middle of a reply.
  socket.on('error', () => {});
  socket.on('close', () => {
    connection.closed = true;
  });
  socket.on('data', (chunk) => {
    for (const query of frames.push(chunk)) {
      connection.queries.push(query);
      serveQuery(behaviour, socket, connection.queries);
    }
  });
}

function serveQuery(behaviour: ServerBehaviour, socket: Socket, queries: readonly Buffer[]): void {
  const query = queries[queries.length - 1]!;
  switch (behaviour) {
    case 'garbage':
      socket.write('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n'.repeat(400));
      return;
    case 'splits tcp frames':
      for (const octet of framed(answerTo(query))) socket.write(Buffer.of(octet));
      return;
    case 'closes tcp after one answer':
      if (queries.length === 1) socket.end(framed(answerTo(query)));
      return;
    case 'answers in reverse':
      if (queries.length < 3) return;
      for (const each of [...queries].reverse()) socket.write(framed(answerTo(each)));
      return;
    case 'answers another question':
      socket.write(framed(answerTo(query, ANOTHER_QUESTION)));
      return;
    default:
      for (const reply of ordinaryReplies(behaviour, query)) socket.write(framed(reply));
  }
}
