export { createFakeClient, type FakeClient, type FakeClientOptions } from './testing/fake-client.ts';
export type { FakeUpload } from './testing/fake-upload.ts';
