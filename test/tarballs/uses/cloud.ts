import { startCloud } from './start-cloud.ts';

const { origin, picture, close } = await startCloud();
const ask = async () => {
  const response = await fetch(`${origin}/demo/image/upload/w_30/cat.png`);
  await response.arrayBuffer();
  return [response.status, response.headers.get('x-safelight-error'), response.headers.get('content-type')];
};
const early = await ask();
const body = new FormData();
body.append('upload_preset', 'open');
body.append('public_id', 'cat');
body.append('file', picture, 'cat.png');
const upload = await fetch(`${origin}/v1_1/demo/image/upload`, { method: 'POST', body });
const { public_id, width } = (await upload.json()) as Readonly<Record<string, unknown>>;
console.log(JSON.stringify({ early, upload: [upload.status, public_id, width], late: await ask() }));
await close();
