import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { areInstalled, freePort, serverDirectory, startServer, untilResponds } from './server-process.ts';

const run = promisify(execFile);

export const missingCeph = 'no Ceph is installed; install radosgw ceph-mon ceph-osd';

export function hasCeph(): boolean {
  return areInstalled('radosgw', 'ceph-mon', 'ceph-osd', 'ceph', 'monmaptool', 'setpriv');
}

export interface S3Server {
  readonly endpoint: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

let started: Promise<S3Server> | undefined;

/** A Ceph of one node with its S3 gateway, for all suites of this process. Its objects are in memory. */
export function ceph(): Promise<S3Server> {
  started ??= startCeph();
  return started;
}

async function startCeph(): Promise<S3Server> {
  const directory = await serverDirectory('ceph');
  for (const name of ['mon', 'osd', 'rgw', 'run']) await mkdir(join(directory, name));
  const [monitorPort, port, firstPort] = [await freePort(), await freePort(), await freePort()];
  const fsid = randomUUID();
  const conf = join(directory, 'ceph.conf');
  await writeFile(conf, configuration({ directory, fsid, monitorPort, port, firstPort }));
  const log = (name: string): string => join(directory, `${name}.out`);
  const map = join(directory, 'monmap');

  const monitor = `[v1:127.0.0.1:${monitorPort}]`;
  await run('monmaptool', ['--create', '--fsid', fsid, '--addv', 'a', monitor, map]);
  const ofMonitor = ['-c', conf, '-i', 'a'];
  await run('ceph-mon', [...ofMonitor, '--mkfs', '--monmap', map, '--mon-data', join(directory, 'mon')]);
  startServer('ceph-mon', [...ofMonitor, '-f'], log('mon'));

  const osd = randomUUID();
  await command(conf, 'osd', 'new', osd, '0');
  await command(conf, 'osd', 'crush', 'add', 'osd.0', '1', 'root=default', 'host=one');
  const ofOsd = ['-c', conf, '-i', '0'];
  await run('ceph-osd', [...ofOsd, '--mkfs', '--osd-uuid', osd]);
  startServer('ceph-osd', [...ofOsd, '-f'], log('osd'));

  const ofGateway = ['-c', conf, '-n', 'client.rgw'];
  startServer('radosgw', [...ofGateway, '-f'], log('rgw'));
  const endpoint = `http://127.0.0.1:${port}`;
  await untilResponds(endpoint);
  const keys = { accessKeyId: 'TESTKEY', secretAccessKey: 'testing' };
  const user = ['--uid', 'test', '--display-name', 'test', '--access-key', keys.accessKeyId];
  await run('radosgw-admin', [...ofGateway, 'user', 'create', ...user, '--secret', keys.secretAccessKey]);
  return { endpoint, ...keys };
}

/** Sends a command to the monitor. One that has just been elected refuses a command now and then. */
async function command(conf: string, ...words: readonly string[]): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      await run('ceph', ['-c', conf, '--connect-timeout', '15', ...words], { timeout: 20_000 });
      return;
    } catch (error) {
      if (tries === 6) throw error;
      await sleep(300);
    }
  }
}

interface Settings {
  readonly directory: string;
  readonly fsid: string;
  readonly monitorPort: number;
  readonly port: number;
  readonly firstPort: number;
}

/** No login between the daemons, one copy of each object, in memory, and nothing that a single node cannot do. */
function configuration({ directory, fsid, monitorPort, port, firstPort }: Settings): string {
  return `[global]
fsid = ${fsid}
mon host = v1:127.0.0.1:${monitorPort}
monmap = ${directory}/monmap
public addr = 127.0.0.1
cluster addr = 127.0.0.1
ms bind port min = ${firstPort}
ms bind port max = ${Math.min(firstPort + 80, 65_535)}
ms bind msgr2 = false
auth cluster required = none
auth service required = none
auth client required = none
run dir = ${directory}/run
admin socket = ${directory}/run/$name.asok
crash dir = ${directory}/run
pid file =
log file = ${directory}/$name.log
mon cluster log file = ${directory}/cluster.log
log to stderr = false
err to stderr = false
debug none = 0
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 4
osd pool default pgp num = 4
osd pool default pg autoscale mode = off
osd crush chooseleaf type = 0
mon allow pool size one = true
mon warn on pool no redundancy = false
[mon]
mon data = ${directory}/mon
mon initial members = a
# It would stop on a disk that is nearly full.
mon data avail crit = 0
mon data avail warn = 0
paxos propose interval = 0.05
paxos min wait = 0.01
[osd]
osd data = ${directory}/osd
osd objectstore = memstore
memstore device bytes = 2147483648
osd class load list = *
osd class default list = *
# Each of these two sends a command before the cluster's ID is known, which ends the daemon now and then.
osd crush update on start = false
osd class update on start = false
[client]
rgw data = ${directory}/rgw
# Without it, the body of each response waits 40 ms for the acknowledgement of its head.
rgw frontends = beast endpoint=127.0.0.1:${port} tcp_nodelay=1
rgw dns name = localhost
rgw multipart min part size = 1
rgw enable usage log = false
rgw gc max objs = 4
rgw override bucket index max shards = 1
rgw thread pool size = 64
rgw num rados handles = 1
rgw relaxed s3 bucket names = true
rgw run sync thread = false
`;
}
