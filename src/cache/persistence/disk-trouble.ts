/** Why does a disk refuse, in words, and what can be done? */

const ALTERNATIVE = 'or set cache.persistence: false';

const WAYS_OUT: Readonly<Record<string, string>> = {
  ENOSPC: `the disk is full: make room, lower cache.maxSize, ${ALTERNATIVE}`,
  EDQUOT: `the quota is used up: raise it, lower cache.maxSize, ${ALTERNATIVE}`,
  EACCES: `the user of rootwalk may not write there: give the directory to it, ${ALTERNATIVE}`,
  EPERM: `the user of rootwalk may not write there: give the directory to it, ${ALTERNATIVE}`,
  EROFS: `the file system is read-only: name another directory, ${ALTERNATIVE}`,
  ENOTDIR: `cache.persistence.directory is not a directory: name another, ${ALTERNATIVE}`,
};

export function diskTrouble(error: unknown): { readonly because: string; readonly wayOut: string } {
  const { code, message } = error as NodeJS.ErrnoException;
  return {
    because: message,
    wayOut: WAYS_OUT[code ?? ''] ?? `look at cache.persistence.directory, ${ALTERNATIVE}`,
  };
}
