import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { S3Server } from './ceph.ts';
import { areInstalled, freePort, serverDirectory, startServer, untilResponds } from './server-process.ts';

const run = promisify(execFile);
const storage = ['account', 'container', 'object'] as const;

/** Debian: swift-proxy swift-account swift-container swift-object. */
export function hasSwift(): boolean {
  return areInstalled('swift-proxy-server', 'setpriv', ...storage.map(serverOf));
}

function serverOf(name: string): string {
  return `swift-${name}-server`;
}

let started: Promise<S3Server> | undefined;

/** An OpenStack Swift of one device with its S3 API, for all suites of this process. */
export function swift(): Promise<S3Server> {
  started ??= startSwift();
  return started;
}

async function startSwift(): Promise<S3Server> {
  const directory = await serverDirectory('swift');
  await mkdir(join(directory, 'node', 'd1'), { recursive: true });
  const ports = await Promise.all(storage.map(freePort));
  await run('/usr/bin/python3', ['-c', ringWriter, directory, ...ports.map(String)]);
  for (const [index, name] of storage.entries()) {
    await writeFile(join(directory, `${name}.conf`), storageConfiguration(directory, name, ports[index] ?? 0));
  }
  const port = await freePort();
  await writeFile(join(directory, 'proxy.conf'), proxyConfiguration(directory, port));
  for (const name of [...storage, 'proxy']) {
    // The programs name `python3` of the path, which may not be the one of Debian.
    const parameters = [`/usr/bin/${serverOf(name)}`, join(directory, `${name}.conf`)];
    startServer('/usr/bin/python3', parameters, join(directory, `${name}.log`));
  }
  for (const ofStorage of ports) await untilResponds(`http://127.0.0.1:${ofStorage}/`);
  const endpoint = `http://127.0.0.1:${port}`;
  await untilResponds(`${endpoint}/healthcheck`);
  return { endpoint, accessKeyId: 'test:tester', secretAccessKey: 'testing' };
}

/** Writes three rings: 2^6 partitions, one copy, no pause between changes. One process, since Python takes long to start. */
const ringWriter = `
import sys
from swift.common.ring import RingBuilder
for name, port in zip(('account', 'container', 'object'), sys.argv[2:]):
    builder = RingBuilder(6, 1, 0)
    builder.add_dev({'region': 1, 'zone': 1, 'ip': '127.0.0.1', 'port': int(port), 'device': 'd1', 'weight': 1.0})
    builder.rebalance()
    builder.get_ring().save(sys.argv[1] + '/' + name + '.ring.gz')
`;

function common(directory: string, port: number): string {
  return `[DEFAULT]
bind_ip = 127.0.0.1
bind_port = ${port}
user = ${userInfo().username}
swift_dir = ${directory}
workers = 0
log_level = WARNING
`;
}

function storageConfiguration(directory: string, name: string, port: number): string {
  return `${common(directory, port)}devices = ${directory}/node
mount_check = false
fallocate_reserve = 0
disable_fallocate = true
[pipeline:main]
pipeline = ${name}-server
[app:${name}-server]
use = egg:swift#${name}
`;
}

function proxyConfiguration(directory: string, port: number): string {
  const filters = [
    'catch_errors',
    'gatekeeper',
    'healthcheck',
    'cache',
    's3api',
    'tempauth',
    'bulk',
    'copy',
    'slo',
    'dlo',
  ];
  const settings: Readonly<Record<string, string>> = {
    // The filter must be there; a memcached need not.
    cache: 'memcache_servers = 127.0.0.1:9\nerror_suppression_limit = 1\nerror_suppression_interval = 3600',
    s3api: 'location = us-east-1\nmin_segment_size = 1',
    tempauth: 'user_test_tester = testing .admin',
  };
  const sections = filters.map((name) => {
    const egg = name === 'cache' ? 'memcache' : name;
    return `[filter:${name}]\nuse = egg:swift#${egg}\n${settings[name] ?? ''}\n`;
  });
  return `${common(directory, port)}[pipeline:main]
pipeline = ${filters.join(' ')} proxy-server
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
allow_account_management = true
${sections.join('')}`;
}
