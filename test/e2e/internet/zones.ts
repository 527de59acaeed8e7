/**
 * The zones of the little internet, as zone-file text. The root is served at the addresses of the real root servers, so a
 * resolver with nothing but its built-in hints finds everything.
 */

/** The root servers as IANA publishes them (named.root of 2026-04-16), written apart from the program's own hints. */
export const rootServers: readonly (readonly [letter: string, ipv4: string, ipv6: string])[] = [
  ['a', '198.41.0.4', '2001:503:ba3e::2:30'],
  ['b', '170.247.170.2', '2801:1b8:10::b'],
  ['c', '192.33.4.12', '2001:500:2::c'],
  ['d', '199.7.91.13', '2001:500:2d::d'],
  ['e', '192.203.230.10', '2001:500:a8::e'],
  ['f', '192.5.5.241', '2001:500:2f::f'],
  ['g', '192.112.36.4', '2001:500:12::d0d'],
  ['h', '198.97.190.53', '2001:500:1::53'],
  ['i', '192.36.148.17', '2001:7fe::53'],
  ['j', '192.58.128.30', '2001:503:c27::2:30'],
  ['k', '193.0.14.129', '2001:7fd::1'],
  ['l', '199.7.83.42', '2001:500:9f::42'],
  ['m', '202.12.27.33', '2001:dc3::35'],
];

/** Knot serves the top-level domains on the first, BIND on the second: the addresses of a and b.gtld-servers.net. */
export const knotAddresses = ['192.5.6.30', '2001:503:a83e::2:30'] as const;
export const bindAddresses = ['192.33.14.30', '2001:503:231d::2:30'] as const;

/** NSD, twice, with the same leaf zones. */
export const leafOneAddresses = ['203.0.113.1', '2001:db8:1::1'] as const;
export const leafTwoAddresses = ['198.51.100.1', '2001:db8:2::1'] as const;

/** The only address of the name server of six.com, served by the second leaf server. */
export const onlyIPv6Address = '2001:db8:2::6';

/** No program listens there and no such address exists: queries to it are lost without a word. */
const silentAddresses = ['203.0.113.250', '2001:db8:1::250'] as const;

/** d1.com ... each with a name server address pair of its own, served by the first leaf server. */
const DOMAINS_WITH_OWN_SERVER = 90;

export const ownServers = Array.from({ length: DOMAINS_WITH_OWN_SERVER }, (_, i) => ({
  zone: `d${i + 1}.com.`,
  addresses: [`203.0.113.${100 + i + 1}`, `2001:db8:1::1:${i + 1}`] as const,
}));

/** Text longer than any UDP answer rootwalk sends (1232 octets): seven strings of 250. */
export const longText = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((letter) => letter.repeat(250));

const soa = (serial = 1) => `@ 3600 IN SOA ns1.example.com. hostmaster.example.com. ${serial} 7200 900 1209600 300`;

const glue = (name: string, [ipv4, ipv6]: readonly [string, string]) =>
  `${name} 172800 IN A ${ipv4}\n${name} 172800 IN AAAA ${ipv6}`;

const rootServerRecords = rootServers
  .map(([letter, ipv4, ipv6]) => glue(`${letter}.root-servers.net.`, [ipv4, ipv6]))
  .join('\n');
const rootServerNames = (owner: string) =>
  rootServers.map(([letter]) => `${owner} 518400 IN NS ${letter}.root-servers.net.`).join('\n');

const knotServer = 'a.gtld-servers.net.';
const bindServer = 'b.gtld-servers.net.';
const topLevelGlue = `${glue(knotServer, knotAddresses)}\n${glue(bindServer, bindAddresses)}`;

function delegate(zone: string, ...servers: readonly string[]): string {
  return servers.map((server) => `${zone} 172800 IN NS ${server}`).join('\n');
}

