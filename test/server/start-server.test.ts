/** Does a server listen where it is told, say why it cannot, and stop without losing anybody's answer? */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { networkInterfaces } from 'node:os';
import { describe, expect, it } from 'vitest';
import { type ServerAddress, serverAddress } from '../../src/dns/address.js';
import { ExtendedErrorCode } from '../../src/dns/extended-error.js';
import type { Message } from '../../src/dns/message.js';
import { Rcode } from '../../src/dns/numbers.js';
import { ListenError } from '../../src/server/listen-error.js';
import { decodeMessage } from '../../src/wire/decode-message.js';
import { extendedErrorsOf } from '../../src/wire/edns.js';
import { edns, LOCALHOST, octetsOfQuery, resolution, settings } from './edge-fixture.js';
import { held, running, until } from './running-server.js';
import { TcpClient } from './tcp-client.js';

const IPV6_LOCALHOST = serverAddress('::1', 0);
const hasIpv6 = Object.values(networkInterfaces()).some((all) => all?.some(({ address }) => address === '::1'));

async function askUdp({ family, address, port }: ServerAddress, octets = octetsOfQuery()): Promise<Message> {
  const socket = createSocket(family === 6 ? 'udp6' : 'udp4');
  try {
    socket.send(octets, port, address);
    const [reply] = (await once(socket, 'message')) as [Buffer];
    return decodeMessage(reply);
  } finally {
    socket.close();
  }
}

async function askTcp(address: ServerAddress): Promise<Message | undefined> {
  const client = await TcpClient.to(address);
  client.send(octetsOfQuery());
  const [reply] = await client.messages(1);
  client.destroy();
  return reply;
}

describe('listening', () => {
  it('answers over UDP and TCP on the same port', async () => {
    const { server, stats } = await running();
    const [address, ...others] = server.addresses;
    expect(others).toEqual([]);
    expect(address!.port).toBeGreaterThan(0);
    expect((await askUdp(address!)).rcode).toBe(Rcode.NOERROR);
    expect((await askTcp(address!))?.rcode).toBe(Rcode.NOERROR);
    expect(stats.snapshot().byTransport).toEqual({ udp: 1, tcp: 1 });
  });

  it.skipIf(!hasIpv6)('answers on any number of addresses, IPv6 among them', async () => {
    const { server } = await running({ listen: [LOCALHOST, IPV6_LOCALHOST, LOCALHOST] });
    expect(server.addresses.map(({ family }) => family)).toEqual([4, 6, 4]);
    for (const address of server.addresses) {
      expect((await askUdp(address)).rcode).toBe(Rcode.NOERROR);
      expect((await askTcp(address))?.rcode).toBe(Rcode.NOERROR);
    }
  });

  it('a datagram of no octets, and one that is no DNS, harm nothing', async () => {
    const { server, stats, log } = await running();
    const [address] = server.addresses;
    const socket = createSocket('udp4');
    for (const octets of [Buffer.alloc(0), Buffer.alloc(11), Buffer.alloc(1400, 0xff)]) {
      socket.send(octets, address!.port, address!.address);
    }
    await until(() => stats.snapshot().total === 3);
    socket.close();
    expect((await askUdp(address!)).rcode).toBe(Rcode.NOERROR);
    expect(log.at('error')).toEqual([]);
  });

  it('an address in use is an error that says so, and nothing is left listening', async () => {
    const { server } = await running();
    const [taken] = server.addresses;
    const free = (await running()).server;
    const [other] = free.addresses;
    await free.close(0);
    const failed = running({ listen: [other!, taken!] });
    await expect(failed).rejects.toThrow(ListenError);
    await expect(failed).rejects.toThrow(
      new RegExp(`cannot listen on ${taken!.key} \\(tcp\\): something listens there already.*"listen"`),
    );
    expect((await running({ listen: [other!] })).server.addresses).toEqual([other]);
  });

  it('the same when only UDP is taken', async () => {
    const socket = createSocket('udp4');
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    const taken = serverAddress('127.0.0.1', socket.address().port);
    await expect(running({ listen: [taken] })).rejects.toThrow(/\(udp\): something listens there already/);
    socket.close();
  });

  it('an address this machine does not have is an error that says so', async () => {
    await expect(running({ listen: [serverAddress('192.0.2.1', 5300)] })).rejects.toThrow(
      /192\.0\.2\.1:5300 \(tcp\): this machine has no address 192\.0\.2\.1/,
    );
  });
});

