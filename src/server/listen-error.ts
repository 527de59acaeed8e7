/** Why could an address not be listened on, and what is the way out? The system's error in words. */
import type { ServerAddress } from '../dns/address.js';

/** `cause` is the system's error. */
export class ListenError extends Error {
  constructor(
    readonly address: ServerAddress,
    transport: 'udp' | 'tcp',
    cause: unknown,
  ) {
    super(`cannot listen on ${address.key} (${transport}): ${reasonOf(cause, address)}`, { cause });
    this.name = 'ListenError';
  }

  get code(): string | undefined {
    return (this.cause as NodeJS.ErrnoException | undefined)?.code;
  }
}

function reasonOf(cause: unknown, { port, address, family }: ServerAddress): string {
  const error = cause as NodeJS.ErrnoException;
  switch (error.code) {
    case 'EADDRINUSE':
      return `something listens there already, another program or an overlapping address of "listen". Stop it or change "listen"${systemdHint(port)}`;
    case 'EACCES':
    case 'EPERM':
      if (port < 1024) {
        return 'ports below 1024 need root or CAP_NET_BIND_SERVICE. Start as root with "user" set, grant the capability, or use a higher port';
      }
      return 'the system does not permit it. Look for a security policy (SELinux, AppArmor, a sandbox)';
    case 'EADDRNOTAVAIL':
      return `this machine has no address ${address}. Set one that "ip address" shows, or wait until its interface is up`;
    case 'EAFNOSUPPORT':
      return `this machine has no IPv${family}. Remove the address from "listen"`;
    case 'EMFILE':
    case 'ENFILE':
      return 'no file descriptor is left. Raise the limit on open files (ulimit -n)';
    default:
      return error instanceof Error ? error.message : String(error);
  }
}

function systemdHint(port: number): string {
  return port === 53 ? ' (on many systems it is systemd-resolved: DNSStubListener=no frees port 53)' : '';
}