export const rootZones: Readonly<Record<string, string>> = {
  '.': `
. 86400 IN SOA a.root-servers.net. nstld.verisign-grs.com. 2026082200 1800 900 604800 86400
${rootServerNames('.')}
${rootServerRecords}
${['com.', 'net.'].map((zone) => delegate(zone, knotServer, bindServer)).join('\n')}
${delegate('org.', bindServer)}
${delegate('se.', knotServer)}
${topLevelGlue}
`,
  'root-servers.net.': `${soa()}\n${rootServerNames('@')}\n${rootServerRecords}\n`,
};

/** Served alike by Knot and BIND. */
export const topLevelZones: Readonly<Record<string, string>> = {
  'com.': `
${soa()}
${delegate('@', knotServer, bindServer)}
${delegate('example.com.', 'ns1.example.com.', 'ns2.example.com.')}
${glue('ns1.example.com.', leafOneAddresses)}
${glue('ns2.example.com.', leafTwoAddresses)}
${delegate('six.com.', 'ns.six.com.')}
ns.six.com. 172800 IN AAAA ${onlyIPv6Address}
${delegate('silent.com.', 'ns.silent.com.')}
${glue('ns.silent.com.', silentAddresses)}
${ownServers.map(({ zone, addresses }) => `${delegate(zone, `ns.${zone}`)}\n${glue(`ns.${zone}`, addresses)}`).join('\n')}
`,
  'net.': `
${soa()}
${delegate('@', knotServer, bindServer)}
${delegate('gtld-servers.net.', knotServer, bindServer)}
${topLevelGlue}
${rootServerNames('root-servers.net.')}
${rootServerRecords}
${delegate('example.net.', 'ns1.example.com.', 'ns2.example.com.')}
`,
  'org.': `${soa()}\n${delegate('@', bindServer)}\n${delegate('example.org.', 'ns1.example.com.', 'ns2.example.com.')}\n`,
  'se.': `${soa()}\n${delegate('@', knotServer)}\n${delegate('example.se.', 'ns1.example.com.')}\n`,
  'gtld-servers.net.': `${soa()}\n${delegate('@', knotServer, bindServer)}\n${topLevelGlue}\n`,
};

const leafServers = delegate('@', 'ns1.example.com.', 'ns2.example.com.');

/** Served alike by both leaf servers, but for the zones with a server of their own. */
export const leafZones: Readonly<Record<string, string>> = {
  'example.com.': `
${soa()}
${leafServers}
${glue('ns1', leafOneAddresses)}
${glue('ns2', leafTwoAddresses)}
@ 300 IN A 203.0.113.80
@ 300 IN AAAA 2001:db8:80::80
@ 300 IN MX 10 mail
@ 300 IN MX 20 mail.example.net.
@ 300 IN TXT "v=spf1 mx -all"
mail 300 IN A 203.0.113.25
www 300 IN CNAME www.example.net.
long 300 IN TXT ${longText.map((text) => `"${text}"`).join(' ')}
a.empty 300 IN TXT "below an empty non-terminal"
*.wild 300 IN A 203.0.113.81
`,
  'example.net.': `${soa()}\n${leafServers}\nwww 300 IN CNAME web.example.org.\nmail 300 IN A 203.0.113.26\n`,
  'example.org.': `${soa()}\n${leafServers}\nweb 300 IN A 203.0.113.82\nweb 300 IN AAAA 2001:db8:80::82\n`,
  'example.se.': `${soa()}\n${delegate('@', 'ns1.example.com.')}\n@ 300 IN A 203.0.113.83\n`,
};

/** Served by the first leaf server alone. */
export const ownServerZones: Readonly<Record<string, string>> = Object.fromEntries(
  ownServers.map(({ zone, addresses }) => [
    zone,
    `${soa()}\n${delegate('@', `ns.${zone}`)}\n${glue(`ns.${zone}`, addresses)}\n* 300 IN A 203.0.113.90\n`,
  ]),
);

/** Served by the second leaf server alone. */
export const onlyIPv6Zones: Readonly<Record<string, string>> = {
  'six.com.': `
${soa()}
${delegate('@', 'ns.six.com.')}
ns 172800 IN AAAA ${onlyIPv6Address}
* 300 IN A 203.0.113.91
`,
};
