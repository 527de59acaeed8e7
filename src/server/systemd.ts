/**
 * Which sockets has systemd opened for us, and how does it learn that we are ready (sd_listen_fds(3), sd_notify(3))?
 *
 * Socket activation lets an unprivileged process answer on port 53 and loses no query over a restart. Kind and address
 * of a descriptor come from the kernel's tables, since Node must know the address family before it takes one over.
 */
import { execFile } from 'node:child_process';
import { readFileSync, readlinkSync } from 'node:fs';
import { endianness } from 'node:os';
import { type ServerAddress, serverAddress } from '../dns/address.js';

export interface InheritedSocket {
  readonly fd: number;
  readonly transport: 'udp' | 'tcp';
  readonly address: ServerAddress;
  /** FileDescriptorName= of the socket unit, '' when it has none. */
  readonly name: string;
}

export type InheritedSockets = readonly InheritedSocket[];

/** What is read of the system; the real one unless given. */
export interface SocketTables {
  /** Where /proc/self/fd/N leads: "socket:[inode]". */
  link(fd: number): string;
  /** The text of /proc/self/net/udp, udp6, tcp or tcp6; '' when there is none. */
  table(name: string): string;
}

/** sd_listen_fds(3): the first passed descriptor. */
const FIRST_FD = 3;
/** A socket unit with more is a mistake; each is looked up in tables of the whole system. */
const MAX_FDS = 256;

/**
 * The sockets passed to this process, none when there are no such variables or they are for another process. The
 * variables are removed, so that children do not take the sockets for theirs. Throws Error naming a descriptor that is
 * neither a UDP socket nor a listening TCP socket.
 */
export function inheritedSockets(
  environment: Record<string, string | undefined> = process.env,
  pid: number = process.pid,
  tables: SocketTables = linuxTables,
): InheritedSockets {
  const { LISTEN_PID, LISTEN_FDS, LISTEN_FDNAMES } = environment;
  delete environment.LISTEN_PID;
  delete environment.LISTEN_FDS;
  delete environment.LISTEN_FDNAMES;
  if (LISTEN_PID !== String(pid) || LISTEN_FDS === undefined) return [];
  const count = Number(LISTEN_FDS);
  if (!Number.isInteger(count) || count < 0 || count > MAX_FDS) {
    throw new Error(`LISTEN_FDS is "${LISTEN_FDS}": systemd passes 0 to ${MAX_FDS} sockets`);
  }
  const names = LISTEN_FDNAMES?.split(':') ?? [];
  return Array.from({ length: count }, (_, i) => inheritedSocket(FIRST_FD + i, names[i] ?? '', tables));
}

function inheritedSocket(fd: number, name: string, tables: SocketTables): InheritedSocket {
  const inode = /^socket:\[(\d+)\]$/.exec(tables.link(fd))?.[1];
  if (inode !== undefined) {
    for (const transport of ['udp', 'tcp'] as const) {
      for (const table of [transport, `${transport}6`]) {
        const address = addressOfInode(tables.table(table), inode, transport);
        if (address !== undefined) return { fd, transport, address, name };
      }
    }
  }
  const which = name === '' ? `${fd}` : `${fd} (${name})`;
  throw new Error(
    `descriptor ${which} from systemd is no UDP socket and no listening TCP socket: use ListenDatagram= and ListenStream= with addresses`,
  );
}

/** State of a listening TCP socket in the kernel's tables. */
const TCP_LISTEN = '0A';

/** proc_net(5): number, local and remote address, state, queues, timer, retransmits, user, timeout, inode ... */
function addressOfInode(table: string, inode: string, transport: 'udp' | 'tcp'): ServerAddress | undefined {
  for (const line of table.split('\n')) {
    const fields = line.trim().split(/\s+/);
    if (fields[9] !== inode || (transport === 'tcp' && fields[3] !== TCP_LISTEN)) continue;
    const [address = '', port = ''] = fields[1]!.split(':');
    return serverAddress(addressFromTable(address), Number.parseInt(port, 16));
  }
  return undefined;
}

/** Words of 32 bits in hexadecimal, in the order of the processor. */
function addressFromTable(hex: string): string {
  const octets = Buffer.from(hex, 'hex');
  if (endianness() === 'LE') octets.swap32();
  if (octets.length === 4) return octets.join('.');
  const groups = Array.from({ length: 8 }, (_, i) => octets.readUInt16BE(2 * i).toString(16));
  return groups.join(':');
}

const linuxTables: SocketTables = {
  link: (fd) => readOr('', () => readlinkSync(`/proc/self/fd/${fd}`)),
  table: (name) => readOr('', () => readFileSync(`/proc/self/net/${name}`, 'latin1')),
};

function readOr(otherwise: string, read: () => string): string {
  try {
    return read();
  } catch {
    return otherwise;
  }
}

type Run = (command: string, args: readonly string[], done: (error: Error | null) => void) => void;

/**
 * Tells systemd that this process is ready (Type=notify). Nothing happens without NOTIFY_SOCKET. Node has no Unix
 * datagram sockets, so systemd-notify(1) sends the message; being another process it needs NotifyAccess=all. Resolves
 * to the reason when it fails: a service that works is not to be stopped for it.
 */
export function notifyReady(
  environment: Readonly<Record<string, string | undefined>> = process.env,
  run: Run = (command, args, done) => void execFile(command, [...args], (error) => done(error)),
): Promise<string | undefined> {
  if (environment.NOTIFY_SOCKET === undefined) return Promise.resolve(undefined);
  return new Promise((resolve) => {
    run('systemd-notify', ['--ready', `--pid=${process.pid}`], (error) => resolve(error?.message));
  });
}
