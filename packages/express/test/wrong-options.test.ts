import assert from 'node:assert/strict';
import { createSafelight, imgproxy, ipx, nextImage, querySource, thumbor } from '@safelight/express';
import { memoryStore } from '@safelight/stores';

/** Calls without the types of TypeScript, as from JavaScript. */
type Call = (...given: readonly unknown[]) => unknown;

const handler = () => {};
const safelight = createSafelight();
const create = createSafelight as Call;
const guard = safelight.guard as Call;
const middleware = safelight.middleware as Call;
const listener = safelight.listener as Call;

const keyv = { getMany: async () => [], set: async () => true, delete: async () => true, on() {} };
const picture = { contentType: 'image/png', bytes: Buffer.from('picture') };

const optionalStatuses =
  "'all', or an array of statuses out of 400, 403, 413, 415, 422, 451; the other statuses are always held, or never";

describe('options that cannot work are refused at creation', () => {
  const wrong: readonly (readonly [call: () => unknown, message: string])[] = [
    [() => create(null), 'createSafelight() takes an object of options, not null.'],
    [() => create({ timeOutMs: 5 }), 'createSafelight() has no option "timeOutMs". Did you mean timeoutMs?'],
    [
      () => create({ localFallback: memoryStore() }),
      'createSafelight() has no option "localFallback". Its options are store, derivatives, placeholder, placeholderStatus, whyRate, epoch, clock, random, backoff, timeoutMs, maxWaiters, maxStaleMs, minQuietMs, maxPendingMs, onOutcome, onError.',
    ],
    [
      () => create({ store: {} }),
      'createSafelight(): store is an object without getMany(), set(), delete(); it must be a Keyv, or a Store such as memoryStore().',
    ],
    [
      () => create({ store: new Map() }),
      'createSafelight(): store is an object without getMany(); it must be a Keyv, or a Store such as memoryStore().',
    ],
    [
      () => create({ store: 'redis://user:secret@host' }),
      'createSafelight(): store is a string; it must be a Keyv, or a Store such as memoryStore().',
    ],
    [
      () => create({ derivatives: Promise.resolve() }),
      'createSafelight(): derivatives is a promise (await it first); it must be a place for derivatives, such as memoryDerivatives().',
    ],
    [
      () => create({ derivatives: { open() {} } }),
      'createSafelight(): derivatives is an object without create(), remove(); it must be a place for derivatives, such as memoryDerivatives().',
    ],
    [
      () => create({ onError: 'log' }),
      'createSafelight(): onError is a string; it must be a function, such as console.error.',
    ],
    [() => create({ epoch: 7 }), 'createSafelight(): epoch is 7; it must be a string.'],
    [() => create({ clock: 5 }), 'createSafelight(): clock is 5; it must be a function, such as Date.now.'],
    [() => create({ random: 0.5 }), 'createSafelight(): random is 0.5; it must be a function, such as Math.random.'],
    [
      () => create({ onOutcome: {} }),
      'createSafelight(): onOutcome is an object; it must be a function, such as ({ outcome }) => console.log(outcome.kind).',
    ],
    [
      () => create({ backoff: { permanent: { firstMS: 1 } } }),
      'createSafelight(): backoff.permanent has no option "firstMS". Did you mean firstMs?',
    ],
    [
      () => create({ backoff: { transient: [] } }),
      'createSafelight(): backoff.transient is an array; it must be an object with firstMs and maxMs.',
    ],
    [
      () => create({ whyRate: { persecond: 1 } }),
      'createSafelight(): whyRate has no option "persecond". Did you mean perSecond?',
    ],
    [
      () => create({ placeholder: 5 }),
      "placeholder is 5; it must be 'drawn', 'none', the path of an image file, or { contentType, bytes }.",
    ],
    [
      () => create({ placeholder: { ...picture, contentType: 'png' } }),
      "placeholder.contentType is a string; it must be a media type, such as 'image/png'.",
    ],
    [
      () => create({ placeholder: { contentType: 'image/png' } }),
      'placeholder.bytes is undefined; it must be a Uint8Array or Buffer.',
    ],

    [
      () => guard(undefined),
      'guard(): the handler is undefined; it must be a function (req, res, next), as in guard(handler, options).',
    ],
    [
      () => guard({ asset: () => 'cat' }),
      'guard(): the handler is an object; it must be a function (req, res, next), as in guard(handler, options).',
    ],
    [
      () => guard([handler, handler]),
      'guard(): the handler is an array; it must be a function (req, res, next), as in guard(handler, options).',
    ],
    [() => guard(handler, { cachee: true }), 'guard() has no option "cachee". Did you mean cache?'],
    [() => guard(handler, ipx), 'guard() takes an object of options, not function.'],
    [
      () => guard(handler, { asset: 'cat' }),
      'guard(): asset is a string; it must be a function, such as (req) => req.params.id.',
    ],
    [
      () => guard(handler, { derivation: 'w_300' }),
      'guard(): derivation is a string; it must be a function, such as (req) => req.url.',
    ],
    [
      () => guard(handler, { isPrivate: true }),
      'guard(): isPrivate is true; it must be a function, such as (req) => req.headers.cookie !== undefined.',
    ],
    [
      () => guard(handler, { isMissingOriginal: 404 }),
      'guard(): isMissingOriginal is 404; it must be a function, such as ({ status }) => status === 404.',
    ],
    [() => guard(handler, { hold: 403 }), `guard(): hold is 403; it must be ${optionalStatuses}.`],
    [() => guard(handler, { hold: [403, 404] }), `guard(): hold is an array with 404; it must be ${optionalStatuses}.`],
    [
      () => guard(handler, { hold: [undefined] }),
      `guard(): hold is an array with undefined; it must be ${optionalStatuses}.`,
    ],
    [
      () => guard(handler, { vary: 'cookie' }),
      "guard(): vary is a string; it must be an array of names of request fields, such as ['cookie'].",
    ],
    [
      () => guard(handler, { vary: ['accept', 'x theme'] }),
      'guard(): vary is an array with "x theme"; it must be an array of names of request fields, such as [\'cookie\'].',
    ],
    [
      () => guard(handler, { vary: [undefined] }),
      "guard(): vary is an array with undefined; it must be an array of names of request fields, such as ['cookie'].",
    ],
    [
      () => guard(handler, { forward: [''] }),
      'guard(): forward is an array with ""; it must be an array of names of request fields, such as [\'cookie\'].',
    ],
    [
      () => guard(handler, { hosts: true }),
      "guard(): hosts is true; it must be an array of hosts, such as ['example.org', 'localhost:3000'].",
    ],
    [
      () => guard(handler, { hosts: ['http://a/'] }),
      "guard(): hosts is an array with \"http://a/\"; it must be an array of hosts, such as ['example.org', 'localhost:3000'].",
    ],
    [
      () => guard(handler, { cache: 60_000 }),
      'guard(): cache is 60000; it must be true, false, or an object of options, such as { silentFreshMs: 60_000 }.',
    ],
    [
      () => guard(handler, { cache: { silentFreshms: 5 } }),
      'guard(): cache has no option "silentFreshms". Did you mean silentFreshMs?',
    ],
    [
      () => guard(handler, { early: 'thumbs' }),
      `early is "thumbs"; expected true, or the path at which it is mounted, without parameters, such as '/thumbs'.`,
    ],

    [() => middleware({ hold: ['all'] }), `middleware(): hold is an array with "all"; it must be ${optionalStatuses}.`],
    [() => middleware(handler), 'middleware() takes an object of options, not function.'],
    [() => middleware({ assets: () => 'cat' }), 'middleware() has no option "assets". Did you mean asset?'],
    [
      () => middleware({ cache: true }),
      'middleware() cannot cache, because it is not given the handler. Use guard(handler, { cache: true }).',
    ],

    [
      () => listener(undefined),
      'listener(): the application is undefined; it must be the application that express() returns, or a function (req, res).',
    ],
    [
      () => listener({ handle() {} }),
      'listener(): the application is an object; it must be the application that express() returns, or a function (req, res).',
    ],

    [() => (ipx as Call)({ mount: '/img' }), 'ipx() has no option "mount". Its options are prefix.'],
    [() => (ipx as Call)('/img'), 'ipx() takes an object of options, not string.'],
    [() => (imgproxy as Call)({ baseURL: '' }), 'imgproxy() has no option "baseURL". Did you mean baseUrl?'],
    [
      () => (imgproxy as Call)({ baseUrl: new URL('http://a') }),
      'imgproxy(): baseUrl is an object; it must be a string.',
    ],
    [
      () => (imgproxy as Call)({ onlyPresets: 'yes' }),
      'imgproxy(): onlyPresets is a string; it must be true or false.',
    ],
    [() => (thumbor as Call)({ Loader: 'http' }), 'thumbor() has no option "Loader". Did you mean loader?'],
    [
      () => (querySource as Call)({ param: 'src' }),
      'querySource() has no option "param". Its options are parameter, negotiates.',
    ],
    [
      () => (querySource as Call)({ parameter: 5 }),
      "querySource(): parameter is 5; it must be the name of a parameter, such as 'src' or 'url'.",
    ],
    [() => (nextImage as Call)({ prefix: '/x' }), 'nextImage() has no option "prefix". Its options are path.'],
  ];
  for (const [call, message] of wrong) {
    it(message, () => {
      assert.throws(call, { message });
    });
  }
});

