/** What an Exchange does over TCP beyond its contract: how connections are kept, shared, bounded and given up. */
import { afterEach, describe, expect, it, vi } from 'vitest';
import { nameFromText } from '../../src/dns/name.js';
import { framed } from '../../src/transport/tcp-frames.js';
import { answerTo, type LoopbackServer } from '../contract/loopback-server.js';
import { exampleQuery } from './examples.js';
import { queryTo, type SetUp, setUp } from './set-up.js';

let current: SetUp;
const use = (...args: Parameters<typeof setUp>): SetUp => {
  current = setUp(...args);
  return current;
};
afterEach(() => current.end());

const transport = 'tcp';
const kinds = async (outcomes: readonly Promise<{ kind: string }>[]) =>
  (await Promise.all(outcomes)).map(({ kind }) => kind);
const queriesPerConnection = (server: LoopbackServer) => server.connections.map(({ queries }) => queries.length);

describe('a connection', () => {
  it('serves one query after another', async () => {
    const { exchange, server } = use();
    const answering = await server('answers');
    for (let i = 0; i < 4; i++) expect((await exchange.ask(queryTo(answering, { transport }))).kind).toBe('reply');
    expect(queriesPerConnection(answering)).toEqual([4]);
  });

  it('serves queries at once, each with an ID of its own', async () => {
    const { exchange, server } = use({}, { below: () => 7 });
    const answering = await server('answers');
    const asked = Array.from({ length: 6 }, () => exchange.ask(queryTo(answering, { transport })));
    expect(new Set(await kinds(asked))).toEqual(new Set(['reply']));
    const ids = answering.connections.flatMap(({ queries }) => queries.map((query) => query.readUInt16BE(0)));
    expect(ids).toEqual([7, 8, 9, 10, 11, 12]);
  });

  it('is given up after so many queries', async () => {
    const { exchange, server } = use({ tcpQueriesPerConnection: 3 });
    const answering = await server('answers');
    for (let i = 0; i < 7; i++) await exchange.ask(queryTo(answering, { transport }));
    expect(queriesPerConnection(answering)).toEqual([3, 3, 1]);
    await vi.waitFor(() => expect(answering.connections.map(({ closed }) => closed)).toEqual([true, true, false]));
  });

  it('is closed when it was idle too long, and made again', async () => {
    const { exchange, server } = use({ tcpIdle: 20 });
    const answering = await server('answers');
    await exchange.ask(queryTo(answering, { transport }));
    await vi.waitFor(() => expect(answering.connections[0]!.closed).toBe(true), { timeout: 5000 });
    expect((await exchange.ask(queryTo(answering, { transport }))).kind).toBe('reply');
    expect(queriesPerConnection(answering)).toEqual([1, 1]);
  });

  it('gets no more queries once one on it timed out', async () => {
    const { clock, exchange, server } = use();
    const silent = await server('silent');
    const first = exchange.ask(queryTo(silent, { transport }));
    await vi.waitFor(() => expect(queriesPerConnection(silent)).toEqual([1]));
    clock.advance(exampleQuery.timeout);
    expect((await first).kind).toBe('timeout');
    const second = exchange.ask(queryTo(silent, { transport }));
    await vi.waitFor(() => expect(queriesPerConnection(silent)).toEqual([1, 1]));
    clock.advance(exampleQuery.timeout);
    expect((await second).kind).toBe('timeout');
  });

  it('passes over a reply that comes after its query timed out', async () => {
    const { clock, exchange, server } = use();
    const silent = await server('silent');
    const late = exchange.ask(queryTo(silent, { transport, timeout: 100 }));
    const patient = exchange.ask(queryTo(silent, { transport, name: nameFromText('b.example.') }));
    await vi.waitFor(() => expect(queriesPerConnection(silent)).toEqual([2]));
    clock.advance(100);
    expect((await late).kind).toBe('timeout');
    const [connection] = silent.connections;
    for (const query of connection!.queries) connection!.socket.write(framed(answerTo(query)));
    expect(await patient).toMatchObject({
      kind: 'reply',
      message: { questions: [{ name: nameFromText('b.example.') }] },
    });
  });

  it('that talks while nothing is asked is closed', async () => {
    const { exchange, server } = use();
    const answering = await server('answers');
    await exchange.ask(queryTo(answering, { transport }));
    const [connection] = answering.connections;
    connection!.socket.write(framed(answerTo(connection!.queries[0]!)));
    await vi.waitFor(() => expect(connection!.closed).toBe(true));
    expect((await exchange.ask(queryTo(answering, { transport }))).kind).toBe('reply');
  });

  it('that speaks of an ID never used ends all queries on it as malformed', async () => {
    const { exchange, server } = use({}, { below: () => 7 });
    const silent = await server('silent');
    const asked = [1, 2].map(() => exchange.ask(queryTo(silent, { transport })));
    await vi.waitFor(() => expect(queriesPerConnection(silent)).toEqual([2]));
    const [connection] = silent.connections;
    connection!.socket.write(framed(answerTo(connection!.queries[0]!, { id: 99 })));
    expect(await kinds(asked)).toEqual(['malformed', 'malformed']);
  });

  it('that dies under its first query ends it; the others are asked once more', async () => {
    const { exchange, server } = use();
    const silent = await server('silent');
    const asked = [1, 2].map(() => exchange.ask(queryTo(silent, { transport })));
    await vi.waitFor(() => expect(queriesPerConnection(silent)).toEqual([2]));
    silent.connections[0]!.socket.destroy();
    expect((await asked[0]!).kind).toBe('unreachable');
    await vi.waitFor(() => expect(queriesPerConnection(silent)).toEqual([2, 1]));
    silent.connections[1]!.socket.destroy();
    expect((await asked[1]!).kind).toBe('unreachable');
    expect(silent.connections).toHaveLength(2);
  });
});

