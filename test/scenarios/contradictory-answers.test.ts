import { expect, test } from 'vitest';
import { nameFromText } from '../../src/dns/name.js';
import { Rcode, Type } from '../../src/dns/numbers.js';
import { recordFromText } from '../../src/presentation/record-text.js';
import { World } from '../sim/world.js';
import { askInTurn } from './asking.js';
import { COM_SERVER, com, NS1, NS2, ordinary } from './zones.js';

const parentSoa = recordFromText('com. 300 IN SOA a. b. 1 1 1 1 300');

test.each([
  ['no data', Rcode.NOERROR],
  ['name error', Rcode.NXDOMAIN],
])('a %s with the SOA of the parent zone is a lame server, and the other one is asked', async (_, rcode) => {
  const world = new World(ordinary);
  world.at(NS2).rtt = 300;
  await askInTurn(world, 3, (i) => `n${i}.wild.example.com. TXT`);
  let lies = 0;
  world.at(NS1).mutate = (reply) => {
    lies++;
    return { ...reply, aa: true, rcode, answer: [], authority: [parentSoa] };
  };
  const { answers } = await askInTurn(world, 3, (i) => `m${i}.wild.example.com. TXT`);
  for (const answer of answers) expect(answer).toContain('any');
  expect(lies).toBeGreaterThan(0);
});

test('the NS records of a zone in the answer section of its parent are a referral, not the answer', async () => {
  const world = new World(ordinary);
  world.at(COM_SERVER).mutate = (reply, query) =>
    query.name === nameFromText('example.com.') && query.type === Type.NS
      ? { ...reply, aa: false, answer: reply.authority, authority: [] }
      : reply;
  expect(await world.ask('example.com. NS')).toContain('ns1.example.com.');
  expect(world.asked.at(-1)).toMatch(/^203\.0\.113\.[12] example\.com\. NS$/);
});

test('a server speaks for its own zone only, in every section and behind an alias (Kashpureff)', async () => {
  const world = new World({
    ...ordinary,
    'com.': `${com}\nevil NS ns.evil\nns.evil A 203.0.113.66`,
    'evil.com.': '@ NS ns\nns A 203.0.113.66\nwww CNAME www.example.com.\n* A 198.51.100.1',
  });
  await world.ask('www.other.net. A');
  const forged = (lines: readonly string[]) => lines.map((line) => recordFromText(line));
  const answer = forged([
    'www.example.com. 9999 IN A 198.51.100.66',
    'example.com. 9999 IN DNAME evil.com.',
    'com. 9999 IN DNAME evil.com.',
  ]);
  const authority = forged([
    'example.com. 9999 IN NS ns.evil.com.',
    'com. 9999 IN NS ns.evil.com.',
    'evil.com. 9999 IN NS ns.other.net.',
    '. 9999 IN NS ns.evil.com.',
  ]);
  const additional = forged(['ns1.example.com. 9999 IN A 203.0.113.66', 'ns.other.net. 9999 IN A 203.0.113.66']);
  world.at('203.0.113.66').mutate = (reply) => ({
    ...reply,
    aa: true,
    answer: [...reply.answer, ...answer],
    authority: [...reply.authority, ...authority],
    additional: [...reply.additional, ...additional],
  });
  expect(await world.ask('www.evil.com. A')).not.toContain('198.51.100.66');
  expect(await world.ask('x.evil.com. A')).not.toContain('198.51.100.66');
  for (const name of ['www.example.com.', 'edge.other.net.', 'mail.example.com.', 'foo.com.', 'ns1.example.com.']) {
    expect(await world.ask(`${name} A`), name).not.toMatch(/198\.51\.100\.66|203\.0\.113\.66/);
    expect(
      world.asked.filter((line) => line.startsWith('203.0.113.66')),
      name,
    ).toEqual([]);
  }
});
