import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Request, RequestHandler, Response } from 'express';
import { arrivals } from '../../../../test/servers/arrivals.ts';
import { ask, isHeld } from '../../../../test/servers/ask.ts';
import { scene } from '../../../../test/servers/scene.ts';
import { closeServers, express4, express5, listen } from '../../../../test/servers/servers.ts';

const nowhere = join(tmpdir(), 'safelight-no-such-file.png');

/** The ways in which a handler leaves its response to Express, and the status of the error. */
const waysOut: Readonly<Record<string, readonly [status: number, handler: (req: Request, res: Response) => void]>> = {
  'sendFile of a missing file': [404, (_req, res) => res.sendFile(nowhere)],
  'download of a missing file': [404, (_req, res) => res.download(nowhere)],
  'format without a suitable format': [406, (_req, res) => void res.format({ 'text/html': () => res.send('x') })],
  'render of an unknown view': [500, (_req, res) => res.render('no-such-view')],
  'req.next(error)': [
    410,
    (req) => (req.next as (error: unknown) => void)(Object.assign(new Error('gone'), { status: 410 })),
  ],
};

describe('guard with cache: the ways out of Express', () => {
  afterEach(closeServers);

  for (const [name, express] of Object.entries({ 'Express 5': express5, 'Express 4': express4 })) {
    for (const [what, [status, handler]] of Object.entries(waysOut)) {
      for (const errors of ['application', 'safelight'] as const) {
        it(`${what}: all who wait get the error at once (${name}, errors: '${errors}')`, async () => {
          const { safelight } = scene();
          let runs = 0;
          const app = express();
          app.set('env', 'test');
          app.set('views', tmpdir());
          app.set('view engine', 'none');
          const counted: RequestHandler = (req, res) => {
            runs += 1;
            handler(req, res);
          };
          // 406 is not held.
          const guard = safelight.guard(counted as never, { cache: true, errors });
          app.use('/thumbs', guard as unknown as RequestHandler);
          const respond: Parameters<typeof app.use>[0] = ((
            error: { status?: number },
            _req: Request,
            res: Response,
            _next: unknown,
          ) => {
            res.status(error.status ?? 500).end('app');
          }) as never;
          app.use(respond);
          const server = await listen(app);
          const headers = { Accept: 'image/png' };
          const replies = await Promise.all([1, 2, 3].map(() => ask(server, '/thumbs/cat', { headers })));
          assert.deepEqual(
            replies.map((reply) => reply.status),
            [status, status, status],
          );
          const later = await ask(server, '/thumbs/cat', { headers });
          assert.deepEqual([later.status, isHeld(later)], [status, status !== 406]);
          if (status !== 406) assert.equal(runs, 1);
        });
      }
    }

    it(`sendFile of a file that exists is cached (${name})`, async () => {
      const { safelight } = scene();
      const app = express();
      const file: RequestHandler = (_req, res) => res.sendFile(import.meta.filename, { maxAge: 60_000 });
      app.use('/thumbs', safelight.guard(file as never, { cache: true }) as unknown as RequestHandler);
      const server = await listen(app);
      const [first, second] = [await ask(server, '/thumbs/cat'), await ask(server, '/thumbs/cat')];
      assert.deepEqual([first.status, second.status, isHeld(second)], [200, 200, true]);
      assert.deepEqual(second.body, first.body);
    });
  }

  it('changed() releases the requests that wait for a run from before', async () => {
    // The time-out would release them, too.
    const { safelight } = scene({ timeoutMs: 600_000 });
    const app = express5();
    const runs: Response[] = [];
    const slow: RequestHandler = (_req, res) => {
      if (runs.push(res as Response) > 1) res.set('Cache-Control', 'max-age=60').end('new');
    };
    const { options, all } = arrivals(() => 'cat');
    app.use(safelight.guard(slow as never, { cache: true, ...options }) as unknown as RequestHandler);
    const server = await listen(app);
    const own = ask(server, '/cat');
    await all(1);
    while (runs.length < 1) await new Promise(setImmediate);
    const waiting = ask(server, '/cat');
    await all(2);
    await safelight.changed('cat');
    assert.equal((await waiting).text, 'new');
    (runs[0] as Response).set('Cache-Control', 'max-age=60').end('old');
    assert.equal((await own).status, 200);
    assert.equal((await ask(server, '/cat')).text, 'new');
  });
});
