import assert from 'node:assert/strict';
import { createClient } from '@safelight/client';
import { formatDiagnosis, why } from '@safelight/client/why';
import { type Response, respondWithJson, startTestServer, type TestServer } from './upload-server.ts';

const path = '/demo/image/upload/w_300/cat.jpg';
const diagnosis = {
  url: path,
  status: 404,
  verdict: 'cached_error',
  cached: true,
  remainingMs: 107_000,
  layers: [{ name: 'server', state: 'hit', remainingMs: 107_000 }],
  original: { exists: true, version: 1795368841 },
  fixes: [{ label: 'use the version', url: '/demo/image/upload/w_300/v1795368841/cat.jpg' }],
  evidence: {},
};

describe('why()', () => {
  const servers: TestServer[] = [];
  const serve = async (response: Response) => {
    const server = await startTestServer(response);
    servers.push(server);
    return server;
  };
  const lines = ({ requests }: TestServer) => requests.map(({ method, url }) => `${method} ${url}`);
  afterEach(async () => {
    await Promise.all(servers.splice(0).map((server) => server.close()));
  });

  it('requests the control route of the URL once, and returns its diagnosis', async () => {
    const server = await serve((_request, res) => respondWithJson(res, diagnosis));
    const url = `${server.origin}${path}?a=1&b=2#c`;
    assert.deepEqual(await why(url), diagnosis);
    assert.deepEqual(await why(new URL(url)), diagnosis);
    const asked = `GET /_safelight/why?url=${encodeURIComponent(`${server.origin}${path}?a=1&b=2`)}`;
    assert.deepEqual(lines(server), [asked, asked]);
  });

  it('requests the endpoint when it is set, also for paths and with headers', async () => {
    const server = await serve((_request, res) => respondWithJson(res, diagnosis));
    const options = { endpoint: `${server.origin}/media/`, headers: () => ({ authorization: 'Basic eA==' }) };
    await why('https://cdn.example/demo/image/upload/cat.jpg', options);
    await why('/demo/image/upload/cat.jpg', options);
    assert.deepEqual(
      server.requests.map(({ url, headers }) => [new URL(url, 'http://h').pathname, headers.authorization]),
      [
        ['/media/_safelight/why', 'Basic eA=='],
        ['/media/_safelight/why', 'Basic eA=='],
      ],
    );
  });

  it('of a client uses its endpoint, its headers and its ky, without repeats', async () => {
    const server = await serve((_request, res) => respondWithJson(res, { error: { message: 'Too many.' } }, 429));
    const headers = () => ({ authorization: 'Basic eA==' });
    const client = createClient({ endpoint: server.origin, cloudName: 'demo', headers });
    const { verdict, summary } = await client.why('https://cdn.example/demo/image/upload/cat.jpg');
    assert.equal(verdict, 'unknown');
    assert.match(String(summary), /: 429 Too many\.$/);
    assert.deepEqual(
      server.requests.map(({ headers: { authorization } }) => authorization),
      ['Basic eA=='],
    );
  });

  it('reports that a server does not have the route, and what to do', async () => {
    const server = await serve((_request, res) => {
      res.writeHead(404, { 'content-type': 'text/html' }).end('<h1>Not found</h1>');
    });
    const asked = await why(server.origin + path);
    assert.deepEqual([asked.verdict, asked.status, asked.original.exists], ['unknown', null, null]);
    assert.equal(asked.summary, `No diagnosis from ${server.origin}/_safelight/why: 404`);
    assert.match(
      formatDiagnosis(asked),
      /fix now {3}Mount safelight\.control\(\) there, or set the option endpoint or cloudinary/,
    );
  });

  it('accepts no other response as a diagnosis', async () => {
    for (const response of [null, 1, [], { hello: 1 }, { ...diagnosis, verdict: 'blue' }]) {
      const server = await serve((_request, res) => respondWithJson(res, response));
      assert.equal((await why(server.origin + path)).verdict, 'unknown', JSON.stringify(response));
    }
  });

  it('reports that there is no response, and the reason', async () => {
    const server = await serve(() => undefined);
    await server.close();
    const refused = await why(server.origin + path);
    assert.deepEqual([refused.verdict, refused.status], ['network', null]);
    assert.match(String(refused.summary), /fetch failed \(ECONNREFUSED\)$/);
    const silent = await serve(() => undefined);
    const late = await why(silent.origin + path, { timeoutMs: 50 });
    assert.equal(late.verdict, 'network');
    assert.match(String(late.summary), /timeout/);
  });

  it('rejects with the reason of an abort, before, while and after the response begins', async () => {
    const controller = new AbortController();
    const silent = await serve(() => controller.abort('left'));
    await assert.rejects(why(silent.origin + path, controller), (reason) => reason === 'left');
    await assert.rejects(why(silent.origin + path, controller), (reason) => reason === 'left');
    const halfway = new AbortController();
    const slow = await serve((_request, res) => {
      res.writeHead(200, { 'content-type': 'application/json' }).write('{"url":', () => halfway.abort('gone'));
    });
    await assert.rejects(why(slow.origin + path, halfway), (reason) => reason === 'gone');
  });

  it('refuses a URL that it cannot explain', async () => {
    for (const url of [path, 'blob:https://h.example/1', 'data:image/png,x', 'cat']) {
      await assert.rejects(why(url), { name: 'TypeError', message: /takes an http\(s\) URL/ }, url);
    }
  });

  it('neither sends nor shows a password in the URL', async () => {
    const server = await serve((_request, res) => respondWithJson(res, {}));
    const { host } = new URL(server.origin);
    const asked = await why(`http://me:hidden@${host}${path}`);
    assert.doesNotMatch(JSON.stringify([asked, server.requests]), /hidden/);
  });
});
