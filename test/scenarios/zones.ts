/** Zones that several scenarios share: a root, two TLDs and a zone with the ordinary things in it. */

/** Where the zones below are served. */
export const ROOT_SERVER = '198.41.0.4';
export const COM_SERVER = '192.5.6.30';
export const NET_SERVER = '192.5.6.31';
export const NS1 = '203.0.113.1';
export const NS2 = '203.0.113.2';
export const OTHER_NET_SERVER = '203.0.113.9';

export const root = `
@ NS a.root.
a.root. A 198.41.0.4
com. NS a.gtld.com.
a.gtld.com. A 192.5.6.30
net. NS a.gtld.net.
a.gtld.net. A 192.5.6.31
`;

export const com = `
@ NS a.gtld
a.gtld A 192.5.6.30
example NS ns1.example
example NS ns2.example
ns1.example A 203.0.113.1
ns2.example A 203.0.113.2
`;

export const net = `
@ NS a.gtld
a.gtld A 192.5.6.31
other NS ns.other
ns.other A 203.0.113.9
`;

export const exampleCom = `
@ NS ns1
@ NS ns2
ns1 A 203.0.113.1
ns2 A 203.0.113.2
www A 192.0.2.1
www A 192.0.2.2
cdn CNAME edge.other.net.
local CNAME www
a.b.c.d A 192.0.2.4
old DNAME new
x.new A 192.0.2.5
zero 0 A 192.0.2.6
*.wild TXT "any"
loop1 CNAME loop2
loop2 CNAME loop1
`;

export const otherNet = `
@ NS ns
ns A 203.0.113.9
edge A 198.51.100.7
`;

export const ordinary = { '.': root, 'com.': com, 'net.': net, 'example.com.': exampleCom, 'other.net.': otherNet };
