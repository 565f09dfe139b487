import assert from 'node:assert/strict';
import { listedHosts, parseListedHost } from '../../../src/upload-api/remote/listed-hosts.ts';

function matches(entry: string): (url: string) => boolean {
  const isListed = listedHosts([entry]);
  return (url) => isListed(new URL(url));
}

describe('hosts that files may be fetched from', () => {
  const cases: readonly (readonly [entry: string, listed: readonly string[], others: readonly string[]])[] = [
    [
      'img.example.org',
      [
        'http://img.example.org',
        'https://IMG.example.org/a',
        'https://img.example.org./',
        'http://img.example.org:443',
      ],
      [
        'http://example.org',
        'http://a.img.example.org',
        'http://img.example.org:8080',
        'http://img.example.org.evil.test',
      ],
    ],
    [
      '*.example.org',
      ['http://a.example.org', 'https://a.b.example.org'],
      ['http://example.org', 'http://evilexample.org', 'http://example.org.evil.test', 'https://a.example.org:8443'],
    ],
    ['*', ['http://a.test', 'https://1.2.3.4', 'http://[2001:db8::1]'], ['http://a.test:22', 'http://a.test:8080']],
    ['*:8080', ['http://a.test:8080'], ['http://a.test']],
    [
      'img.example.org:8443',
      ['https://img.example.org:8443'],
      ['https://img.example.org', 'http://img.example.org:844'],
    ],
    [
      '127.0.0.1:9000',
      ['http://2130706433:9000', 'http://0x7f.1:9000', 'http://127.1:9000'],
      ['http://127.0.0.2:9000'],
    ],
    ['[::1]:80', ['http://[::1]', 'http://[0:0:0:0:0:0:0:1]'], ['https://[::1]', 'http://[::2]']],
    ['BÜCHER.example', ['http://bücher.example', 'http://xn--bcher-kva.example'], ['http://bucher.example']],
  ];
  for (const [entry, listed, others] of cases) {
    it(entry, () => {
      const isListed = matches(entry);
      for (const url of listed) assert.equal(isListed(url), true, url);
      for (const url of others) assert.equal(isListed(url), false, url);
    });
  }

  it('malformed entries are refused', () => {
    for (const entry of [
      ...['', '*.', '*.*', 'a.*', '**', '*.*:80', 'http://a.test', 'a.test/b', 'a.test:', 'a.test:0', 'a.test:65536'],
      ...['a.test:80:80', 'user@a.test', 'a b', 'a?b', 'a#b', 'a\\b', '[::1', '::1', ':80', '*:'],
    ]) {
      assert.equal(parseListedHost(entry), undefined, entry);
    }
  });
});
