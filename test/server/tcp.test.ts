/** What may a client do on a TCP connection, and what ends it (RFC 7766)? Real sockets, time set by hand. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { Rcode, Type } from '../../src/dns/numbers.js';
import { octetsFrom } from '../../src/dns/octets.js';
import { framed } from '../../src/server/tcp-framing.js';
import { octetsOfQuery, questionOf, resolution, rrset, settings } from './edge-fixture.js';
import { held, type Running, running, until } from './running-server.js';
import { TcpClient } from './tcp-client.js';

const clientOf = ({ server }: Running) => TcpClient.to(server.addresses[0]!);
const numbered = (id: number) => octetsOfQuery({ id });

describe('questions and answers', () => {
  it('RFC 7766 §6.2.1.1: questions may be pipelined, in one segment or many', async () => {
    const client = await clientOf(await running());
    client.send(numbered(1), numbered(2), numbered(3));
    expect((await client.messages(3)).map(({ id }) => id).sort()).toEqual([1, 2, 3]);
    for (const octet of framed(numbered(4))) client.socket.write(Buffer.from([octet]));
    expect((await client.messages(1)).map(({ id }) => id)).toEqual([4]);
  });

  it('RFC 7766 §7: answers come as they are ready, not in the order of the questions', async () => {
    const here = await running();
    const waiting = held(here.resolver);
    const client = await clientOf(here);
    client.send(numbered(1), numbered(2), numbered(3));
    await until(() => waiting.length === 3);
    waiting[2]!();
    expect((await client.messages(1))[0]?.id).toBe(3);
    waiting[0]!();
    expect((await client.messages(1))[0]?.id).toBe(1);
    waiting[1]!();
    expect((await client.messages(1))[0]?.id).toBe(2);
  });

  it('RFC 7766 §5: an answer of any size is sent whole, without TC', async () => {
    const here = await running();
    const rdatas = Array.from({ length: 60 }, (_, i) => octetsFrom(...new Array<number>(1000).fill(i)));
    here.resolver.finds = () => Promise.resolve(resolution({ answer: [rrset(Type.TXT, rdatas)] }));
    const client = await clientOf(here);
    client.send(octetsOfQuery(questionOf(Type.TXT)));
    const [reply] = await client.messages(1);
    expect(reply).toMatchObject({ tc: false });
    expect(reply?.answer).toHaveLength(60);
  });

  it('RFC 7766 §6.2.4: a client that has closed its side still gets its answers', async () => {
    const here = await running();
    const waiting = held(here.resolver);
    const client = await clientOf(here);
    client.send(numbered(1), numbered(2));
    client.socket.end();
    await until(() => waiting.length === 2);
    for (const answer of waiting) answer();
    expect(await client.messages(2)).toHaveLength(2);
    await client.whenClosed();
    expect(client.ended).toBe(true);
  });

  it('a client that is gone before its answer does no harm', async () => {
    const here = await running();
    const waiting = held(here.resolver);
    const gone = await clientOf(here);
    gone.send(numbered(1));
    await until(() => waiting.length === 1);
    gone.socket.resetAndDestroy();
    await gone.whenClosed();
    waiting[0]!();
    here.resolver.finds = () => Promise.resolve(resolution());
    const client = await clientOf(here);
    client.send(numbered(2));
    expect(await client.messages(1)).toHaveLength(1);
    await until(() => here.stats.snapshot().inFlight === 0);
    expect(here.log.at('error')).toEqual([]);
  });
});

describe('what is not DNS', () => {
  it.each([
    ['a message of length 0', Buffer.from([0, 0])],
    ['a message shorter than a header', framed(Buffer.alloc(11))],
  ])('%s closes the connection', async (_what, octets) => {
    const client = await clientOf(await running());
    client.socket.write(octets);
    expect(await client.messages(1)).toEqual([]);
    expect(client.closed).toBe(true);
  });

  it('garbage with a plausible length gets FORMERR, and the connection stays', async () => {
    const client = await clientOf(await running());
    client.send(Buffer.concat([numbered(9).subarray(0, 12), Buffer.alloc(30, 0xff)]), numbered(10));
    expect((await client.messages(2)).map(({ id, rcode }) => [id, rcode])).toEqual([
      [9, Rcode.FORMERR],
      [10, Rcode.NOERROR],
    ]);
  });

  it('a response is not answered, and the connection stays', async () => {
    const client = await clientOf(await running());
    client.send(octetsOfQuery({ id: 1, qr: true }), numbered(2));
    expect((await client.messages(1))[0]?.id).toBe(2);
  });
});

describe('patience', () => {
  it('RFC 7766 §6.2.3: an idle connection is closed in order', async () => {
    const here = await running();
    const client = await clientOf(here);
    client.send(numbered(1));
    await client.messages(1);
    here.clock.advance(settings().limits.tcpIdle);
    await client.whenClosed();
    expect(client.ended).toBe(true);
  });

  it('one with a question under way is not', async () => {
    const here = await running();
    const waiting = held(here.resolver);
    const client = await clientOf(here);
    client.send(numbered(1));
    await until(() => waiting.length === 1);
    here.clock.advance(10 * settings().limits.tcpIdle);
    waiting[0]!();
    expect(await client.messages(1)).toHaveLength(1);
    expect(client.ended).toBe(false);
  });

  it('a message that trickles in does not keep it open', async () => {
    const here = await running();
    const [slow, brisk] = [await clientOf(here), await clientOf(here)];
    // 65,535 octets are announced. Each that comes would have to count to keep the connection.
    slow.socket.write(Buffer.from([0xff, 0xff, 0]));
    for (let i = 0; i < 4; i++) {
      slow.socket.write(Buffer.from([0]));
      // A question and its answer on the other connection: by then the octet has arrived.
      brisk.send(numbered(i));
      await brisk.messages(1);
      here.clock.advance(settings().limits.tcpIdle / 4);
    }
    await slow.whenClosed();
    expect(brisk.closed).toBe(false);
  });

  it('a client that does not close its side in turn is cut off', async () => {
    const here = await running();
    const client = await TcpClient.to(here.server.addresses[0]!, { stubborn: true });
    client.send(numbered(1));
    await client.messages(1);
    here.clock.advance(settings().limits.tcpIdle);
    await client.whenEnded();
    here.clock.advance(1000);
    // Nobody is there any more: the first octets are answered with a reset, which the next write brings to light.
    await until(() => {
      if (!client.closed) client.send(numbered(2));
      return client.closed;
    });
  });
});

describe('bounds', () => {
  it('no more questions are taken from a connection than limits.tcpPipeline at once', async () => {
    const here = await running({ settings: settings({ limits: { tcpPipeline: 2 } }) });
    const waiting = held(here.resolver);
    const client = await clientOf(here);
    client.send(...[1, 2, 3, 4, 5].map(numbered));
    await until(() => waiting.length === 2);
    expect(here.stats.snapshot().total).toBe(2);
    for (let answered = 0; answered < 5; answered++) {
      await until(() => waiting.length > answered);
      waiting[answered]!();
    }
    expect(await client.messages(5)).toHaveLength(5);
  });

  it('reading stops while a client does not read its replies', async () => {
    const here = await running();
    const rdatas = Array.from({ length: 60 }, (_, i) => octetsFrom(...new Array<number>(1000).fill(i)));
    here.resolver.knows = () => resolution({ answer: [rrset(Type.TXT, rdatas)], source: 'cache' });
    const client = await clientOf(here);
    client.socket.pause();
    const questions = 2000;
    client.send(...Array.from({ length: questions }, (_, id) => octetsOfQuery({ ...questionOf(Type.TXT), id })));
    // 120 MB of replies: more than the buffers of both sides can hold. A standstill is reached when nothing moves.
    let seen = -1;
    while (here.stats.snapshot().total !== seen) {
      seen = here.stats.snapshot().total;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    expect(seen).toBeLessThan(questions);
    here.clock.advance(settings().limits.tcpIdle);
    client.socket.resume();
    await client.whenClosed();
  });

  it('a new connection takes the place of the oldest idle one', async () => {
    const here = await running({ settings: settings({ limits: { tcpClients: 2 } }) });
    const waiting = held(here.resolver);
    const busy = await clientOf(here);
    busy.send(numbered(1));
    await until(() => waiting.length === 1);
    const idle = await clientOf(here);
    const fresh = await clientOf(here);
    await idle.whenClosed();
    fresh.send(numbered(2));
    await until(() => waiting.length === 2);
    for (const answer of waiting) answer();
    expect(await busy.messages(1)).toHaveLength(1);
    expect(await fresh.messages(1)).toHaveLength(1);
  });

  it('and is refused when all are busy', async () => {
    const here = await running({ settings: settings({ limits: { tcpClientsPerAddress: 1 } }) });
    const waiting = held(here.resolver);
    const busy = await clientOf(here);
    busy.send(numbered(1));
    await until(() => waiting.length === 1);
    const { address, port } = here.server.addresses[0]!;
    const refused = connect({ host: address, port });
    refused.on('error', () => {});
    await once(refused, 'close');
    waiting[0]!();
    expect(await busy.messages(1)).toHaveLength(1);
  });
});
