import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { Agent, type IncomingMessage, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { freePort } from '../../../bench/free-port.ts';
import { missingService } from '../../../test/servers/missing-service.ts';
import { hasNginx, startNginx } from '../../../test/servers/nginx.ts';
import { hasRedisServer, type OwnRedis, ownRedis } from '../../stores/test/redis-server.ts';
import { parseDuration } from '../src/duration.ts';
import { endAll, type SafelightProcess, safelight, serving } from './safelight-process.ts';

const page = await readFile(new URL('../../../docs/several-processes.md', import.meta.url), 'utf8');

/** The block of the page in a language. */
function block(language: string): string {
  const [, text = ''] = new RegExp(`^\`\`\`${language}\n([\\s\\S]*?)^\`\`\``, 'm').exec(page) ?? [];
  assert.notEqual(text, '', `the page has a block of ${language}`);
  return text;
}

const portOf = (origin: string): string => new URL(origin).port;

/** The configuration of the page, with two servers of this test. */
const withServers = (configuration: string, [one, two]: readonly [string, string]): string =>
  configuration
    .replace('127.0.0.1:3001', `127.0.0.1:${portOf(one)}`)
    .replace('127.0.0.1:3002', `127.0.0.1:${portOf(two)}`);

interface Balancer {
  readonly port: number;
  stop(): Promise<void>;
}

async function nginxOf(servers: readonly [string, string]): Promise<Balancer> {
  return startNginx((port) => withServers(block('nginx'), servers).replace('listen 80;', `listen 127.0.0.1:${port};`));
}

async function haproxyOf(servers: readonly [string, string]): Promise<Balancer> {
  const directory = await mkdtemp(join(tmpdir(), 'safelight-haproxy-'));
  const port = await freePort();
  const file = join(directory, 'haproxy.cfg');
  const text = withServers(block('haproxy'), servers)
    .replace('bind :80', `bind 127.0.0.1:${port}`)
    .replace('inter 1s', 'inter 100ms');
  await writeFile(file, text);
  execFileSync('haproxy', ['-c', '-q', '-f', file]);
  const child: ChildProcess = spawn('haproxy', ['-db', '-f', file], { stdio: 'ignore' });
  return {
    port,
    async stop() {
      const exited = once(child, 'exit');
      if (child.kill('SIGTERM')) await exited;
      await rm(directory, { recursive: true });
    },
  };
}

// A picture of 2 by 1 pixels.
const picture = Buffer.from('R0lGODlhAgABAIAAAP8AAAAA/yH5BAAAAAAALAAAAAACAAEAAAICRAoAOw==', 'base64');

interface Reply {
  readonly status: number;
  readonly bytes: number;
}

/** Sends a request. @throws when the connection breaks, also within the body */
async function send(url: string, agent: Agent, body?: FormData): Promise<Reply> {
  const encoded = body && new Response(body);
  const type = encoded?.headers.get('content-type');
  const call = request(url, {
    agent,
    method: encoded === undefined ? 'GET' : 'POST',
    headers: type === null || type === undefined ? {} : { 'content-type': type },
  });
  call.end(encoded && Buffer.from(await encoded.arrayBuffer()));
  const [response] = (await once(call, 'response')) as [IncomingMessage];
  const bytes = Buffer.concat(await response.toArray()).length;
  return { status: response.statusCode ?? 0, bytes };
}

function form(publicId: string): FormData {
  const body = new FormData();
  body.append('upload_preset', 'open');
  body.append('public_id', publicId);
  body.append('file', new Blob([picture]), 'cat.gif');
  return body;
}

/** Clients that send requests through a balancer until they are stopped, and tell what was not a whole 200. */
function load(origin: string) {
  let isOver = false;
  let requests = 0;
  const faults: string[] = [];
  const client = async (number: number): Promise<void> => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    for (let count = 0; !isOver; count += 1) {
      const url = `${origin}/demo/image/upload/w_20/cat.png`;
      const isUpload = number % 3 === 0;
      const sent = isUpload
        ? send(`${origin}/v1_1/demo/image/upload`, agent, form(`cat-${number}-${count}`))
        : send(url, agent);
      const { status, bytes } = await sent.catch((error: Error) => ({ status: error.message, bytes: 0 }));
      requests += 1;
      if (status !== 200 || bytes === 0) faults.push(`${isUpload ? 'POST' : 'GET'} ${status}`);
    }
    agent.destroy();
  };
  const clients = Array.from({ length: 6 }, (_, number) => client(number));
  return {
    requests: () => requests,
    async end() {
      isOver = true;
      await Promise.all(clients);
      return faults;
    },
  };
}

