import assert from 'node:assert/strict';
import type { RequestHandler } from '@safelight/http';
import { ask } from '../../../../test/servers/ask.ts';
import { scene } from '../../../../test/servers/scene.ts';
import { closeServers, type Framework, frameworks, serve } from '../../../../test/servers/servers.ts';

/** Resolves with the body that `isMissingOriginal` reads from a handler's 404. */
async function bodyRead(write: RequestHandler): Promise<string> {
  let text = '';
  const guarded = scene().safelight.guard(
    (req, res, next) => {
      res.statusCode = 404;
      return write(req, res, next);
    },
    {
      isMissingOriginal: async ({ body }) => {
        text = await body();
        return false;
      },
    },
  );
  const server = await serve(frameworks[2] as Framework, guarded);
  assert.equal((await ask(server, '/cat')).status, 404);
  return text;
}

describe('the body of an error response, as isMissingOriginal reads it', () => {
  afterEach(closeServers);

  it('is the text of all writes, in their encodings', async () => {
    const text = await bodyRead((_req, res) => {
      res.write('636174', 'hex');
      res.write(new Uint8Array([0x20]));
      res.end('dög');
    });
    assert.equal(text, 'cat dög');
  });

  it('ends after 8192 bytes, although the response does not end', async () => {
    const text = await bodyRead((_req, res) => void res.write('é'.repeat(8000)));
    assert.equal(text, 'é'.repeat(4096));
  });

  it('does not change when the handler reuses the memory of a written buffer', async () => {
    const text = await bodyRead((_req, res) => {
      const buffer = Buffer.from('cat');
      res.write(buffer, () => {
        buffer.fill('x');
        res.end();
      });
    });
    assert.equal(text, 'cat');
  });
});
