/** What does type ANY get (RFC 8482)? */
import { expect, it } from 'vitest';
import { nameFromText } from '../../src/dns/name.js';
import { Rcode, Type } from '../../src/dns/numbers.js';
import { octetsFrom } from '../../src/dns/octets.js';
import { ADDRESS, Desk, questionOf, resolution, rrset, WWW } from './edge-fixture.js';

const OTHER = nameFromText('other.example.');
const ANY = questionOf(Type.ANY);
const nodata = resolution({ answer: [], source: 'cache' });

it('RFC 8482 §4.1: an RRset that is known, and no question to anyone', async () => {
  const desk = new Desk();
  desk.resolver.knows = ({ type }) =>
    type === Type.MX ? resolution({ answer: [rrset(Type.MX, [octetsFrom(0, 1, 0)])], source: 'cache' }) : undefined;
  expect((await desk.ask(ANY)).answer.map(({ type }) => type)).toEqual([Type.MX]);
  expect(desk.resolver.asked.every(({ how }) => how === 'known')).toBe(true);
});

it('never more than one type, whatever is known', async () => {
  const desk = new Desk();
  desk.resolver.knows = ({ type }) => resolution({ answer: [rrset(type, [ADDRESS])], source: 'cache' });
  expect((await desk.ask(ANY)).answer.map(({ type }) => type)).toEqual([Type.A]);
});

it('RFC 1034 §3.6.2: an alias is answered, not followed', async () => {
  const desk = new Desk();
  const cname = rrset(Type.CNAME, [OTHER]);
  desk.resolver.finds = () =>
    Promise.resolve(resolution({ answer: [cname, rrset(Type.A, [ADDRESS], { name: OTHER })] }));
  expect((await desk.ask(ANY)).answer.map(({ type }) => type)).toEqual([Type.CNAME]);
});

it('an alias is answered even where it leads nowhere', async () => {
  const desk = new Desk();
  desk.resolver.finds = () =>
    Promise.resolve(resolution({ rcode: Rcode.NXDOMAIN, answer: [rrset(Type.CNAME, [OTHER])] }));
  expect(await desk.ask(ANY)).toMatchObject({ rcode: Rcode.NOERROR, answer: [{ type: Type.CNAME }], authority: [] });
});

it('the DNAME an alias was made from comes with it (RFC 6672 §3.1)', async () => {
  const desk = new Desk();
  const dname = rrset(Type.DNAME, [OTHER], { name: nameFromText('example.') });
  desk.resolver.finds = () => Promise.resolve(resolution({ answer: [dname, rrset(Type.CNAME, [OTHER])] }));
  expect((await desk.ask(ANY)).answer.map(({ type }) => type)).toEqual([Type.DNAME, Type.CNAME]);
});

it('a name that does not exist does not', async () => {
  const desk = new Desk();
  const soa = rrset(Type.SOA, [octetsFrom(...new Array<number>(22).fill(0))]);
  desk.resolver.finds = () => Promise.resolve(resolution({ rcode: Rcode.NXDOMAIN, answer: [], authority: [soa] }));
  expect(await desk.ask(ANY)).toMatchObject({ rcode: Rcode.NXDOMAIN, answer: [], authority: [{ type: Type.SOA }] });
});

it('a failure is one', async () => {
  const desk = new Desk();
  desk.resolver.finds = () => Promise.resolve(resolution({ rcode: Rcode.SERVFAIL, answer: [] }));
  expect((await desk.ask(ANY)).rcode).toBe(Rcode.SERVFAIL);
});

it('RFC 8482 §4.2: HINFO for a name with other types alone, never as authentic', async () => {
  const desk = new Desk();
  desk.resolver.knows = ({ type }) => (type === Type.A ? nodata : undefined);
  desk.resolver.finds = () => Promise.resolve(resolution({ answer: [], security: { kind: 'secure' } }));
  const reply = await desk.ask({ ...ANY, ad: true });
  expect(reply).toMatchObject({ rcode: Rcode.NOERROR, ad: false, authority: [] });
  expect(reply.answer).toMatchObject([{ name: WWW, type: Type.HINFO, ttl: 3600, rdata: '\x07RFC8482\x00' }]);
});

it('the resolver is never asked for ANY itself', async () => {
  const desk = new Desk();
  await desk.ask(ANY);
  expect(desk.resolver.asked.length).toBeGreaterThan(0);
  expect(desk.resolver.asked.map(({ question }) => question.type)).not.toContain(Type.ANY);
});
