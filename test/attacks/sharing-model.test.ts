import assert from 'node:assert/strict';
import type { RequestHandler } from '@safelight/http';
import fc from 'fast-check';
import { ask, isHeld } from '../servers/ask.ts';
import { repetitionsOfRun } from '../servers/cases-of-run.ts';
import { scene } from '../servers/scene.ts';
import { closeServers, frameworks, type Listening, serve } from '../servers/servers.ts';
import { type Asked, isHoldable, mayGet, type Rules, type Run, type Said } from './sharing-model.ts';

const values = {
  cookie: ['1', '2'],
  accept: ['image/avif', 'text/html'],
  'accept-language': ['de'],
  'x-odd': ['evil'],
  authorization: ['evil'],
  te: ['gzip'],
  'x-http-method-override': ['DELETE'],
} as const;
type FieldName = keyof typeof values;
const fieldNames = Object.keys(values) as FieldName[];

/** What one request has besides those around it. */
type Change = Partial<Pick<Asked, 'path' | 'host' | 'method'>> & { readonly fields?: Asked['fields'] };

const anyChange: fc.Arbitrary<Change> = fc.oneof(
  ...fieldNames.map((name) =>
    fc.constantFrom(...values[name], undefined).map((value): Change => ({ fields: { [name]: value } })),
  ),
  fc.constantFrom<Change>({ host: 'b' }, { host: 'c' }, { method: 'HEAD' }, { path: '/dog' }),
);

const polite: Asked = { path: '/cat', host: 'a', method: 'GET', fields: {} };

function changed(asked: Asked, changes: readonly Change[]): Asked {
  const fields = Object.assign({}, asked.fields, ...changes.map((change) => change.fields));
  return Object.assign({}, asked, ...changes, { fields });
}

/** Requests that are like each other but for one or two things. */
const anyRequests: fc.Arbitrary<readonly Asked[]> = fc
  .tuple(
    fc.array(anyChange, { maxLength: 2 }),
    fc.array(fc.array(anyChange, { maxLength: 2 }), { minLength: 1, maxLength: 6 }),
  )
  .map(([common, each]) => each.map((changes) => changed(changed(polite, common), changes)));

const anySaid: fc.Arbitrary<Said> = fc.record({
  status: fc.constantFrom(...[400, 401, 403, 403, 404, 404, 405, 410, 422, 429, 451, 500, 503]),
  fields: fc.oneof(
    fc.constant({}),
    fc.constantFrom<Record<string, string>>(
      ...[{ 'cache-control': 'private' }, { 'cache-control': 'no-store' }, { 'set-cookie': 'a=1' }],
      ...[
        { vary: 'Accept' },
        { vary: 'Accept-Language, Accept' },
        { vary: 'Cookie' },
        { vary: 'X-Odd' },
        { vary: '*' },
      ],
    ),
  ),
});

/** A handler that refuses the requests that have something, or that do not have it. */
interface Refusal {
  readonly has: Change;
  readonly isRefused: boolean;
  readonly said: Said;
}

const anyRefusal: fc.Arbitrary<Refusal> = fc.record({ has: anyChange, isRefused: fc.boolean(), said: anySaid });

const anyRules = fc.record({
  vary: fc.constantFrom<readonly string[]>([], ['x-odd'], ['cookie']),
  hold: fc.constantFrom<Rules['hold']>([], [400, 403], 'all'),
  hosts: fc.constantFrom<readonly string[] | undefined>(undefined, [], ['a']),
});

function hasAll(asked: Asked, { fields = {}, ...others }: Change): boolean {
  const isSame = Object.entries(others).every(([name, value]) => asked[name as 'path'] === value);
  return isSame && Object.entries(fields).every(([name, value]) => asked.fields[name] === value);
}

/** What the handler says to a request; `undefined`: it serves a picture. */
function said(refusals: readonly Refusal[], asked: Asked): Said | undefined {
  return refusals.find(({ has, isRefused }) => hasAll(asked, has) === isRefused)?.said;
}

/** Some responses in a row, and what the handler has done for each. */
async function play(server: Listening, runs: readonly Run[], asked: readonly Asked[], rules: Rules): Promise<void> {
  for (const each of asked) {
    // Twice: what is held for a request is held for the same request.
    for (const time of [1, 2]) {
      const before = runs.length;
      const { path, host, method, fields } = each;
      const sent = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
      const reply = await ask(server, path, { method, headers: { host, ...sent } as Record<string, string> });
      const shown = runs.slice(0, before).filter((run) => mayGet(each, run, rules));
      const what = `${JSON.stringify(each)} got ${reply.status}, time ${time}`;
      if (isHeld(reply)) {
        assert.equal(runs.length, before, `${what}: held, although the handler ran`);
        assert.ok(
          shown.some(({ status }) => status === reply.status),
          `${what}: held, and no run may be shown to it`,
        );
      } else {
        assert.equal(runs.length, before + 1, `${what}: not held, and no run`);
        // No source was dropped: there are fewer than 16 variants, and the clock stands still.
        assert.ok(!shown.some((run) => isHoldable(run, rules)), `${what}: ran, although a failure should be held`);
      }
    }
  }
}

describe('a model of the sharing rules', function () {
  this.timeout(120_000);
  afterEach(closeServers);

  const repetitions = process.env['SAFELIGHT_DEEP'] === undefined ? repetitionsOfRun({ first: 40, all: 150 }) : 8000;

  for (const errors of ['application', 'safelight'] as const) {
    for (const way of ['responds', 'calls next'] as const) {
      it(`agrees with the guard for any requests to any handler: errors '${errors}', the handler ${way}`, async () => {
        await fc.assert(
          fc.asyncProperty(
            fc.array(anyRefusal, { minLength: 1, maxLength: 2 }),
            anyRules,
            anyRequests,
            async (refusals, rules, asked) => {
              const runs: Run[] = [];
              const handler: RequestHandler = (req, res, next) => {
                const names = Object.fromEntries(
                  fieldNames.map((name) => [name, req.headers[name] as string | undefined]),
                );
                const seen = {
                  path: req.url ?? '',
                  host: req.headers.host ?? '',
                  method: req.method as 'GET',
                  fields: names,
                };
                const refusal = said(refusals, seen);
                runs.push({ asked: seen, status: 200, fields: {}, ...refusal });
                if (refusal === undefined) return void res.end('picture');
                for (const [name, value] of Object.entries(refusal.fields)) res.setHeader(name, value);
                if (way === 'responds') res.writeHead(refusal.status).end('refused');
                else next(Object.assign(new Error('refused'), { status: refusal.status }));
              };
              const { hosts, ...others } = rules;
              const options = { ...others, ...(hosts === undefined ? {} : { hosts }), errors };
              const server = await serve(
                frameworks[0] as (typeof frameworks)[number],
                scene().safelight.guard(handler, options),
              );
              try {
                await play(server, runs, asked, rules);
              } finally {
                await server.close();
              }
            },
          ),
          { numRuns: repetitions },
        );
      });
    }
  }
});
