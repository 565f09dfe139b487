import { type ExampleServer, startExample } from './example-server.ts';

export function startGallery(environment: Readonly<Record<string, string>> = {}): Promise<ExampleServer> {
  return startExample(new URL('../server.ts', import.meta.url), 'gallery', environment);
}