describe('two servers behind a load balancer, as docs/several-processes.md has it', function () {
  // Three servers start one after the other, and two of them drain for a second under load.
  this.timeout(60_000);
  if (!hasRedisServer()) return missingService('there is no redis-server on the PATH to start');

  let data: string;
  let redis: OwnRedis;
  let first: { readonly server: SafelightProcess; readonly origin: string };
  let start: () => Promise<typeof first>;

  before(async () => {
    data = await mkdtemp(join(tmpdir(), 'safelight-balanced-'));
    const configuration = join(data, 'redis.conf');
    await writeFile(configuration, block('conf'));
    const port = await freePort();
    redis = await ownRedis(['--include', configuration, '--port', String(port)]);
    const flags = ['--data', data, '--store', `redis://127.0.0.1:${port}`, '--upload-preset', 'open'];
    start = () => serving([...flags, '--trust-proxy', 'loopback', '--drain-wait', '1s']);
    first = await start();
    const uploaded = await send(`${first.origin}/v1_1/demo/image/upload`, new Agent(), form('cat'));
    assert.equal(uploaded.status, 200);
  });
  after(async () => {
    await endAll();
    await redis?.remove();
    await rm(data, { recursive: true });
  });

  it('Redis with these settings has no warnings', async () => {
    const response = await fetch(`${first.origin}/_safelight/health`);
    assert.deepEqual(((await response.json()) as { store: unknown }).store, { state: 'connected' });
    assert.doesNotMatch(first.server.errors(), /the store/);
  });

  const balancers = {
    nginx: { isThere: hasNginx(), startWith: nginxOf },
    HAProxy: { isThere: spawnSync('haproxy', ['-v']).status === 0, startWith: haproxyOf },
  };
  for (const [name, { isThere, startWith }] of Object.entries(balancers)) {
    describe(name, () => {
      if (!isThere) return missingService(`there is no ${name.toLowerCase()} on the PATH to start`);

      it('no client sees an error while one process drains', async () => {
        const second = await start();
        const balancer = await startWith([first.origin, second.origin]);
        try {
          const origin = `http://127.0.0.1:${balancer.port}`;
          const whenReady = async (): Promise<void> => {
            const reply = await send(`${origin}/demo/image/upload/w_20/cat.png`, new Agent()).catch(() => undefined);
            if (reply?.status !== 200) return whenReady();
          };
          await whenReady();
          const running = load(origin);
          const atLeast = async (count: number): Promise<void> => {
            while (running.requests() < count) await new Promise((resolve) => setTimeout(resolve, 10));
          };
          await atLeast(60);
          second.server.child.kill('SIGTERM');
          assert.equal(await second.server.exit, 0);
          await atLeast(running.requests() + 60);
          assert.deepEqual(await running.end(), []);
          for (const route of ['health', 'ready']) {
            assert.equal((await fetch(`${origin}/_safelight/${route}`)).status, 404);
          }
          assert.equal((await fetch(`${first.origin}/_safelight/ready`)).status, 200);
        } finally {
          await balancer.stop();
        }
      });
    });
  }
});

describe('the Deployment of docs/several-processes.md', () => {
  interface Container {
    readonly args: readonly string[];
    readonly ports: readonly { readonly name: string; readonly containerPort: number }[];
    readonly readinessProbe: { readonly httpGet: { readonly path: string; readonly port: string } };
    readonly livenessProbe: Container['readinessProbe'];
  }

  const { template, selector } = parse(block('yaml')).spec;
  const [container] = template.spec.containers as [Container];

  it('asks the right routes on the port of the server', () => {
    assert.deepEqual(selector.matchLabels, template.metadata.labels);
    assert.equal(container.readinessProbe.httpGet.path, '/_safelight/ready');
    assert.equal(container.livenessProbe.httpGet.path, '/_safelight/health');
    for (const { httpGet } of [container.readinessProbe, container.livenessProbe]) {
      assert.equal(container.ports.find(({ name }) => name === httpGet.port)?.containerPort, 3000);
    }
  });

  it('has known flags, and more time to end than they need', async () => {
    const help = safelight(['serve', '--help']);
    assert.equal(await help.exit, 0);
    const [command, ...flags] = container.args;
    assert.equal(command, 'serve');
    for (const flag of flags.filter((text) => text.startsWith('--')))
      assert.ok(help.output().includes(`${flag} `), flag);
    const msOf = (flag: string): number => parseDuration(flags[flags.indexOf(flag) + 1] ?? '');
    assert.ok(template.spec.terminationGracePeriodSeconds * 1000 > msOf('--drain-wait') + msOf('--drain-grace'));
  });
});
