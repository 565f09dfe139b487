import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ServeOptions, serve } from '@safelight/cli';
import { casesOfRun } from '../../../test/servers/cases-of-run.ts';
import { endAll, safelight } from './safelight-process.ts';

// Stands for the temporary folder, which has another name in each run of the tests.
const folder = '<folder>';

interface Mistake {
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly exit: number;
  readonly says: string;
}

const help = 'Add --help for all flags.';
const data = ['--data', folder];
const url = 'http://127.0.0.1:1/demo/image/upload/cat.jpg';

/** Mistakes that are found before the modules of a server are loaded, which takes a second. */
const quickMistakes: readonly Mistake[] = [
  {
    args: ['serve', '--dta', 'x'],
    exit: 2,
    says: `unknown option '--dta'; did you mean --data? ${help}`,
  },
  { args: ['srve'], exit: 2, says: `unknown command 'srve'; did you mean serve? ${help}` },
  { args: ['serve', '--retries'], exit: 2, says: `unknown option '--retries'. ${help}` },
  {
    args: ['serve', 'extra'],
    exit: 2,
    says: `too many arguments for 'serve'. Expected 0 arguments but got 1: extra. ${help}`,
  },
  { args: ['serve', '--port'], exit: 2, says: `--port needs a value. ${help}` },
  { args: ['serve', '--upload-preset'], exit: 2, says: `--upload-preset needs a value. ${help}` },
  {
    args: ['serve', '--port', 'abc'],
    exit: 2,
    says: `option '--port <number>' argument 'abc' is invalid. "abc" is not a port; use 0 (any free port) to 65535. ${help}`,
  },
  {
    args: ['serve'],
    env: { SAFELIGHT_PORT: 'abc' },
    exit: 2,
    says:
      "option '--port <number>' value 'abc' from env 'SAFELIGHT_PORT' is invalid. " +
      `"abc" is not a port; use 0 (any free port) to 65535. ${help}`,
  },
  {
    args: ['serve', '--cloud', 'a b'],
    exit: 2,
    says:
      "option '--cloud <name>' argument 'a b' is invalid. " +
      `"a b" is not a cloud name; use letters, digits, ".", "-" and "_", such as demo. ${help}`,
  },
  {
    args: ['serve', '--upload-preset', 'a b'],
    exit: 2,
    says:
      "option '--upload-preset <name>' argument 'a b' is invalid. " +
      `"a b" is not a preset name; use letters, digits, "_", "-", ".". ${help}`,
  },
  {
    args: ['serve', '--backoff-first', '5'],
    exit: 2,
    says:
      "option '--backoff-first <duration>' argument '5' is invalid. " +
      `"5" is not a duration; write a whole number and its unit, such as 500ms, 1s, 1m or 24h (1ms to 8760h). ${help}`,
  },
  {
    args: ['serve', '--cache-megabytes', '1GB'],
    exit: 2,
    says:
      "option '--cache-megabytes <number>' argument '1GB' is invalid. " +
      `"1GB" is not a number of megabytes; use 0 (cache nothing) or more. ${help}`,
  },
  {
    args: ['serve', '--keep-versions', '-1'],
    exit: 2,
    says:
      "option '--keep-versions <number>' argument '-1' is invalid. " +
      `"-1" is not a number of versions; use 0 (only the current version) to 9999. ${help}`,
  },
  { args: ['why'], exit: 2, says: `missing required argument 'url'. ${help}` },
  {
    args: ['why', url, '--enpoint', 'x'],
    exit: 2,
    says: `unknown option '--enpoint'; did you mean --endpoint? ${help}`,
  },
  {
    args: ['why', '/demo/image/upload/cat.jpg'],
    exit: 2,
    says: '"/demo/image/upload/cat.jpg" has no server; write the whole URL with http:// or https://, or give --endpoint',
  },
  {
    args: ['why', url, '--endpoint', 'localhost'],
    exit: 2,
    says: '--endpoint is not an http(s) URL; write a URL such as http://localhost:3000',
  },
  {
    args: ['why', url, '--probe'],
    exit: 2,
    says: '--probe is for URLs of Cloudinary only; leave it out for a Safelight server',
  },
];

const laterMistakes: readonly Mistake[] = [
  {
    args: ['serve', ...data, '--store', 'foo://'],
    exit: 2,
    says:
      '"foo://" is not the URL of a store; write redis://host:6379 or, with TLS, rediss://host:6379. ' +
      'Without --store, failures are remembered in this process.',
  },
  {
    args: ['serve', ...data, '--transient-first', '1h'],
    exit: 2,
    says: '--transient-first 1h is longer than --transient-max 5m; the first wait must not be longer than the longest',
  },
  {
    args: ['serve', ...data, '--api-secret', 'hunter2'],
    exit: 2,
    says: '--api-key is missing; --api-key and --api-secret belong together',
  },
  {
    args: ['serve', ...data, '--placeholder', 'nowhere.png'],
    exit: 2,
    says: 'The placeholder file "nowhere.png" cannot be read; check its path and permissions.',
  },
  {
    args: ['serve', ...data, '--placeholder', `${folder}/folder.png`],
    exit: 2,
    says: `The placeholder file "${folder}/folder.png" cannot be read; check its path and permissions.`,
  },
  {
    args: ['serve', '--port', '0', '--data', `${folder}/file`],
    exit: 1,
    says:
      `the data folder ${folder}/file cannot be written: something on its path is not a folder; ` +
      'choose another with --data',
  },
  {
    args: ['serve', ...data, '--port', '0', '--host', '203.0.113.1'],
    exit: 1,
    says: '203.0.113.1 is not an address of this machine; give one to --host, such as 127.0.0.1, or 0.0.0.0 for all of them',
  },
  {
    args: ['serve', ...data, '--remote-addresses', '127.0.0.1'],
    exit: 2,
    says: '--remote-files is missing; --remote-addresses needs its hosts',
  },
  {
    args: ['serve', ...data, '--remote-files', 'img.example.org,http://a.test/'],
    exit: 2,
    says: `cloud(): remoteFiles.hosts[1] is "http://a.test/"; it must be a host, such as 'img.example.org', '*.example.org', 'img.example.org:8443' or '*'.`,
  },
  {
    args: ['serve', ...data, '--remote-files', '*', '--remote-addresses', 'localhost'],
    exit: 2,
    says: `cloud(): remoteFiles.privateAddresses[0] is "localhost"; it must be an address or a subnet, such as '10.1.2.3' or 'fd00:1::/64'.`,
  },
  {
    args: ['serve', ...data, '--transformations', `${folder}/nowhere.json`],
    exit: 2,
    says: `--transformations ${folder}/nowhere.json does not exist`,
  },
  {
    args: ['serve', ...data, '--transformations', `${folder}/list.json`],
    exit: 2,
    says: `--transformations ${folder}/list.json is JSON, but it must have an object of texts, such as { "thumb": "c_fill,h_100,w_100" }`,
  },
  {
    args: ['serve', ...data, '--transformations', `${folder}/wrong.json`],
    exit: 2,
    says: `--transformations: ${folder}/wrong.json.thumb cannot be used. Invalid width in transformation: abc.`,
  },
];

