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
      assert.ok(told.every(({ totalBytes, count }) => totalBytes === 8 && count === 2));
      assert.deepEqual(told[0]?.phases, {
        queued: 2,
        sending: 0,
        offline: 0,
        processing: 0,
        ready: 0,
        failed: 0,
        aborted: 0,
      });
      assert.deepEqual([told.at(-1)?.phases.ready, told.at(-1)?.phases.failed], [1, 1]);

      await tasks[1]?.retry();
      assert.deepEqual([told.at(-1)?.phases.ready, told.at(-1)?.phases.failed], [2, 0]);
      assert.equal(told.at(-1)?.sentBytes, 8);
    } finally {
      await server.close();
    }
  });
});
