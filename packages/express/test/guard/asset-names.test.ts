import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { assetFromPath, missingOriginal } from '@safelight/express';
import type { RequestHandler } from '@safelight/http';
import { ask, exchange, isHeld } from '../../../../test/servers/ask.ts';
import { casesOfRun } from '../../../../test/servers/cases-of-run.ts';
import { counted } from '../../../../test/servers/counted.ts';
import { scene } from '../../../../test/servers/scene.ts';
import { closeServers, express4, express5, frameworks, listen, serve } from '../../../../test/servers/servers.ts';

const names: readonly string[] = [
  ...['my cat.jpg', 'café.jpg', '小.jpg', 'a+b.jpg', '100%.jpg', "it's (1).jpg", 'dir/café.jpg', 'a%20b.jpg', 'q?.jpg'],
];
/** The ways in which clients write a name in a path. */
const spellings: readonly ((name: string) => string)[] = [
  (name) => name.split('/').map(encodeURIComponent).join('/'),
  (name) => new URL(`http://a/${name.replaceAll(/[%?]/g, encodeURIComponent)}`).pathname.slice(1),
];

const notFound: RequestHandler = (_req, res) => void res.writeHead(404).end('nothing');
const missing: RequestHandler = () => {
  throw missingOriginal('it');
};

describe('the names of assets', () => {
  afterEach(closeServers);

  for (const framework of casesOfRun(frameworks)) {
    for (const [how, handler] of Object.entries({ 'not found': notFound, 'a missing original': missing })) {
      for (const cache of [false, true]) {
        it(`changed() takes the name as people write it: ${how}, without asset, ${framework.name}${cache ? ', with cache' : ''}`, async () => {
          const { safelight } = scene();
          const server = await serve(framework, safelight.guard(handler, { cache }));
          for (const name of names) {
            for (const spell of spellings) {
              const path = `/thumbs/${spell(name)}`;
              await ask(server, path);
              assert.equal(isHeld(await ask(server, path)), true, path);
              await safelight.changed(`/thumbs/${name}`);
              assert.equal(isHeld(await ask(server, path)), false, `${path} after changed()`);
            }
          }
        });
      }
    }
  }

  for (const [name, express] of Object.entries({ 'Express 5': express5, 'Express 4': express4 })) {
    it(`assetFromPath is the decoded path below the mount (${name})`, async () => {
      const { safelight, faults } = scene();
      const app = express();
      app.use('/thumbs', safelight.guard(notFound, { asset: assetFromPath }) as unknown as express5.RequestHandler);
      const server = await listen(app);
      for (const asset of names) {
        for (const spell of spellings) {
          const path = `/thumbs/${spell(asset)}`;
          for (const query of ['', '?w=1']) await ask(server, path + query);
          for (const query of ['', '?w=1']) assert.equal(isHeld(await ask(server, path + query)), true, path);
          await safelight.changed(asset);
          for (const query of ['', '?w=1']) assert.equal(isHeld(await ask(server, path + query)), false, path);
        }
      }
      assert.deepEqual(faults, []);
    });
  }

  const pairs: readonly (readonly [attack: string, polite: string])[] = [
    ...([
      ['/a%2Bcat.jpg', '/a+cat.jpg'],
      ['/a+c%61t.jpg', '/a+cat.jpg'],
      ['/a+cat%2ejpg', '/a+cat.jpg'],
    ] as const),
    ...([
      ['/100%.jpg', '/100%25.jpg'],
      ['/a%7bb.jpg', '/a%7Bb.jpg'],
      ['/a%5B1%5D.jpg', '/a[1].jpg'],
    ] as const),
    ...([
      ['/a%5Eb.jpg', '/a^b.jpg'],
      ['/a{b}.jpg', '/a%7Bb%7D.jpg'],
      ['/caf%c3%a9.jpg', '/caf%C3%A9.jpg'],
    ] as const),
    ...([
      ['/a%E4.jpg', '/a%25E4.jpg'],
      ['/%2F', '//'],
      ['/q%3f', '/q%3F'],
    ] as const),
  ];
  const wrapped = { asset: (req: IncomingMessage) => assetFromPath(req) };
  for (const options of [{}, { asset: assetFromPath }, wrapped]) {
    it(`another spelling of a name shares no failure with it: ${'asset' in options ? 'assetFromPath' : 'without asset'}`, async () => {
      for (const [attack, polite] of pairs) {
        // A handler that does not decode the path: only one spelling exists.
        const picture = counted((req, res) => {
          if (req.url !== polite) throw missingOriginal('it');
          res.end('picture');
        });
        const { safelight, faults } = scene();
        const server = await serve(frameworks[2] as (typeof frameworks)[number], safelight.guard(picture, options));
        for (let time = 0; time < 2; time += 1) {
          assert.match(
            await exchange(server, `GET ${attack} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`),
            / 404 /,
          );
        }
        assert.match(
          await exchange(server, `GET ${polite} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`),
          / 200 [\s\S]*picture/,
          `${polite} after ${attack}`,
        );
        assert.deepEqual(faults, []);
      }
    });
  }

  it('an asset function that returns percent-encoded names is reported once, with what to do', async () => {
    const { safelight, faults } = scene();
    const asset = ({ url }: IncomingMessage) => url?.slice(1);
    const server = await serve(frameworks[0] as (typeof frameworks)[number], safelight.guard(notFound, { asset }));
    for (const path of ['/cat.jpg', '/100%.jpg', '/my%20cat.jpg', '/my%20dog.jpg']) await ask(server, path);
    assert.equal(faults.length, 1);
    assert.match(String(faults[0]), /asset returned 'my%20cat\.jpg'.*assetFromPath/);
    // The result is taken literally.
    await safelight.changed('my%20cat.jpg');
    assert.equal(isHeld(await ask(server, '/my%20cat.jpg')), false);
  });

  it('names in different Unicode normal forms are different assets', async () => {
    const { safelight } = scene();
    const server = await serve(frameworks[0] as (typeof frameworks)[number], safelight.guard(notFound));
    const path = `/${encodeURIComponent('café'.normalize('NFD'))}`;
    await ask(server, path);
    await safelight.changed(`/${'café'.normalize('NFC')}`);
    assert.equal(isHeld(await ask(server, path)), true);
    await safelight.changed(`/${'café'.normalize('NFD')}`);
    assert.equal(isHeld(await ask(server, path)), false);
  });
});
