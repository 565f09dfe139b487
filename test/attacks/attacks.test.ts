import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Originals } from '@safelight/core';
import { fileOriginals } from '@safelight/originals';
import { casesOfRun } from '../servers/cases-of-run.ts';
import { connect, type Framework, frameworks } from '../servers/servers.ts';
import { type Attack, attacks, field, limited, refuses } from './attacks.ts';
import { type Host, type Reply, startHttp1, startHttp2 } from './clients.ts';
import { fronts, type Mount, mounts } from './mounts.ts';
import { type Failure, failures, type Place, type Site, siteOf } from './site.ts';

let hosts: readonly Host[] = [];
let places: readonly Place[] = [];
let originals: Originals;
let directory = '';

before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'safelight-attacks-'));
  originals = fileOriginals({ directory });
  const source = (async function* () {
    yield Buffer.from('original');
  })();
  const received = await originals.receive(source, { maxBytes: 100 });
  await originals.publish(received, { resourceType: 'image', publicId: 'cat', format: 'png' });
  const [http1, http2] = await Promise.all([startHttp1(), startHttp2()]);
  hosts = [http1, http2];
  const plain = frameworks[2] as Framework;
  places = [
    ...[...frameworks, connect].map((framework) => ({ name: framework.name, framework, host: http1 })),
    { name: 'HTTP/2', framework: plain, host: http2 },
  ];
});

after(async () => {
  await Promise.all(hosts.map((host) => host.close()));
  await rm(directory, { recursive: true, force: true, maxRetries: 5 });
});

/** Calls a function with a new site for each variant, in each framework and HTTP/2, as far as this run has them. */
async function inAll(
  mount: Mount,
  attack: Attack,
  variants: readonly Variant[],
  play: (site: Site, place: Place) => Promise<void>,
): Promise<void> {
  const all = variants.flatMap((variant) => placesOf(attack, variant).map((place) => ({ variant, place })));
  for (const { variant, place } of casesOfRun(all)) {
    const { failure, front } = variant;
    const { stack = [], name = '' } = attack.front ?? fronts[front] ?? {};
    const site = siteOf(place, mount, attack, { failure, front: stack, originals });
    try {
      await play(site, place);
    } catch (error) {
      throw new Error(`${place.name}, ${failure}, behind ${name}: ${(error as Error).message}`, { cause: error });
    } finally {
      site.end();
    }
  }
}

/** Where an attack is possible. */
function placesOf(attack: Attack, { front, isShort = false }: Variant): readonly Place[] {
  const { only } = attack.front ?? fronts[front] ?? {};
  return (isShort ? places.slice(0, 1) : places).filter(({ name }) => {
    const isHttp2 = name === 'HTTP/2';
    return (attack.only === undefined || (attack.only === 'HTTP/2') === isHttp2) && !(only === 'HTTP/1' && isHttp2);
  });
}

/** The handler has really failed, or has not seen the reason. */
function checkAttack({ status }: Reply, mount: Mount, attack: Attack): void {
  if (mount.sees === 'nothing') return;
  assert.ok(status === attack.status || (mount.sees === 'selection' && status === 200), `the attack got ${status}`);
}

function checkPolite({ status, text }: Reply): void {
  assert.deepEqual([status, text], [200, 'picture']);
}

interface Variant {
  readonly failure: Failure;
  readonly front: number;
  /** Only in Express 5. */
  readonly isShort?: boolean;
}

const firstVariant: Variant = { failure: 'responds', front: 0 };

/** The ways to fail, and the middleware in front. All frameworks have the first of them. */
function variantsOf({ name }: Mount, { failsItself = false, front }: Attack): readonly Variant[] {
  if (name.startsWith('cloud') || front !== undefined) return [firstVariant];
  const ways = failsItself ? [] : failures.slice(1);
  return [
    firstVariant,
    ...ways.map((failure) => ({ failure, front: 0, isShort: true })),
    ...fronts
      .slice(1)
      .map((_, i) => i + 1)
      .map((front) => ({ failure: firstVariant.failure, front, isShort: true })),
  ];
}

