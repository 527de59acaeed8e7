/**
 * RDATA of every type in text and in octets, from the examples of the RFCs or written by hand: the table that the
 * vector, property and oracle tests share.
 */
import type { Octets } from '../../src/dns/octets.js';

export interface RdataVector {
  readonly type: string;
  readonly text: string;
  readonly rdata: Octets;
  /** How it is shown, where that is not how it was written. */
  readonly shown: string;
}

/** Wire form of a name without escapes, in hex. */
const n = (name: string): string =>
  `${name
    .split('.')
    .filter((label) => label !== '')
    .map((label) => hexLength(label) + ascii(label))
    .join('')}00`;
const hexLength = (text: string): string => text.length.toString(16).padStart(2, '0');
const ascii = (text: string): string => Buffer.from(text, 'latin1').toString('hex');
/** A character-string, in hex. */
const s = (text: string): string => hexLength(text) + ascii(text);
const b64 = (text: string): string => Buffer.from(text, 'base64').toString('hex');

/** RFC 4034 §2.3 */
const DNSKEY_EXAMPLE =
  'AQPSKmynfzW4kyBv015MUG2DeIQ3Cbl+BBZH4b/0PY1kxkmvHjcZc8nokfzj31GajIQKY+5CptLr3buXA10hWqTkF7H6RfoRqXQeogmMHfpftf6' +
  'zMv1LyBUgia7za6ZEzOJBOztyvhjL742iU/TpPSEDhm2SNKLijfUppn1UaNvv4w==';
/** RFC 4034 §3.3 */
const RRSIG_EXAMPLE =
  'oJB1W6WNGv+ldvQ3WDG0MQkg5IEhjRip8WTrPYGv07h108dUKGMeDPKijVCHX3DDKdfb+v6oB9wfuh3DTJXUAfI/M0zmO/zz8bW0Rznl8O3tGNa' +
  'zPwQKkRN20XPXV6nwwfoXmJQbsLNrLfkGJ5D6fwFm8nN+6pBzeDQfsS3Ap3o=';

