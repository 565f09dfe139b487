import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { fileDerivatives, fileOriginals } from '@safelight/originals';
import { originalsConformance } from '@safelight/originals/conformance';

const originals = fileOriginals({ directory: 'originals' });
const id = { resourceType: 'image', publicId: 'cat' } as const;
const received = await originals.receive(Readable.from([Buffer.from('picture')]), { maxBytes: 100 });
const { version } = await originals.publish(received, { ...id, format: 'jpg' });
const found = await originals.find(id, version);
const missing = await originals.find({ ...id, publicId: 'dog' });

const derivatives = fileDerivatives({ directory: 'derivatives', onError: console.error });
const draft = derivatives.create();
await draft.write(Buffer.from('smaller picture'));
draft.end();
const name = await draft.store({ type: 'image/jpeg' });
const stored = name === undefined ? undefined : await derivatives.open(name);

console.log(
  JSON.stringify({
    original: found === undefined ? null : await text(found.stream()),
    missing: missing ?? null,
    derivative: stored?.head ?? null,
    conformance: typeof originalsConformance,
  }),
);
stored?.release();