describe('options that work are accepted', () => {
  it('all options of createSafelight, and undefined for the default', () => {
    const { store, derivatives } = { store: memoryStore(), derivatives: { open() {}, create() {}, remove() {} } };
    create({
      store,
      derivatives,
      whyRate: { burst: 5 },
      backoff: { permanent: {}, transient: { firstMs: 5 } },
      onError: () => {},
    });
    create({ store: keyv, placeholder: picture, placeholderStatus: 200, onOutcome: () => {}, clock: () => 0 });
    create({
      store: undefined,
      derivatives: undefined,
      placeholder: undefined,
      onError: undefined,
      backoff: undefined,
    });
  });

  it('presets with other options of guard and middleware', () => {
    for (const preset of [ipx(), imgproxy(), thumbor({ loader: 'file' }), querySource(), nextImage()]) {
      guard(handler, { ...preset, cache: true, early: '/ipx' });
      guard(handler, { ...preset, cache: { staleIfErrorMs: 0 }, isPrivate: () => false });
      middleware({ ...preset, cache: false });
    }
  });

  it('all options about which requests share a response', () => {
    for (const hold of ['all', [], [400, 403, 413, 415, 422, 451]]) guard(handler, { hold });
    guard(handler, { vary: ['Cookie', 'x-theme'], hosts: ['example.org', '[::1]:3000'], forward: [], cache: true });
    middleware({ hold: [403], vary: [], hosts: [], forward: undefined });
    create({ epoch: 'seven' });
  });
});