describe('the number of connections', () => {
  it('has a bound in all: the one idle longest makes room', async () => {
    const { exchange, server } = use({ tcpConnections: 2 });
    const [a, b, c] = [await server('answers'), await server('answers'), await server('answers')];
    for (const each of [a, b, a, c]) await exchange.ask(queryTo(each, { transport }));
    await vi.waitFor(() => expect(b.connections[0]!.closed).toBe(true));
    expect(a.connections[0]!.closed).toBe(false);
    expect(queriesPerConnection(a)).toEqual([2]);
  });

  it('has a bound in all: when none is idle, queries wait for one to end', async () => {
    const { clock, exchange, server } = use({ tcpConnections: 1 });
    const [silent, answering] = [await server('silent'), await server('answers')];
    const first = exchange.ask(queryTo(silent, { transport, timeout: 100 }));
    const second = exchange.ask(queryTo(answering, { transport }));
    await vi.waitFor(() => expect(queriesPerConnection(silent)).toEqual([1]));
    expect(answering.connections).toHaveLength(0);
    clock.advance(100);
    expect(await kinds([first, second])).toEqual(['timeout', 'reply']);
  });

  it('has a bound for each server, and so has the number of queries that wait', async () => {
    const bounds = { tcpConnectionsPerServer: 1, tcpQueriesPerConnection: 1, tcpQueue: 1 };
    const { clock, exchange, server } = use(bounds);
    const silent = await server('silent');
    const [first, second] = [1, 2].map(() => exchange.ask(queryTo(silent, { transport, timeout: 100 })));
    expect((await exchange.ask(queryTo(silent, { transport }))).kind).toBe('unreachable');
    clock.advance(100);
    expect(await kinds([first!, second!])).toEqual(['timeout', 'timeout']);
    expect(silent.connections.length).toBeLessThanOrEqual(2);
  });
});

describe('the end', () => {
  it('leaves no timer behind', async () => {
    const { clock, exchange, server } = use();
    await exchange.ask(queryTo(await server('answers'), { transport }));
    await exchange.ask(queryTo(await server('closed port'), { transport }));
    await exchange.ask(queryTo(await server('malformed'), { transport }));
    expect(clock.pending).toBe(0);
  });

  it('closes idle connections at once and waits for queries under way', async () => {
    const { exchange, server } = use();
    const [answering, silent] = [await server('answers'), await server('silent')];
    await exchange.ask(queryTo(answering, { transport }));
    const outcome = exchange.ask(queryTo(silent, { transport }));
    await vi.waitFor(() => expect(queriesPerConnection(silent)).toEqual([1]));
    const closed = exchange.close();
    await vi.waitFor(() => expect(answering.connections[0]!.closed).toBe(true));
    const [connection] = silent.connections;
    connection!.socket.write(framed(answerTo(connection!.queries[0]!)));
    expect((await outcome).kind).toBe('reply');
    await closed;
    await vi.waitFor(() => expect(connection!.closed).toBe(true));
  });
});
