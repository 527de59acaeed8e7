/**
 * What was really done, however it was charged: calls of the functions that cost, counted. A test file says
 *
 *   vi.mock('../../src/validator/verify-signature.js', counted('verifySignature'));
 */
const calls = new Map<string, number>();

/** A factory for vi.mock: the module as it is, with calls of one of its functions counted. */
export function counted(name: string): (original: () => Promise<Record<string, unknown>>) => Promise<object> {
  return async (original) => {
    const module = await original();
    const real = module[name] as (...parameters: unknown[]) => unknown;
    const counting = (...parameters: unknown[]): unknown => {
      calls.set(name, (calls.get(name) ?? 0) + 1);
      return real(...parameters);
    };
    return { ...module, [name]: counting };
  };
}

/** Calls since the last time this was asked. */
export function workDone(name: string): number {
  const done = calls.get(name) ?? 0;
  calls.set(name, 0);
  return done;
}