describe('a usage error or a failed start is one line on standard error:', () => {
  let directory: string;

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'safelight-cli-'));
    await writeFile(join(directory, 'file'), '');
    await writeFile(join(directory, 'list.json'), '["w_5"]');
    await writeFile(join(directory, 'wrong.json'), '{ "thumb": "w_abc" }');
    await mkdir(join(directory, 'folder.png'));
  });

  after(async () => {
    await endAll();
    await rm(directory, { recursive: true });
  });

  for (const { args, env, exit, says } of casesOfRun([...quickMistakes, ...laterMistakes], quickMistakes.length + 1)) {
    it(`${Object.entries(env ?? {})
      .map(([name, value]) => `${name}=${value} `)
      .join('')}safelight ${args.join(' ')}`, async () => {
      const failing = safelight(
        args.map((arg) => arg.replace(folder, directory)),
        env,
      );
      assert.equal(await failing.exit, exit);
      assert.equal(failing.errors(), `safelight: ${says.replace(folder, directory)}\n`);
      assert.equal(failing.output(), '');
    });
  }
});

const right: ServeOptions = {
  port: 0,
  host: '127.0.0.1',
  data: '/never/created',
  cacheMegabytes: 1,
  keepVersions: 3,
  index: 'embedded',
  cloud: 'demo',
  apiKey: undefined,
  apiSecret: undefined,
  uploadPresets: [],
  remoteFiles: undefined,
  store: undefined,
  deliveryOrigin: undefined,
  trustProxy: undefined,
  placeholder: 'drawn',
  transformations: undefined,
  backoff: { permanent: { firstMs: 60_000, maxMs: 86_400_000 }, transient: { firstMs: 1000, maxMs: 300_000 } },
  say: () => undefined,
};

const wrongOptions: readonly (readonly [options: unknown, message: string])[] = [
  [undefined, 'serve() takes an object of options, not undefined.'],
  [{ ...right, uploadPreset: ['a'] }, 'serve() has no option "uploadPreset". Did you mean uploadPresets?'],
  [{}, 'serve(): port is undefined; it must be a whole number from 0 (any free port) to 65535.'],
  [{ ...right, port: 70_000 }, 'serve(): port is 70000; it must be a whole number from 0 (any free port) to 65535.'],
  [{ ...right, port: '3000' }, 'serve(): port is a string; it must be a whole number from 0 (any free port) to 65535.'],
  [{ ...right, host: '' }, "serve(): host is an empty string; it must be an address, such as '127.0.0.1'."],
  [{ ...right, data: null }, "serve(): data is null; it must be the path of a folder, such as 'data'."],
  [
    { ...right, cacheMegabytes: -1 },
    'serve(): cacheMegabytes is -1; it must be a whole number from 0 (cache nothing) to 999999999.',
  ],
  [
    { ...right, keepVersions: 1.5 },
    'serve(): keepVersions is 1.5; it must be a whole number from 0 (only the current version) to 9999.',
  ],
  [
    { ...right, uploadPresets: 'a' },
    "serve(): uploadPresets is a string; it must be a list of names, such as ['browser'].",
  ],
  [
    { ...right, uploadPresets: ['a', 5] },
    "serve(): uploadPresets is a list with 5 in it; it must be a list of names, such as ['browser'].",
  ],
  [
    { ...right, apiSecret: ['hunter2'] },
    'serve(): apiSecret is an array; it must be a string that is not empty, or undefined.',
  ],
  [{ ...right, apiKey: 'key' }, 'serve() takes apiKey and apiSecret together: give both, or neither.'],
  [
    { ...right, remoteFiles: 'img.example.org' },
    "serve(): remoteFiles is a string; it must be an object with a list of hosts, such as { hosts: ['img.example.org'] }, or undefined.",
  ],
  [{ ...right, backoff: 60_000 }, 'serve(): backoff is 60000; it must be an object with permanent and transient.'],
  [{ ...right, say: 'loudly' }, 'serve(): say is a string; it must be a function, such as console.log.'],
];

describe('serve() refuses', () => {
  for (const [options, message] of wrongOptions) {
    it(message, async () => {
      await assert.rejects(serve(options as ServeOptions), { message });
    });
  }
});