// biome-ignore format: a table reads better in rows
const ROWS: readonly (readonly [type: string, text: string, hex: string, shown?: string])[] = [
  ['A', '192.0.2.1', 'c0000201'],
  ['A', '\\# 4 0A000001', '0a000001', '10.0.0.1'], // RFC 3597 §5
  ['NS', 'NS1.Example.', n('NS1.Example')],
  ['NS', 'a\\.b.ex\\097mple.', '03612e62076578616d706c6500', 'a\\.b.example.'],
  ['MD', 'md.example.', n('md.example')],
  ['MF', 'mf.example.', n('mf.example')],
  ['CNAME', '.', '00'],
  ['SOA', 'ns.example. root.example. 2026082201 30m 15m 1w 1d',
    `${n('ns.example')}${n('root.example')}78c38f990000070800000384 00093a8000015180`.replace(' ', ''),
    'ns.example. root.example. 2026082201 1800 900 604800 86400'],
  ['MB', 'mb.example.', n('mb.example')],
  ['MG', 'mg.example.', n('mg.example')],
  ['MR', 'mr.example.', n('mr.example')],
  ['NULL', '\\# 3 ABCDEF', 'abcdef'],
  ['NULL', '\\# 0', ''],
  ['WKS', '192.0.2.1 tcp smtp 53', 'c000020106000000400000 04'.replace(' ', ''), '192.0.2.1 6 25 53'],
  ['WKS', '192.0.2.1 17', 'c000020111'],
  ['PTR', 'host.example.', n('host.example')],
  ['HINFO', 'VAX-11/780 UNIX', s('VAX-11/780') + s('UNIX'), '"VAX-11/780" "UNIX"'],
  ['MINFO', 'r.example. e.example.', n('r.example') + n('e.example')],
  ['MX', '10 mail.example.', `000a${n('mail.example')}`],
  ['TXT', '"v=spf1 -all"', s('v=spf1 -all')],
  ['TXT', 'a "" b\\ c \\"d\\" "\\200\\\\"', `${s('a')}00${s('b c')}${s('"d"')}02c85c`, '"a" "" "b c" "\\"d\\"" "\\200\\\\"'],
  ['TXT', '"\u00e9"', '02c3a9', '"\\195\\169"'],
  ['TXT', '"\\#"', s('#'), '"#"'],
  ['RP', 'admin.example. .', `${n('admin.example')}00`],
  ['AFSDB', '1 afs.example.', `0001${n('afs.example')}`],
  ['X25', '311061700956', s('311061700956'), '"311061700956"'], // RFC 1183 §3.1
  ['ISDN', '150862028003217', s('150862028003217'), '"150862028003217"'],
  ['ISDN', '150862028003217 004', s('150862028003217') + s('004'), '"150862028003217" "004"'],
  ['RT', '2 relay.example.', `0002${n('relay.example')}`],
  // RFC 1706 §7
  ['NSAP', '0x47.0005.80.005a00.0000.0001.e133.ffffff000161.00', '47000580005a0000000001e133ffffff00016100',
    '0x47000580005a0000000001e133ffffff00016100'],
  ['NSAP-PTR', 'foo.example.', n('foo.example')],
  ['SIG', 'NXT RSASHA1 2 1h 20040509183619 20040409183619 38519 example. AA==',
    `001e050200000e10409e7a23 4076ed23 9677${n('example')}00`.replaceAll(' ', ''),
    'NXT 5 2 3600 20040509183619 20040409183619 38519 example. AA=='],
  ['KEY', '512 255 1 AQID', '0200ff01010203'],
  ['PX', '50 x.example. px400.example.', `0032${n('x.example')}${n('px400.example')}`],
  ['GPOS', '-32.6882 116.8652 10.0', s('-32.6882') + s('116.8652') + s('10.0'), '"-32.6882" "116.8652" "10.0"'],
  ['AAAA', '2001:DB8:0:0::1', '20010db8000000000000000000000001', '2001:db8::1'],
  ['AAAA', '::ffff:192.0.2.1', '00000000000000000000ffffc0000201'],
  // RFC 1876 §3 and its defaults; 52 14 05 N = 188045000 thousandths, 00 08 50 E = 530000
  ['LOC', '52 14 05 N 00 08 50 E 10.33m', '001216138b3556c880081650 00989a89'.replace(' ', ''),
    '52 14 5.000 N 0 8 50.000 E 10.33m 1m 10000m 10m'],
  ['LOC', '42 21 54 N 71 06 18 W -24m 30m', '00331613 89172dd0 70be15f0 00988d20'.replaceAll(' ', ''),
    '42 21 54.000 N 71 6 18.000 W -24.00m 30m 10000m 10m'],
  ['EID', '3141 5926 5358 9793', '3141592653589793', '3141592653589793'],
  ['NIMLOC', '75234159EAC457800920', '75234159eac457800920'],
  ['SRV', '0 5 5060 sip.example.', `0000000513c4${n('sip.example')}`],
  ['ATMA', '+358.400.1234567', `01${ascii('3584001234567')}`, '+3584001234567'],
  ['ATMA', '39.246f.00.0e7c9c', '0039246f000e7c9c', '39246f000e7c9c'],
  ['NAPTR', '100 50 "s" "http+I2L" "!^.*$!\\\\1!" _http._tcp.example.',
    `00640032${s('s')}${s('http+I2L')}${s('!^.*$!\\1!')}${n('_http._tcp.example')}`],
  ['KX', '10 kx.example.', `000a${n('kx.example')}`],
  ['CERT', 'pkix 65535 RSASHA256 AQIDBA==', '0001ffff0801020304', 'PKIX 65535 8 AQIDBA=='],
  ['CERT', '9 0 0 AA==', '000900000000'],
  ['A6', '64 ::1:2:3:4 subnet.example.', `400001000200030004${n('subnet.example')}`, '64 ::1:2:3:4 subnet.example.'],
  ['A6', '0 2001:db8::1', '0020010db8000000000000000000000001'],
  ['A6', '128 all.example.', `80${n('all.example')}`],
  ['DNAME', 'frobozz.example.', n('frobozz.example')],
  ['SINK', '64 1 TkxuZXRMYWJzLm5s', `4001${ascii('NLnetLabs.nl')}`],
  ['APL', '', ''],
  ['APL', '1:192.168.32.0/21 !1:192.168.38.0/28', '00011503c0a820 00011c83c0a826'.replace(' ', '')], // RFC 3123 §4
  ['APL', '2:FF00:0:0:0:0:0:0:0/8', '00020801ff', '2:ff00::/8'],
  // RFC 4034 §5.4
  ['DS', '60485 5 1 2BB183AF5F22588179A53B0A 98631FAD1A292118',
    'ec4505012bb183af5f22588179a53b0a98631fad1a292118', '60485 5 1 2BB183AF5F22588179A53B0A98631FAD1A292118'],
  ['SSHFP', '2 1 123456789abcdef67890123456789abcdef67890', '0201123456789abcdef67890123456789abcdef67890',
    '2 1 123456789ABCDEF67890123456789ABCDEF67890'], // RFC 4255 §3.2
  // RFC 4025 §3.2
  ['IPSECKEY', '10 1 2 192.0.2.38 AQNRU3mG7TVTO2BkR47usntb102uFJtugbo6BSGvgqt4AQ==',
    `0a0102c0000226${b64('AQNRU3mG7TVTO2BkR47usntb102uFJtugbo6BSGvgqt4AQ==')}`],
  ['IPSECKEY', '10 0 2 . AQNR', '0a0002010351'],
  ['IPSECKEY', '10 2 0 2001:db8::2000', '0a020020010db8000000000000000000002000'],
  ['IPSECKEY', '10 3 2 mygateway.example. AQNR', `0a0302${n('mygateway.example')}010351`],
  ['RRSIG', `A 5 3 86400 20030322173103 20030220173103 2642 example.com. ${RRSIG_EXAMPLE}`,
    `0001050300015180 3e7c9dd7 3e5510d7 0a52${n('example.com')}${b64(RRSIG_EXAMPLE)}`.replaceAll(' ', '')],
  ['RRSIG', 'TYPE65534 253 0 0 4294967295 0 0 . AA==', 'fffefd0000000000ffffffff0000000000000000',
    'TYPE65534 253 0 0 21060207062815 19700101000000 0 . AA=='],
  // RFC 4034 §4.3
  ['NSEC', 'host.example.com. A MX RRSIG NSEC TYPE1234',
    `${n('host.example.com')}0006400100000003041b${'00'.repeat(26)}20`],
  ['NSEC', '. TYPE65535 NS A', `00 000160 ff20${'00'.repeat(31)}01`.replaceAll(' ', ''), '. A NS TYPE65535'],
  ['DNSKEY', `256 3 5 ${DNSKEY_EXAMPLE}`, `01000305${b64(DNSKEY_EXAMPLE)}`],
  ['DNSKEY', '257 3 ED25519 AA ==', '0101030f00', '257 3 15 AA=='],
  ['DHCID', 'AAIBY2/AuCccgoJbsaxcQc9TUapptP69lOjxfNuVAA2kjEA=',
    b64('AAIBY2/AuCccgoJbsaxcQc9TUapptP69lOjxfNuVAA2kjEA=')], // RFC 4701 §3.6.1
  // RFC 5155 appendix A
  ['NSEC3', '1 1 12 aabbccdd 2t7b4g4vsa5smi47k61mv5bv1a22bojr MX DNSKEY NS SOA NSEC3PARAM RRSIG',
    '0101000c04aabbccdd1417 4eb2409fe28bcb4887a1836f957f0a8425e27b 000722010000000290'.replaceAll(' ', ''),
    '1 1 12 AABBCCDD 2T7B4G4VSA5SMI47K61MV5BV1A22BOJR NS SOA MX RRSIG DNSKEY NSEC3PARAM'],
  ['NSEC3', '1 0 0 - 00======', '01000000000100', '1 0 0 - 00'],
  ['NSEC3PARAM', '1 0 12 aabbccdd', '0100000c04aabbccdd', '1 0 12 AABBCCDD'],
  ['NSEC3PARAM', '1 0 0 -', '0100000000'],
  ['TLSA', '3 1 1 d2abde24', '030101d2abde24', '3 1 1 D2ABDE24'],
  ['SMIMEA', '3 0 0 00FF', '03000000ff'],
  // RFC 8005 §6, the key shortened
  ['HIP', '2 200100107B1A74DF365639CC39F1D578 AwEAAbdx rvs1.example.com. rvs2.example.com.',
    `10020006200100107b1a74df365639cc39f1d578${b64('AwEAAbdx')}${n('rvs1.example.com')}${n('rvs2.example.com')}`],
  ['HIP', '2 2001 AA==', '02020001200100'],
  ['NINFO', '"status"', s('status')],
  ['RKEY', '0 255 2 AQID', '0000ff02010203'],
  ['TALINK', 'h0.example. .', `${n('h0.example')}00`],
  ['CDS', '0 0 0 00', '0000000000'], // RFC 8078 §4
  ['CDNSKEY', '0 3 0 AA==', '0000030000'],
  ['OPENPGPKEY', 'AQIDBAU=', '0102030405'],
  ['CSYNC', '66 3 A NS AAAA', '00000042000300046000000 8'.replace(' ', '')], // RFC 7477 §2.2
  ['CSYNC', '66 0', '000000420000'],
  ['ZONEMD', '2018031500 1 1 FEBE3D4CE2EC2FFA4BA99D46', '7848b78c 0101febe3d4ce2ec2ffa4ba99d46'.replaceAll(' ', '')],
  // RFC 9460 appendix D
  ['SVCB', '0 foo.example.com.', `0000${n('foo.example.com')}`],
  ['SVCB', '1 .', '000100'],
  ['SVCB', '16 foo.example.com. port=53', `0010${n('foo.example.com')}000300020035`],
  ['SVCB', '1 foo.example.com. key667="hello\\210qoo"', `0001${n('foo.example.com')}029b000968656c6c6fd2716f6f`],
  ['SVCB', '1 . key667=hello', '000100029b000568656c6c6f', '1 . key667="hello"'],
  ['SVCB', '1 foo.example.com. ipv6hint="2001:db8::1,2001:db8::53:1"',
    `0001${n('foo.example.com')}00060020${'20010db8000000000000000000000001'}${'20010db8000000000000000000530001'}`,
    '1 foo.example.com. ipv6hint=2001:db8::1,2001:db8::53:1'],
  ['SVCB', '16 foo.example.org. alpn=h2,h3-19 mandatory=ipv4hint,alpn ipv4hint=192.0.2.1',
    `0010${n('foo.example.org')}00000004000100040001000902683205 68332d313900040004c0000201`.replace(' ', ''),
    '16 foo.example.org. mandatory=alpn,ipv4hint alpn="h2,h3-19" ipv4hint=192.0.2.1'],
  ['SVCB', '16 foo.example.org. alpn="f\\\\\\\\oo\\\\,bar,h2"', `0010${n('foo.example.org')}0001000c08665c6f6f2c626172026832`],
  ['SVCB', '16 foo.example.org. alpn=f\\\\\\092oo\\092,bar,h2',
    `0010${n('foo.example.org')}0001000c08665c6f6f2c626172026832`, '16 foo.example.org. alpn="f\\\\\\\\oo\\\\,bar,h2"'],
  ['HTTPS', '1 . alpn="h2" no-default-alpn ech=aGVsbG8= dohpath="/q{?dns}" ohttp tls-supported-groups=29,23 docpath',
    `000100 0001000302683200020000 0005000568656c6c6f 00070008${ascii('/q{?dns}')} 00080000 00090004001d0017 000a0000`
      .replaceAll(' ', '')],
  ['HTTPS', '1 . docpath=n,s', '000100000a0004016e0173', '1 . docpath="n,s"'], // RFC 9953 §3.2.1
  ['HTTPS', '1 . key3=x', '000100000300 0178'.replace(' ', ''), '1 . key3="x"'],
  ['DSYNC', 'CDS notify 5359 scan.example.', `003b0114ef${n('scan.example')}`, 'CDS NOTIFY 5359 scan.example.'],
  ['DSYNC', 'TYPE59 2 0 .', '003b02000000', 'CDS 2 0 .'],
  ['HHIT', 'gxJp', '831269'],
  ['BRID', 'owAA', 'a30000'],
  ['SPF', '"v=spf1"', s('v=spf1')],
  ['NID', '10 0014:4FFF:FF20:EE64', '000a00144fffff20ee64', '10 0014:4fff:ff20:ee64'], // RFC 6742 §2.1.3
  ['L32', '10 10.1.2.0', '000a0a010200'],
  ['L64', '10 2001:0db8:1140:1000', '000a20010db811401000'],
  ['LP', '10 l64-subnet1.example.', `000a${n('l64-subnet1.example')}`],
  ['EUI48', '00-00-5e-00-53-2a', '00005e00532a'], // RFC 7043 §3.2
  ['EUI64', '00-00-5E-ef-10-00-00-2a', '00005eef1000002a', '00-00-5e-ef-10-00-00-2a'],
  ['URI', '10 1 "ftp://ftp1.example.com/public"', `000a0001${ascii('ftp://ftp1.example.com/public')}`], // RFC 7553 §4.6
  ['CAA', '0 issue "ca1.example.net; policy=ev"', `0005${ascii('issue')}${ascii('ca1.example.net; policy=ev')}`],
  ['CAA', '128 "t g" ""', '8003742067', '128 t\\032g ""'],
  ['AVC', '"app-name:WOLFGANG"', s('app-name:WOLFGANG')],
  ['DOA', '0 1 2 "" aGVsbG8=', '000000000000000102 00 68656c6c6f'.replaceAll(' ', '')],
  ['DOA', '0 100000 200 example/nothing -', `00000000000186a0c8${s('example/nothing')}`,
    '0 100000 200 "example/nothing" -'],
  // RFC 8777 §4.3
  ['AMTRELAY', '10 0 1 203.0.113.15', '0a01cb00710f'],
  ['AMTRELAY', '10 0 2 2001:db8::15', '0a0220010db8000000000000000000000015'],
  ['AMTRELAY', '128 1 3 amtrelays.example.com.', `8083${n('amtrelays.example.com')}`],
  ['AMTRELAY', '200 0 0 .', 'c800'],
  ['RESINFO', 'qnamemin exterr=15-17', s('qnamemin') + s('exterr=15-17'), '"qnamemin" "exterr=15-17"'],
  ['WALLET', 'BTC 1H6W', s('BTC') + s('1H6W'), '"BTC" "1H6W"'],
  ['CLA', 'TCP-V4', s('TCP-V4'), '"TCP-V4"'],
  ['TA', '56039 13 2 4104805B', 'dae70d024104805b'],
  ['DLV', '56039 13 2 4104805B', 'dae70d024104805b'],
  ['NXT', '\\# 2 0040', '0040'],
  ['TYPE65280', '\\# 3 0a 0b0c', '0a0b0c', '\\# 3 0A0B0C'],
];

export const rdataVectors: readonly RdataVector[] = ROWS.map(([type, text, hex, shown = text]) => {
  const rdata = Buffer.from(hex, 'hex').toString('latin1') as Octets;
  if (rdata.length * 2 !== hex.length) throw new Error(`${type} ${text}: "${hex}" is not hexadecimal`);
  return { type, text, rdata, shown };
});
