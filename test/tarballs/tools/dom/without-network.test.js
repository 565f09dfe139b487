import { heal } from '@safelight/client/image';
import { createFakeClient } from '@safelight/client/testing';
import { imgAttrs } from '@safelight/client/url';

// jest and vitest (with its globals) run this file, in environments that have no browser.
test('an upload to the fake client is shown', async () => {
  const client = createFakeClient({ holdUploads: true });
  const img = document.body.appendChild(document.createElement('img'));
  const shown = new Promise((resolve) => {
    heal(img, client.upload(new File(['picture'], 'cat.jpg', { type: 'image/jpeg' }), { publicId: 'cat' }), {
      transformation: { width: 300 },
      onState: (state) => state === 'shown' && resolve(),
    });
  });
  client.uploads[0].finish({ width: 600, height: 400 });
  await shown;
  expect(img.src).toBe('https://pictures.example/demo/image/upload/w_300/v1700000001/cat.jpg');
  expect(imgAttrs(await client.find('cat'), { width: 100, alt: '' }).height).toBe(67);
});

test('an upload that fails has its code', async () => {
  const client = createFakeClient({ holdUploads: true });
  const task = client.upload(new Uint8Array([1, 2, 3]));
  client.uploads[0].fail('rejected', { status: 413 });
  await expect(task).rejects.toMatchObject({ code: 'rejected', status: 413 });
});
