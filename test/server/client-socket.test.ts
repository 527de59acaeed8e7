import { describe, expect, it } from 'vitest';
import { serverAddress } from '../../src/dns/address.js';
import { Sending } from '../../src/native/datagrams.js';
import { type Libc, loadLibc } from '../../src/native/libc.js';
import { openUdp, sockaddrOf } from '../../src/native/udp-socket.js';
import { setUpForClients } from '../../src/server/client-socket.js';

const outcome = await loadLibc();
const libc = outcome.kind === 'there' ? outcome.libc : undefined;
const EMSGSIZE = 90;

/** Level, name and value of an option, as it is set. */
function optionsOf(it: Libc): { libc: Libc; set: number[][] } {
  const set: number[][] = [];
  const setsockopt: Libc['setsockopt'] = (fd, level, option, value, octets) => {
    set.push([level, option, Buffer.from(value).readInt32LE()]);
    return it.setsockopt(fd, level, option, value, octets);
  };
  return { libc: { ...it, setsockopt }, set };
}

describe.skipIf(libc === undefined)('a socket that clients ask', () => {
  it.each([
    ['127.0.0.1', [[0, 10, 3]]],
    [
      '::1',
      [
        [0, 10, 3],
        [41, 23, 4],
      ],
    ],
    [
      '0.0.0.0',
      [
        [0, 10, 3],
        [0, 8, 1],
      ],
    ],
  ])('bound to %s has nothing fragmented, and takes no MTU of a path from anybody', (address, options) => {
    const fd = openUdp(libc!, { address, port: 0 }, 65_536);
    const told = optionsOf(libc!);
    setUpForClients(told.libc, fd, serverAddress(address, 1));
    libc!.close(fd);
    expect(told.set).toEqual(options);
  });

  it.each([
    ['127.0.0.1', [10, 10], [5, 3]],
    ['::1', [10, 23, 10, 23], [5, 5, 3, 4]],
  ])('of %s has fragmented what its interface does not take whole, and nothing else', (address, names, values) => {
    const fd = openUdp(libc!, { address, port: 0 }, 65_536);
    const told = optionsOf(libc!);
    const calls: number[] = [];
    const mayFragment = () => told.set.length === names.length / 2;
    const sendmmsg: Libc['sendmmsg'] = (_fd, _vector, count) => {
      calls.push(count);
      // The second of three is too large.
      return calls.length === 1 ? 1 : calls.length === 2 ? -1 : calls.length === 3 && !mayFragment() ? -1 : count;
    };
    const narrow = { ...told.libc, sendmmsg, errno: () => EMSGSIZE };
    const sending = new Sending(narrow, 4, 512);
    for (let i = 0; i < 3; i++) sending.address(sockaddrOf({ address, port: 53 }), 12);
    expect(sending.send(fd)).toBe(0);
    libc!.close(fd);
    expect(calls).toEqual([3, 2, 1, 1]);
    expect(told.set.map(([, name]) => name)).toEqual(names);
    expect(told.set.map(([, , value]) => value)).toEqual(values);
    expect(sending.filled).toBe(0);
  });

  it('loses a datagram that the system takes in no size', () => {
    const sending = new Sending({ ...libc!, sendmmsg: () => -1, errno: () => EMSGSIZE, setsockopt: () => 0 }, 4, 512);
    for (let i = 0; i < 3; i++) sending.address(sockaddrOf({ address: '127.0.0.1', port: 53 }), 12);
    expect(sending.send(-1)).toBe(3);
  });
});
