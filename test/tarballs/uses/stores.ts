import { keyvStore, memoryDerivatives, memoryStore } from '@safelight/stores';
import { chaosStore } from '@safelight/stores/chaos';
import { storeConformance } from '@safelight/stores/conformance';
import Keyv from 'keyv';

const read = [];
const misbehaving = chaosStore(memoryStore());
for (const store of [memoryStore(), keyvStore(new Keyv(), { keyPrefix: 'safelight:' }), misbehaving]) {
  await store.set('a:{cat}', { rung: 1 }, 60_000);
  read.push((await store.getMany(['a:{cat}', 'a:{dog}'])).map((value) => value ?? null));
}
misbehaving.control.down();
const whileDown = await misbehaving.getMany(['a:{cat}']).then(
  () => 'read',
  () => 'rejected',
);

const draft = memoryDerivatives().create();
await draft.write(Buffer.from('picture'));
draft.end();
const isNamed = typeof (await draft.store({ type: 'image/png' })) === 'string';

// This project runs the suite itself: the suite must work without mocha.
const titles: string[] = [];
storeConformance({
  describe: (_title, body) => body(),
  it: (title) => void titles.push(title),
  create: () => ({ store: memoryStore() }),
});
console.log(JSON.stringify({ read, whileDown, isNamed, hasTests: titles.length > 5 }));
