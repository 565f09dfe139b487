import assert from 'node:assert/strict';
import fc from 'fast-check';
import { openAddresses, parseSubnet } from '../../../src/upload-api/remote/open-addresses.ts';

const isOpen = openAddresses([]);

/** One address at each end of each network. */
const closed = `
  0.0.0.0 0.255.255.255 10.0.0.0 10.255.255.255 100.64.0.0 100.127.255.255 127.0.0.1 127.255.255.255
  169.254.0.0 169.254.169.254 172.16.0.0 172.31.255.255 192.0.0.1 192.0.0.255 192.0.2.1 192.88.99.1 192.168.0.0
  192.168.255.255 198.18.0.0 198.19.255.255 198.51.100.1 203.0.113.1 224.0.0.1 239.255.255.255 240.0.0.1 255.255.255.255
  :: ::1 ::7f00:1 ::ffff:127.0.0.1 ::ffff:8.8.8.8 ::ffff:a00:1 64:ff9b::7f00:1 64:ff9b::10.1.2.3 64:ff9b::a9fe:a9fe
  64:ff9b:1::808:808 100::1 2001::1 2001:0:808:808::1 2001:1ff:ffff::1 2001:db8::1 2002:a00:1:: 2002:808:808::1 3fff::1
  4000::1 5f00::1 fc00::1 fdff:ffff::1 fe80::1 fe80::1%eth0 fec0::1 ff02::1
`;

const open = `
  1.1.1.1 8.8.8.8 9.255.255.255 11.0.0.0 100.63.255.255 100.128.0.0 126.255.255.255 128.0.0.0 169.253.255.255 169.255.0.0
  172.15.255.255 172.32.0.0 192.0.1.0 192.167.255.255 192.169.0.0 198.17.255.255 198.20.0.0 223.255.255.255
  2001:200::1 2001:4860:4860::8888 2003::1 2606:4700::1111 2a00:1450::1 64:ff9b::808:808 64:ff9b::1.1.1.1
`;

const listOf = (text: string) => text.trim().split(/\s+/);

describe('addresses that files may be fetched from', () => {
  it('are public', () => {
    assert.deepEqual(
      listOf(open).filter((address) => !isOpen(address)),
      [],
    );
  });

  it('are not private, local, reserved or multicast', () => {
    assert.deepEqual(
      listOf(closed).filter((address) => isOpen(address)),
      [],
    );
  });

  it('are addresses', () => {
    for (const text of ['', 'localhost', '127.1', '8.8.8.8.8', '8.8.8.8 ', '[::1]', '::g'])
      assert.equal(isOpen(text), false);
  });

  it('NAT64 reaches an address exactly when it may be reached itself', () => {
    fc.assert(
      fc.property(fc.ipV4(), (address) => {
        assert.equal(isOpen(`64:ff9b::${address}`), isOpen(address));
      }),
    );
  });

  it('of IPv6, none outside of 2000::/3 and NAT64 is public', () => {
    fc.assert(
      fc.property(fc.ipV6(), (address) => {
        if (isOpen(address)) assert.match(new URL(`http://[${address}]/`).hostname, /^\[(?:[23][\da-f]{3}:|64:ff9b::)/);
      }),
    );
  });

  it('may be private when they are in the list', () => {
    const isOpenToo = openAddresses(['10.1.0.0/16', '127.0.0.1', 'fd00:1::/64']);
    for (const address of ['10.1.255.255', '127.0.0.1', 'fd00:1::5', '::ffff:127.0.0.1', '8.8.8.8']) {
      assert.equal(isOpenToo(address), true, address);
    }
    for (const address of ['10.2.0.0', '127.0.0.2', 'fd00:1:0:1::5', '::1']) {
      assert.equal(isOpenToo(address), false, address);
    }
  });

  it('subnets are an address, and a number of bits that it has', () => {
    assert.deepEqual(parseSubnet('10.0.0.0/8'), { network: '10.0.0.0', bits: 8, family: 'ipv4' });
    assert.deepEqual(parseSubnet('::1'), { network: '::1', bits: 128, family: 'ipv6' });
    for (const text of ['', '10.0.0.0/33', '::1/129', '10.0.0/8', '10.0.0.0/', '10.0.0.0/8/8', 'a/8', 'fe80::1%1']) {
      assert.equal(parseSubnet(text), undefined, text);
    }
  });
});
