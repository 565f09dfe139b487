import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { lastNext } from '@safelight/http';
import { ask } from '../../../test/servers/ask.ts';
import { closeServers, listen } from '../../../test/servers/servers.ts';

describe('lastNext', () => {
  afterEach(closeServers);

  /** @param begin - what the application does before it calls `next` */
  async function replyTo(error?: unknown, begin: (res: ServerResponse) => Promise<unknown> = async () => undefined) {
    const errors: unknown[] = [];
    const server = await listen(async (req, res) => {
      await begin(res);
      lastNext(req, res, (reported) => errors.push(reported))(error);
    });
    return { ...(await ask(server, '/')), errors };
  }

  const failed = new Error('database password is wrong');
  const rows: readonly (readonly [error: unknown, status: number, text: string, isReported: boolean])[] = [
    [undefined, 404, 'Not found\n', false],
    [failed, 500, 'Internal server error\n', true],
    ['only text', 500, 'Internal server error\n', true],
    [Object.assign(new Error('busy'), { status: 503 }), 503, 'Internal server error\n', true],
    [Object.assign(new Error('too long'), { statusCode: 414 }), 414, 'Bad request\n', false],
    [Object.assign(new Error('none'), { status: 404 }), 404, 'Not found\n', false],
    [Object.assign(new Error('odd'), { status: 200 }), 500, 'Internal server error\n', true],
  ];
  for (const [error, status, text, isReported] of rows) {
    it(`next(${error === undefined ? '' : String(error)}) sends ${status}${isReported ? ' and reports the error' : ''}`, async () => {
      const reply = await replyTo(error);
      assert.deepEqual([reply.status, reply.text], [status, text]);
      assert.deepEqual(reply.errors, isReported ? [error] : []);
      assert.equal(reply.headers['cache-control'], 'no-store');
    });
  }

  it('breaks off a response that has begun', async () => {
    const { complete, errors } = await replyTo(
      failed,
      (res) => new Promise<unknown>((resolve) => res.write('the first half', resolve)),
    );
    assert.deepEqual([complete, errors], [false, [failed]]);
  });

  it('does not break off a response that has ended', async () => {
    const { complete, text } = await replyTo(failed, async (res) => res.end('all'));
    assert.deepEqual([complete, text], [true, 'all']);
  });
});
