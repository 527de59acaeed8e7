/**
 * Where is the shared cache, and with which secret is what lies there signed? What these tell of a mistake is printed, so
 * they never repeat a password or a secret.
 */

const SCHEMES = ['redis:', 'rediss:', 'memcached:'];

/** 128 bits even if they are hexadecimal digits: whoever can read the store may try secrets as fast as he can. */
const LEAST_SECRET_CHARACTERS = 32;

/** How a secret is made, for errors that ask for one. */
export const SECRET_HINT = 'make one with "openssl rand -hex 32", the same for all instances that share';

/** `text` itself. Throws RangeError when it is not the address of a shared cache. */
export function checkSharedUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const known = url !== undefined && SCHEMES.includes(url.protocol) && url.hostname !== '';
  if (!known) {
    throw new RangeError(`"${maskedUrl(text)}" is not a cache address: write it like "redis://127.0.0.1:6379"`);
  }
  const problem = pathProblem(url);
  if (problem !== undefined) throw new RangeError(`"${maskedUrl(text)}" ${problem}`);
  return text;
}

function pathProblem({ protocol, pathname, search, hash, username, password }: URL): string | undefined {
  if (search !== '' || hash !== '') return 'has something behind the address: leave out what follows ? or #';
  const bare = pathname === '' || pathname === '/';
  if (protocol === 'memcached:') {
    if (username !== '' || password !== '')
      return 'has a password: memcached is used without, keep it on a closed network';
    return bare ? undefined : 'has a path: memcached has no databases, leave it out';
  }
  return bare || /^\/\d{1,5}$/.test(pathname) ? undefined : 'names no database: write its number, as in "/0"';
}

/** The address without user and password, fit to be printed. */
export function maskedUrl(text: string): string {
  return text.replace(/\/\/.*@/, '//***@');
}

/** `secret` itself. Throws RangeError when it is too short or hard to write the same way twice. */
export function checkSecret(secret: string): string {
  if (secret.length >= LEAST_SECRET_CHARACTERS && /^[\x21-\x7e]+$/.test(secret)) return secret;
  throw new RangeError(
    `the secret must have at least ${LEAST_SECRET_CHARACTERS} printable characters without spaces: ${SECRET_HINT}`,
  );
}
