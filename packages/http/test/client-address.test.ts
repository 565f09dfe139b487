import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { clientAddress } from '../src/client-address.ts';

const of = (remoteAddress: string | undefined, ip?: unknown) =>
  clientAddress({ socket: { remoteAddress }, ip } as unknown as IncomingMessage);

describe('clientAddress', () => {
  it('is the other end of the connection, or what Express says', () => {
    assert.equal(of('192.0.2.1'), '192.0.2.1');
    assert.equal(of('192.0.2.1', '198.51.100.7'), '198.51.100.7');
    assert.equal(of('::ffff:192.0.2.1'), '192.0.2.1');
    assert.equal(of(undefined), '');
  });

  it('is the same for all addresses of an IPv6 network of one client', () => {
    assert.equal(of('2001:db8:1:2:3:4:5:6'), '2001:db8:1:2::/64');
    assert.equal(of('2001:db8:1:2::9'), of('2001:0db8:0001:0002:a:b:c:d'));
    assert.notEqual(of('2001:db8:1:3::9'), of('2001:db8:1:2::9'));
    assert.equal(of('2001:db8::1'), '2001:db8:0:0::/64');
    assert.equal(of('::1'), '0:0:0:0::/64');
    assert.equal(of('fe80::1%eth0'), 'fe80:0:0:0::/64');
  });
});
