/** The network that a limit counts: all addresses of one, and of no other. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { inSubnet, subnetOf } from '../../../src/core/rules/subnet.ts';

describe('the subnet of an address', () => {
  const table: readonly (readonly [string, string])[] = [
    ['203.0.113.7', '203.0.113.0/24'],
    ['203.0.113.255', '203.0.113.0/24'],
    ['203.0.114.7', '203.0.114.0/24'],
    ['::ffff:203.0.113.7', '203.0.113.0/24'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['2001:db8:0:0:ffff::1', '2001:db8:0:0::/64'],
    ['2001:db8:0:1::1', '2001:db8:0:1::/64'],
    ['2001:DB8:0:1::1', '2001:db8:0:1::/64'],
    ['2001:0db8:0000:0001:0:0:0:1', '2001:db8:0:1::/64'],
    ['::1', '0:0:0:0::/64'],
    ['::', '0:0:0:0::/64'],
    ['1::', '1:0:0:0::/64'],
    ['1:2:3:4:5:6:7::', '1:2:3:4::/64'],
    ['1:2::3:4:5:6:7', '1:2:0:3::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['fe80::1%12', 'fe80:0:0:0::/64'],
    ['not an address', 'not an address'],
    ['', ''],
  ];
  for (const [address, subnet] of table) {
    it(`${address === '' ? 'nothing' : address} is in ${subnet || 'nothing'}`, () => {
      assert.equal(subnetOf(address), subnet);
    });
  }

  const groups = fc.array(fc.integer({ min: 0, max: 0xffff }), { minLength: 8, maxLength: 8 });

  it('does not depend on how an IPv6 address is written', () => {
    fc.assert(fc.property(groups, fc.boolean(), fc.boolean(), (parts, padded, upper) => {
      const plain = parts.map((part) => part.toString(16));
      const written = plain.map((part) => (padded ? part.padStart(4, '0') : part)).join(':');
      const address = upper ? written.toUpperCase() : written;
      const expected = `${plain.slice(0, 4).join(':')}::/64`;
      assert.equal(subnetOf(address), expected);
      assert.equal(subnetOf(shortened(plain)), expected);
    }), { numRuns: 1000 });
  });

  it('does not depend on the host part, and does on the network part', () => {
    const byte = fc.integer({ min: 0, max: 255 });
    const network = fc.tuple(byte, byte, byte);
    fc.assert(fc.property(network, network, byte, byte, (a, b, host, other) => {
      const same = subnetOf([...a, host].join('.'));
      assert.equal(subnetOf([...a, other].join('.')), same);
      assert.equal(subnetOf(`::ffff:${[...a, other].join('.')}`), same);
      assert.equal(subnetOf([...b, host].join('.')) === same, a.join() === b.join());
    }));
  });
});

describe('an address in a subnet', () => {
  const inside: readonly (readonly [string, string])[] = [
    ['203.0.113.7', '203.0.113.0/24'],
    ['203.0.113.7', '203.0.113.99/24'],
    ['203.0.113.7', '203.0.113.7/32'],
    ['203.0.113.7', '203.0.112.0/23'],
    ['203.0.113.7', '0.0.0.0/0'],
    ['255.255.255.255', '128.0.0.0/1'],
    ['::ffff:203.0.113.7', '203.0.113.0/24'],
    ['2001:db8::1', '2001:db8::/32'],
    ['2001:DB8:0:1::1', '2001:db8:0:1::/64'],
    ['2001:0db8::1', '2001:db8::1/128'],
    ['fe80::1%eth0', 'fe80::/10'],
    ['::1', '::/0'],
    ['1:2:3:4:5:6:7:8', '1:2:3:4:5:6:7:8/128'],
    ['1:2:3:4:5:6:7::', '1:2:3:4:5:6:7:0/128'],
  ];
  for (const [address, subnet] of inside) {
    it(`${address} is in ${subnet}`, () => assert.equal(inSubnet(address, subnet), true));
  }

  const outside: readonly (readonly [string, string])[] = [
    ['203.0.114.7', '203.0.113.0/24'],
    ['203.0.113.8', '203.0.113.7/32'],
    ['203.0.114.7', '203.0.112.0/23'],
    ['127.255.255.255', '128.0.0.0/1'],
    ['2001:db9::1', '2001:db8::/32'],
    ['2001:db8:0:2::1', '2001:db8:0:1::/64'],
    ['203.0.113.7', '::/0'],
    ['::1', '0.0.0.0/0'],
    // What is not written as a subnet holds nobody.
    ['203.0.113.7', '203.0.113.7'],
    ['203.0.113.7', '203.0.113.0/'],
    ['203.0.113.7', '203.0.113.0/33'],
    ['203.0.113.7', '203.0.113.0/-1'],
    ['203.0.113.7', '203.0.113.0/2.5'],
    ['203.0.113.7', '203.0.113.0/x'],
    ['203.0.113.7', '203.0.113.0/ '],
    ['203.0.113.7', '203.0.113.0/0x8'],
    ['203.0.113.7', '203.0.113.0/1e1'],
    ['203.0.113.7', '203.0.113.0/24/8'],
    ['203.0.113.7', '203.0.113/24'],
    ['203.0.113.7', '203.0.113.256/24'],
    ['203.0.113.7', '203.0.113.0x1/24'],
    ['203.0.113.7', ''],
    ['2001:db8::1', '2001:db8::/129'],
    ['2001:db8::1', '2001::db8::/32'],
    ['2001:db8::1', '2001:db8:0:0/64'],
    ['2001:db8::1', '2001:db8:xyz::/32'],
    ['2001:db8::1', 'partner'],
    // What is no address is in no subnet.
    ['203.0.113', '0.0.0.0/0'],
    ['203.0.113.300', '0.0.0.0/0'],
    ['not an address', '::/0'],
    ['1:2:3:4:5:6:7:8:9', '::/0'],
    ['1:2:3:4:5:6:7:8::', '::/0'],
    ['12345::', '::/0'],
    ['', '::/0'],
    ['', '0.0.0.0/0'],
  ];
  for (const [address, subnet] of outside) {
    it(`${address || 'nothing'} is not in ${subnet || 'nothing'}`, () => {
      assert.equal(inSubnet(address, subnet), false);
    });
  }

  it('is in its own network of every width, and in that of another as they agree', () => {
    const quad = fc.tuple(...Array.from({ length: 4 }, () => fc.integer({ min: 0, max: 255 })));
    const bitsOf = (quads: readonly number[]) =>
      quads.map((part) => part.toString(2).padStart(8, '0')).join('');
    fc.assert(fc.property(quad, quad, fc.nat({ max: 32 }), (a, b, width) => {
      const same = bitsOf(a).slice(0, width) === bitsOf(b).slice(0, width);
      assert.equal(inSubnet(a.join('.'), `${b.join('.')}/${width}`), same);
      assert.equal(inSubnet(a.join('.'), `${a.join('.')}/${width}`), true);
      assert.equal(inSubnet(`::ffff:${a.join('.')}`, `${b.join('.')}/${width}`), same);
    }), { numRuns: 1000 });
  });

  it('agrees with the network that limits count', () => {
    const byte = fc.integer({ min: 0, max: 255 });
    fc.assert(fc.property(byte, byte, byte, byte, (a, b, c, d) => {
      const address = [a, b, c, d].join('.');
      assert.equal(inSubnet(address, subnetOf(address)), true);
    }));
    for (const address of ['2001:db8:0:1::1', '::1', '1:2:3:4:5:6:7:8']) {
      assert.equal(inSubnet(address, subnetOf(address)), true);
    }
  });
});

/** The form of RFC 5952 §4.2: the first longest run of zeros written as `::`. */
function shortened(groups: readonly string[]): string {
  const text = groups.join(':');
  const runs = [...text.matchAll(/\b0(?::0)+\b/g)].sort((a, b) => b[0].length - a[0].length);
  const run = runs[0];
  if (run === undefined) return text;
  const head = text.slice(0, run.index).replace(/:$/, '');
  const tail = text.slice(run.index + run[0].length).replace(/^:/, '');
  return `${head}::${tail}`;
}
