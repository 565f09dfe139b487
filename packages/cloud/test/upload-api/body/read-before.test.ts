import assert from 'node:assert/strict';
import { gzipSync } from 'node:zlib';
import bodyParser from 'body-parser';
import express, { type RequestHandler } from 'express';
import fileUpload from 'express-fileupload';
import multer from 'multer';
import supertest from 'supertest';
import { uploadApi } from '../../../src/upload-api/upload-api.ts';
import { type ApiServer, apiKey, apiSecret, basic, signed, startApi } from '../api-server.ts';
import { png } from '../png.ts';

const file = `data:image/png;base64,${png(4, 3).toString('base64')}`;

describe('API: bodies that other code has changed or read before', () => {
  let api: ApiServer;
  beforeEach(async () => {
    api = await startApi();
  });
  afterEach(async () => {
    assert.deepEqual([await api.temporaryFiles(), api.faults], [[], []]);
    await api.close();
  });

  function behind(...handlers: RequestHandler[]) {
    const { respond } = uploadApi({
      ...{ cloudName: 'demo', apiKey, apiSecret, originals: api.originals, uploadPresets: ['quickstart'] },
      ...{ handler: async () => assert.fail(), derive: async () => assert.fail() },
      ...{
        changed: async () => {},
        changing: () => () => {},
        announce: async () => undefined,
        forget: async () => {},
        onError: (error) => api.faults.push(error),
      },
    });
    return supertest(express().use(...handlers, (req, res) => void respond(req, res)));
  }

  type Site = ReturnType<typeof behind>;
  const url = '/v1_1/demo/raw/upload';
  const sendForm = (site: Site) =>
    site.post(url).field('upload_preset', 'quickstart').field('public_id', 'a').attach('file', png(4, 3), 'a.png');
  const sendJson = (site: Site) => site.post(url).set('authorization', basic).send({ file, public_id: 'a' });
  const sendPairs = (site: Site) =>
    site
      .post(url)
      .type('form')
      .send({ ...signed({ public_id: 'a' }), file });

  const readers: readonly (readonly [string, RequestHandler, (site: Site) => supertest.Test, RegExp])[] = [
    ['multer().any()', multer().any(), sendForm, / by a form parser such as multer or express-fileupload\. /],
    ['multer().single()', multer().single('file'), sendForm, / by a form parser such as multer/],
    ['express-fileupload', fileUpload() as unknown as RequestHandler, sendForm, / by a form parser such as multer/],
    ['express.json()', express.json(), sendJson, / by a body parser such as express\.json\(\)\. /],
    ['bodyParser.json()', bodyParser.json(), sendJson, / by a body parser such as express\.json\(\)\. /],
    ['express.urlencoded()', express.urlencoded(), sendPairs, / such as express\.urlencoded\(\)\. /],
    ['express.raw()', express.raw({ type: () => true }), sendForm, / by a form parser such as multer/],
    [
      'express.text()',
      express.text({ type: () => true }),
      (site) => site.post(url).type('text').send('a'),
      /express\.raw\(\)/,
    ],
    [
      'code that has read the first bytes',
      (req, _, next) => void req.once('readable', () => next(req.read(1) === null ? 'nothing' : undefined)),
      sendJson,
      / by a body parser/,
    ],
  ];
  for (const [name, reader, send, message] of readers) {
    it(`the message names the cause: ${name}`, async () => {
      const response = await send(behind(reader));
      assert.equal(response.status, 400, response.text);
      assert.match(response.body.error.message, /^The body was read before Safelight could read it, by /);
      assert.match(response.body.error.message, message);
      assert.match(response.body.error.message, / Mount cloud\(\) before it, /);
      assert.equal(await api.originals.find({ resourceType: 'raw', publicId: 'a' }), undefined);
    });
  }

  it('parsers of other media types are harmless', async () => {
    for (const [reader, send] of [
      [express.json(), sendForm],
      [express.json(), sendPairs],
      [express.urlencoded(), sendJson],
      [multer().any(), sendJson],
      [fileUpload() as unknown as RequestHandler, sendPairs],
    ] as const) {
      const response = await send(behind(reader));
      assert.equal(response.status, 200, response.text);
    }
  });

  it('an empty body is not read before', async () => {
    const response = await behind(express.json(), express.raw({ type: () => true })).post(url);
    assert.match(response.body.error.message, /^Upload preset must be specified/);
  });

  it('a compressed body is refused, also with a body parser in front', async () => {
    const body = gzipSync(JSON.stringify({ file, upload_preset: 'quickstart' }));
    const send = (site: Site) =>
      site
        .post(url)
        .type('json')
        .set('content-encoding', 'gzip')
        .serialize(() => body as unknown as string)
        .send({});
    const alone = await send(behind());
    assert.deepEqual([alone.status, alone.headers['accept-encoding']], [400, 'identity']);
    assert.equal(
      alone.body.error.message,
      'The body has the Content-Encoding gzip. Send it uncompressed, without Content-Encoding.',
    );
    const parsed = await send(behind(express.json()));
    assert.equal(parsed.status, 400);
    assert.match(parsed.body.error.message, /by a body parser such as express\.json\(\)/);
  });
});
