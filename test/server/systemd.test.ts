/** Which sockets did systemd pass, and is it told when we are ready? Kernel tables are given as text. */
import { endianness } from 'node:os';
import { describe, expect, it } from 'vitest';
import { inheritedSockets, notifyReady, type SocketTables } from '../../src/server/systemd.js';

const HEAD = '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode';

/** A line of /proc/net: number, addresses, state, ..., inode. */
const line = (local: string, state: string, inode: number) =>
  `  12: ${local} 00000000:0000 ${state} 00000000:00000000 00:00000000 00000000     0        0 ${inode} 1 0000 100 0 0 10 0`;

const tables: SocketTables = {
  link: (fd) => (fd === 6 ? '/dev/null' : `socket:[${fd * 100}]`),
  table: (name) =>
    ({
      udp: [HEAD, line('0100007F:0035', '07', 300)].join('\n'),
      udp6: '',
      tcp: [HEAD, line('0100007F:0035', '01', 500), line('00000000:14B4', '0A', 700)].join('\n'),
      tcp6: [HEAD, line('B80D0120000000000000000001000000:0035', '0A', 400)].join('\n'),
    })[name] ?? '',
};

const passed = (count: number, names?: string) => ({
  LISTEN_PID: '42',
  LISTEN_FDS: String(count),
  ...(names === undefined ? {} : { LISTEN_FDNAMES: names }),
});

// The tables hold addresses in the order of the processor; the examples are from a little-endian one.
describe.skipIf(endianness() !== 'LE')('sd_listen_fds(3)', () => {
  it('kind, address and name of each', () => {
    expect(inheritedSockets(passed(2, 'dns:dns6'), 42, tables)).toMatchObject([
      { fd: 3, transport: 'udp', address: { family: 4, key: '127.0.0.1:53' }, name: 'dns' },
      { fd: 4, transport: 'tcp', address: { family: 6, key: '[2001:db8::1]:53' }, name: 'dns6' },
    ]);
  });

  it('none for another process, or without the variables', () => {
    expect(inheritedSockets(passed(2), 43, tables)).toEqual([]);
    expect(inheritedSockets({}, 42, tables)).toEqual([]);
  });

  it('the variables are taken away from children', () => {
    const environment: Record<string, string | undefined> = { ...passed(1, 'dns'), PATH: '/bin' };
    inheritedSockets(environment, 42, tables);
    expect(environment).toEqual({ PATH: '/bin' });
  });

  it('a connected TCP socket and what is no socket are errors that name the descriptor', () => {
    expect(() => inheritedSockets(passed(3, 'a:b:c'), 42, tables)).toThrow(/descriptor 5 \(c\) from systemd is no UDP/);
    const withoutNames = { ...tables, link: () => '/dev/null' };
    expect(() => inheritedSockets(passed(1), 42, withoutNames)).toThrow(/descriptor 3 from systemd/);
  });

  it.each(['x', '-1', '1.5', '100000'])('LISTEN_FDS=%s is an error that says so', (count) => {
    expect(() => inheritedSockets({ LISTEN_PID: '42', LISTEN_FDS: count }, 42, tables)).toThrow(/LISTEN_FDS is/);
  });
});

describe('sd_notify(3)', () => {
  it('does nothing where nobody listens', async () => {
    const run = () => expect.unreachable('nothing is to be run');
    expect(await notifyReady({}, run)).toBeUndefined();
  });

  it('says ready for this process', async () => {
    const ran: unknown[] = [];
    const outcome = notifyReady({ NOTIFY_SOCKET: '/run/x' }, (command, args, done) => {
      ran.push([command, ...args]);
      done(null);
    });
    expect(await outcome).toBeUndefined();
    expect(ran).toEqual([['systemd-notify', '--ready', `--pid=${process.pid}`]]);
  });

  it('a failure is a reason, not an exception', async () => {
    const outcome = notifyReady({ NOTIFY_SOCKET: '/run/x' }, (_command, _args, done) => done(new Error('not found')));
    expect(await outcome).toBe('not found');
  });
});
