import { type ExampleServer, startExample } from '../../browser/test/example-server.ts';

/** With React's development build, which reports mistakes. */
export function startAlbum(): Promise<ExampleServer> {
  return startExample(new URL('../server.ts', import.meta.url), 'album', { NODE_ENV: 'development' });
}