it('ports below 1024 and system policy are told apart', () => {
  const denied = Object.assign(new Error('bind EACCES'), { code: 'EACCES' });
  expect(new ListenError(serverAddress('127.0.0.1', 53), 'udp', denied).message).toMatch(
    /root or CAP_NET_BIND_SERVICE/,
  );
  expect(new ListenError(serverAddress('127.0.0.1', 5300), 'udp', denied).message).toMatch(/security policy/);
  const unknown = Object.assign(new Error('bind EWHATEVER'), { code: 'EWHATEVER' });
  expect(new ListenError(serverAddress('127.0.0.1', 53), 'tcp', unknown).message).toMatch(/bind EWHATEVER$/);
});

describe('reconfigure', () => {
  it('takes over settings without a question being lost', async () => {
    const { server, resolver } = await running();
    const waiting = held(resolver);
    const [address] = server.addresses;
    const asked = askUdp(address!);
    await until(() => waiting.length === 1);
    await server.reconfigure(settings({ allow: [] }));
    waiting[0]!();
    expect((await asked).rcode).toBe(Rcode.NOERROR);
    expect((await askUdp(address!)).rcode).toBe(Rcode.REFUSED);
  });

  it('opens new addresses, keeps those named again and gives up the rest', async () => {
    const { server, resolver } = await running();
    const [old] = server.addresses;
    const waiting = held(resolver);
    const asked = askUdp(old!);
    await until(() => waiting.length === 1);
    const spare = (await running()).server;
    const [fresh] = spare.addresses;
    await spare.close(0);
    await server.reconfigure(settings(), [fresh!]);
    expect(server.addresses).toEqual([fresh]);
    waiting[0]!();
    expect((await asked).rcode).toBe(Rcode.NOERROR);
    resolver.finds = () => Promise.resolve(resolution());
    expect((await askUdp(fresh!)).rcode).toBe(Rcode.NOERROR);
    await server.reconfigure(settings(), [fresh!]);
    expect((await askUdp(fresh!)).rcode).toBe(Rcode.NOERROR);
    const again = await running({ listen: [old!] });
    expect(again.server.addresses).toEqual([old]);
  });

  it('changes nothing when a new address cannot be had or a prefix is bad', async () => {
    const { server } = await running();
    const [taken] = (await running()).server.addresses;
    const before = server.addresses;
    await expect(server.reconfigure(settings({ allow: [] }), [...before, taken!])).rejects.toThrow(ListenError);
    await expect(server.reconfigure(settings({ snoop: ['nonsense'] }), [LOCALHOST])).rejects.toThrow(RangeError);
    expect(server.addresses).toEqual(before);
    expect((await askUdp(before[0]!)).rcode).toBe(Rcode.NOERROR);
  });
});

describe('close', () => {
  it('lets what is under way end, takes nothing new, and frees the port', async () => {
    const { server, resolver, stats } = await running();
    const waiting = held(resolver);
    const [address] = server.addresses;
    const overUdp = askUdp(address!);
    const client = await TcpClient.to(address!);
    client.send(octetsOfQuery());
    await until(() => waiting.length === 2);
    const closed = server.close(5000);
    client.send(octetsOfQuery({ id: 2 }));
    for (const answer of waiting) answer();
    expect((await overUdp).rcode).toBe(Rcode.NOERROR);
    expect(await client.messages(1)).toHaveLength(1);
    client.socket.end();
    await closed;
    expect(stats.snapshot().total).toBe(2);
    expect((await running({ listen: [address!] })).server.addresses).toEqual([address]);
  });

  it('does not wait longer than the grace it gives, and tells those who still wait', async () => {
    const { server, resolver, clock, stats } = await running();
    const waiting = held(resolver);
    const [address] = server.addresses;
    const client = await TcpClient.to(address!);
    client.send(octetsOfQuery({ edns: edns() }));
    const overUdp = askUdp(address!, octetsOfQuery({ edns: edns() }));
    await until(() => waiting.length === 2);
    const closed = server.close(5000);
    clock.advance(4999);
    expect(stats.snapshot().inFlight).toBe(2);
    clock.advance(1);
    await closed;
    const replies = [await overUdp, ...(await client.messages(1))];
    expect(replies).toHaveLength(2);
    for (const reply of replies) {
      expect(reply.rcode).toBe(Rcode.SERVFAIL);
      expect(extendedErrorsOf(reply.edns)).toMatchObject([{ code: ExtendedErrorCode.NOT_READY }]);
    }
    // What is found now is for nobody.
    for (const answer of waiting) answer();
    expect(stats.snapshot()).toMatchObject({ inFlight: 0, total: 2 });
  });

  it('may be called twice', async () => {
    const { server } = await running();
    await Promise.all([server.close(0), server.close(0)]);
    await server.close(0);
  });
});
