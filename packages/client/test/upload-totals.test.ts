import assert from 'node:assert/strict';
import { createUploader, type UploadTotals, uploadAll } from '@safelight/client/upload';
import { catResponse } from './recorded-responses.ts';
import { respondWithJson, startTestServer } from './upload-server.ts';

describe('uploadAll() with totals', () => {
  it('reports the bytes and phases of all files, and names the file of each progress', async () => {
    let failures = 1;
    const server = await startTestServer(({ fields }, res) =>
      fields.at(-1)?.filename === 'bad' && failures-- > 0
        ? respondWithJson(res, { error: { message: 'no' } }, 400)
        : respondWithJson(res, catResponse),
    );
    try {
      const upload = createUploader({ endpoint: server.origin, cloudName: 'demo' });
      const files = [new File(['12345'], 'good'), new File(['123'], 'bad')];
      const told: UploadTotals[] = [];
      const seen = new Set<Blob>();
      const tasks = uploadAll(upload, files, { onProgress: ({ file }) => void seen.add(file) }, (totals) =>
        told.push(totals),
      );
      await Promise.allSettled(tasks);
      assert.deepEqual(seen, new Set(files));
      assert.deepEqual(told[0], { running: 2, ready: 0, failed: 0, aborted: 0, sentBytes: 0, totalBytes: 8 });
      assert.deepEqual(told.at(-1), { running: 0, ready: 1, failed: 1, aborted: 0, sentBytes: 5, totalBytes: 5 });

      await tasks[1]?.retry();
      assert.deepEqual(told.at(-1), { running: 0, ready: 2, failed: 0, aborted: 0, sentBytes: 8, totalBytes: 8 });
    } finally {
      await server.close();
    }
  });
});
