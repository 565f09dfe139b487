import assert from 'node:assert/strict';
import { createClient, type TransformationInput, type UploadOptions } from '@safelight/client';
import { signUpload } from '@safelight/client/sign';
import { signAt } from '@safelight/client/upload';
import { publicIdProblem } from '@safelight/protocol';
import fc from 'fast-check';
import { kyInProcess } from '../../packages/client/test/ky-to.ts';
import { startSafelight } from './safelight-place.ts';
import { apiKey, apiSecret } from './sign-upload.ts';
import type { UploadPlace } from './upload-place.ts';

const runs = process.env['SAFELIGHT_LONG'] === '1' ? 2_000 : 40;
const eager: readonly TransformationInput[] = [{ width: 10 }, [{ height: 9, crop: 'fit' }, { angle: 90 }]];

/** Characters that have a meaning in the text to sign, in lists or in forms, beside all others. */
const text = fc.string({
  unit: fc.oneof(
    fc.constantFrom(...'&=,|%+ "\'\\;/[]éß漢🐈'),
    fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
  ),
  minLength: 1,
  maxLength: 20,
});
const upload = fc.record(
  {
    publicId: text.filter((id) => publicIdProblem(id) === undefined),
    overwrite: fc.boolean(),
    tags: fc.array(
      text.filter((tag) => !/[\p{Cc}\p{Cs}]/u.test(tag)),
      { maxLength: 5 },
    ),
    eager: fc.subarray([...eager]),
  },
  { requiredKeys: [] },
);

describe(`an upload with allowed parameters (${runs} random ones)`, function () {
  this.timeout(120_000);
  let place: UploadPlace;
  before(async () => {
    place = await startSafelight();
  });
  after(() => place.close());

  const sign = signUpload({ apiKey, apiSecret, allow: { publicId: /.+/, overwrite: true, tags: /.*/, eager } });
  const signed = signAt('http://site.example/sign', { ky: kyInProcess(sign) });

  it('has a signature that the server accepts', async () => {
    const client = createClient({ ...place.signedOptions, sign: signed });
    const body = new Blob(['x']);
    await fc.assert(
      fc.asyncProperty(upload, async ({ overwrite, ...others }) => {
        // Without a public ID there is nothing to overwrite, and the route says so.
        const options: UploadOptions =
          others.publicId === undefined || overwrite === undefined ? others : { ...others, overwrite };
        const asset = await client.upload(body, { ...options, resourceType: 'raw' });
        if (options.publicId !== undefined) assert.equal(asset.publicId, options.publicId);
      }),
      { numRuns: runs },
    );
  });

  it('has no signature that the server accepts when a parameter is changed, added or left out', async () => {
    const change = fc.record({
      name: fc.constantFrom('public_id', 'overwrite', 'tags', 'eager', 'folder'),
      to: fc.option(text, { nil: '' }),
    });
    await fc.assert(
      fc.asyncProperty(upload, change, async ({ publicId = 'cat', tags = ['pet'] }, { name, to }) => {
        const parameters = { public_id: publicId, overwrite: '0', tags: tags.join() };
        const { signature, timestamp } = await signed(parameters);
        const changed: Record<string, string> = { ...parameters, [name]: to };
        fc.pre(to !== ((parameters as Record<string, string>)[name] ?? ''));
        const form = new FormData();
        const all = { ...changed, timestamp: `${timestamp}`, signature, api_key: apiKey, file: 'data:,x' };
        for (const [field, value] of Object.entries(all)) form.append(field, value);
        const { status } = await fetch(`${place.deliveryOrigin}/v1_1/demo/raw/upload`, { method: 'POST', body: form });
        assert.ok(status === 401 || status === 400, `${status}`);
      }),
      { numRuns: runs },
    );
  });
});