/** Whether a mount is of use for a handler that needs fields. */
function fits(mount: Mount, { needsFields = false, needsClient = false }: Attack): boolean {
  if (needsClient && mount.isCached === true) return false;
  return !needsFields || mount.sees !== 'selection';
}

for (const mount of mounts) {
  describe(`a failure that one request causes is not shown to other clients: ${mount.name}`, () => {
    for (const attack of attacks) {
      if (!fits(mount, attack)) continue;
      it(attack.name, async () => {
        await inAll(mount, attack, variantsOf(mount, attack), async (site) => {
          for (let time = 0; time < 2; time += 1) checkAttack(await site.attack(), mount, attack);
          checkPolite(await site.ask());
        });
      });

      if (attack.sent.leaves !== undefined) continue;
      if (mount.isCached === true) {
        it(`${attack.name}, after a polite request`, async () => {
          await inAll(mount, attack, [firstVariant], async (site) => {
            checkPolite(await site.ask());
            for (let time = 0; time < 2; time += 1) await site.attack();
            checkPolite(await site.ask());
          });
        });
      }
      if (mount.sees === 'nothing') continue;
      it(`${attack.name}, while a polite client waits`, async () => {
        await inAll(mount, attack, [firstVariant], async (site) => {
          const resume = site.pause();
          const attacking = site.attack();
          await Promise.all([site.isRunning(), site.received(1)]);
          const polite = site.ask();
          await site.received(2);
          resume();
          checkPolite(await polite);
          checkAttack(await attacking, mount, attack);
        });
      });
    }
  });
}

/** What one request can still do: for how many seconds a polite client gets the failure. */
const rest: readonly { readonly attack: Attack; readonly heldForS: number }[] = [
  ...[404, 405, 410, 414, 501].map((status) => ({ attack: field('x-odd', status), heldForS: 60 })),
  ...[500, 502, 503, 504].map((status) => ({ attack: field('x-odd', status), heldForS: 1 })),
  { attack: limited, heldForS: 1 },
  { attack: { ...limited, name: 'a limiter that asks for 30 s', errorFields: { 'Retry-After': '30' } }, heldForS: 30 },
  { attack: field('x-odd', 400, { name: 'a 400 that hold names', options: { hold: [400] } }), heldForS: 60 },
  { attack: field('referer', 403, { name: 'a 403 that hold names', options: { hold: [403] } }), heldForS: 60 },
  {
    attack: field('x-odd', 404, { name: 'a 404 with no-store', errorFields: { 'Cache-Control': 'no-store' } }),
    heldForS: 60,
  },
  {
    attack: {
      name: 'a foreign host, and a response that says that the original is missing',
      sent: { authority: 'evil' },
      status: 404,
      handlerOf: refuses(({ headers }) => (headers.host ?? headers[':authority']) !== 'a'),
      errorFields: { 'X-Safelight-Missing-Original': '1' },
    },
    heldForS: 60,
  },
];

for (const mount of mounts.filter(({ sees, name }) => sees === 'all' && !name.startsWith('cloud'))) {
  describe(`a failure that one request can still cause for others, for a time: ${mount.name}`, () => {
    for (const { attack, heldForS } of rest) {
      it(`${attack.name}: ${heldForS} s`, async () => {
        await inAll(mount, attack, [firstVariant], async (site) => {
          for (let time = 0; time < 2; time += 1) assert.equal((await site.attack()).status, attack.status);
          site.clock.pass(heldForS * 1000 - 1);
          const held = await site.ask();
          assert.deepEqual([held.status, held.isHit], [attack.status, true]);
          site.clock.pass(1);
          checkPolite(await site.ask());
        });
      });
    }
  });
}
