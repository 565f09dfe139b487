import { writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { freePort } from './free-port.ts';
import { installedVersion } from './installed-version.ts';
import type { Scene } from './scene.ts';

/** Starts a caching proxy in front of an origin. @returns its own origin; `undefined` when it is not installed */
export type Proxy = (scene: Scene, origin: string) => Promise<string | undefined>;

export async function nginx(scene: Scene, origin: string): Promise<string | undefined> {
  const version = installedVersion('nginx', '-v');
  if (version === undefined) return void scene.note('nginx is not installed, so it was not measured.');
  const directory = await scene.temporaryDirectory();
  const port = await freePort();
  const configuration = `
    ${userInfo().uid === 0 ? 'user root;' : ''}
    daemon off;
    worker_processes 1;
    pid ${directory}/nginx.pid;
    error_log stderr error;
    events {}
    http {
      access_log off;
      sendfile on;
      tcp_nopush on;
      keepalive_requests 1000000000;
      ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((of) => `${of}_temp_path ${directory}/${of};`).join(' ')}
      proxy_cache_path ${directory}/cache keys_zone=bench:10m;
      server {
        listen 127.0.0.1:${port};
        location / {
          proxy_cache bench;
          proxy_pass ${origin};
        }
      }
    }`;
  await writeFile(`${directory}/nginx.conf`, configuration);
  const args = ['-p', directory, '-c', `${directory}/nginx.conf`, '-e', 'stderr'];
  await scene.run('nginx', args, { host: '127.0.0.1', port });
  scene.note(`nginx ${version} (proxy_cache) has one worker process, and its access log is off.`);
  return `http://127.0.0.1:${port}`;
}

export async function varnish(scene: Scene, origin: string): Promise<string | undefined> {
  const version = installedVersion('varnishd', '-V');
  if (version === undefined) return void scene.note('Varnish is not installed, so it was not measured.');
  const directory = await scene.temporaryDirectory();
  const port = await freePort();
  const listen = ['-F', '-j', 'none', '-n', directory, '-a', `127.0.0.1:${port}`, '-b', new URL(origin).host];
  const settings = ['-s', 'malloc,64m', '-p', 'thread_pools=1'];
  await scene.run('varnishd', [...listen, ...settings], { host: '127.0.0.1', port });
  scene.note(
    `Varnish ${version} (malloc) has one worker process with one pool of threads, and no process writes its log.`,
  );
  return `http://127.0.0.1:${port}`;
}
