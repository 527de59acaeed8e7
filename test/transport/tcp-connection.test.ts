/** What a single TCP connection notices that no server could be made to do. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { isToItself } from '../../src/transport/tcp-connection.js';

const host = '127.0.0.1';

async function listening() {
  const server = createServer().listen(0, host);
  await once(server, 'listening');
  return { server, port: (server.address() as AddressInfo).port };
}

async function freePort(): Promise<number> {
  const { server, port } = await listening();
  server.close();
  await once(server, 'close');
  return port;
}

async function isToItselfOnceConnected(socket: Socket): Promise<boolean> {
  await once(socket, 'connect');
  const answer = isToItself(socket);
  socket.destroy();
  return answer;
}

describe('a connection to itself', () => {
  it('is told from one to a server', async () => {
    const { server, port } = await listening();
    expect(await isToItselfOnceConnected(connect({ host, port }))).toBe(false);
    server.close();
  });

  it('is what becomes of a port nobody listens on when it is also the one to leave from', async () => {
    const port = await freePort();
    expect(await isToItselfOnceConnected(connect({ host, port, localPort: port }))).toBe(true);
  });
});
