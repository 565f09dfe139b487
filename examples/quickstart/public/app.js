import { createClient, isSafelightError } from '@safelight/client';
import { defaultLadders, durationText, formatDiagnosis, readDeliveryError, windowMs } from '@safelight/protocol';

const client = createClient({
  endpoint: location.origin,
  cloudName: 'demo',
  uploadPreset: 'quickstart',
  warn: () => {}, // asking without a version is what step 1 is about
});

/** The first is the large one. */
const sizes = [
  { width: 300, height: 200, crop: 'fill' },
  { width: 160, height: 160, crop: 'fill' },
  { width: 160, height: 90, crop: 'fill' },
  { width: 90, height: 160, crop: 'fill' },
  { width: 128, height: 128, crop: 'fill', radius: 'max', format: 'png' },
  { width: 180, height: 120, crop: 'fill', effect: 'grayscale' },
  { width: 160, height: 100, crop: 'fill', radius: 16, format: 'png' },
  { width: 200, height: 80, crop: 'fill' },
  { width: 64, height: 64, crop: 'fill' },
  { width: 120, height: 120, crop: 'pad', background: 'black' },
];

const at = (id) => document.getElementById(id);
const prints = sizes.map(createPrint);
let round; // what belongs to one public ID

at('again').addEventListener('click', () => askAgain());
at('restart').addEventListener('click', () => start());
at('use-sample').addEventListener('click', () => sendSample());
at('file').addEventListener('change', ({ target }) => send(target.files[0]).finally(() => (target.value = '')));
watchDrops(at('drop'));
setInterval(showCountdown, 200);
await start();

// Step 1: ask too early

async function start() {
  const publicId = `early-${crypto.getRandomValues(new Uint32Array(1))[0].toString(36)}`;
  const urls = sizes.map((size) => client.dangerouslyBuildUrl(`${publicId}.jpg`, size));
  round = { publicId, urls, asked: 0, failure: undefined, heldUntil: undefined };
  at('name').textContent = publicId;
  resetSteps();
  prints.forEach(({ figure, image, badge }, index) => {
    figure.classList.remove('developed');
    image.src = urls[index];
    image.alt = `Placeholder: ${publicId} has not been uploaded`;
    badge.textContent = '…';
  });
  const failures = await Promise.all(urls.map((_, index) => ask(index)));
  const isShared = failures.every((failure) => failure?.code === 'missing_original' && failure.rung === 1);
  at('tally').textContent = isShared ? 'All ten share one remembered failure: the missing original, failed once.' : '';
  announce(`${publicId} does not exist: status ${round.failure?.status}, placeholders are shown.`);
  await explain();
}

/** Asks for one size once more and shows what its headers say. */
async function ask(index) {
  const asking = round;
  const response = await fetch(asking.urls[index], { headers: { accept: 'image/*' }, cache: 'no-store' });
  // The browser lists an answer among what the page was told, which `why` looks at, once it has been read.
  await response.arrayBuffer();
  const failure = readDeliveryError(response.headers, response.status);
  if (asking !== round) return failure;
  asking.asked += 1;
  prints[index].badge.textContent = String(response.status);
  if (index === 0) showFailure(response, failure);
  return failure;
}

async function askAgain() {
  const before = round.heldUntil;
  const failure = await ask(0);
  const moved = failure?.healsInMs === undefined ? 0 : Math.abs(round.heldUntil - before);
  at('again-note').textContent =
    failure === undefined
      ? 'The picture is there: nothing is held any more.'
      : failure.cached && moved < 1500
        ? `Asked ${round.asked} times by now. The countdown has not moved.`
        : `The window was over, so this request tried once more: failure number ${failure.rung}.`;
}

function showFailure({ status, statusText }, failure) {
  round.failure = failure;
  at('status').textContent = `${status} ${statusText}`.trim() + (failure?.placeholder ? ', with a placeholder' : '');
  at('cause').textContent = failure === undefined ? 'none' : `${failure.message} (${failure.code})`;
  at('source').textContent =
    failure === undefined ? 'the picture' : failure.cached ? 'the remembered failure' : 'a look-up, just now';
  if (failure?.healsInMs !== undefined) round.heldUntil = Date.now() + failure.healsInMs;
  showCountdown();
}

function showCountdown() {
  const { failure, heldUntil } = round ?? {};
  const leftMs = failure === undefined || heldUntil === undefined ? 0 : Math.max(0, heldUntil - Date.now());
  const rung = failure?.rung ?? 1;
  at('remaining').textContent = leftMs > 0 ? `${(leftMs / 1000).toFixed(leftMs < 10_000 ? 1 : 0)} s` : 'nothing held';
  at('remaining').parentElement.classList.toggle('over', leftMs === 0);
  at('window').value = failure === undefined ? 0 : Math.min(1, leftMs / windowOf(rung));
  at('rung').textContent =
    failure === undefined
      ? ''
      : leftMs > 0
        ? `failure ${rung} in a row; one more would be held for ${durationText(windowOf(rung + 1))}`
        : 'the next request tries once';
}

// Step 2: upload

async function sendSample() {
  const response = await fetch('/demo/image/upload/sample.jpg');
  await send(new File([await response.blob()], 'sample.jpg', { type: 'image/jpeg' }));
}

async function send(file) {
  if (file === undefined || at('drop').classList.contains('busy')) return;
  setBusy(true);
  const task = client.upload(file, { publicId: round.publicId, resourceType: 'image', onProgress: showProgress });
  try {
    task.url; // a compile error in TypeScript, and at run time this:
  } catch (error) {
    at('guard-text').textContent = `→ ${error.code}: ${error.message}`;
  }
  try {
    await recover(await task);
  } catch (error) {
    setBusy(false);
    const reason = isSafelightError(error) ? error.message : String(error);
    at('sent-text').textContent = `It did not work: ${reason}`;
    announce(`The upload failed: ${reason}`);
  }
}

function showProgress({ phase, sentBytes, totalBytes }) {
  for (const item of at('phases').children) {
    item.toggleAttribute('aria-current', item.dataset.phase === phase);
  }
  if (totalBytes) at('sent').value = phase === 'ready' ? 1 : sentBytes / totalBytes;
  const total = totalBytes ? ` of ${kilobytes(totalBytes)}` : '';
  at('sent-text').textContent = `${kilobytes(sentBytes)}${total} kB sent, ${phase}`;
}

// Step 3: recovery

async function recover(asset) {
  const startedAt = performance.now();
  const urls = sizes.map((size) => asset.url(size));
  await Promise.all(urls.map((url, index) => develop(prints[index], url)));
  const tookMs = Math.round(performance.now() - startedAt);
  const said = `All ten sizes were there ${tookMs} ms after the upload was acknowledged, ${secondsSaved()}`;
  at('recovered-text').textContent = `${said} Their URLs name the version, so they may be kept for ever:`;
  at('urls').replaceChildren(...urls.map(urlRow));
  at('tally').textContent = 'One upload, ten recoveries: no reload, no waiting, no trick with the URL.';
  markDone('early', 'send', 'recovered');
  announce(`Uploaded. ${said}`);
  await ask(0); // the very URL that failed, without a version
  at('again-note').textContent = 'The URL that failed answers with the picture now.';
  await explain();
}

/** Loads before it swaps, so that the placeholder stays until the picture can be painted. */
async function develop({ figure, image, badge }, url) {
  const loading = new Image();
  loading.src = url;
  await loading.decode();
  image.src = url;
  image.alt = `The uploaded picture, ${badge.previousSibling.textContent}`;
  badge.textContent = '200';
  figure.classList.add('developed');
}

async function explain() {
  const diagnosis = await client.why(round.urls[0]);
  at('why-text').textContent = formatDiagnosis(diagnosis);
}

function secondsSaved() {
  const leftMs = (round.heldUntil ?? 0) - Date.now();
  return leftMs > 0 ? `${Math.round(leftMs / 1000)} s before the error would have run out.` : 'at once.';
}

// What is shown

function createPrint(size, index) {
  const figure = index === 0 ? at('main-print') : at('contact-sheet').appendChild(document.createElement('figure'));
  if (index > 0) figure.className = 'print';
  const image = Object.assign(document.createElement('img'), { width: size.width, height: size.height, alt: '' });
  const caption = document.createElement('figcaption');
  const label = document.createElement('span');
  label.textContent = `${size.width}×${size.height}`;
  const badge = document.createElement('b');
  caption.append(label, badge);
  figure.append(image, caption);
  return { figure, image, badge };
}

function urlRow(url) {
  const { pathname } = new URL(url);
  const [before, version, after] = pathname.split(/(v\d+)(?=\/)/);
  const link = Object.assign(document.createElement('a'), { href: url });
  const image = Object.assign(document.createElement('img'), { src: url, alt: '' });
  const code = document.createElement('code');
  code.append(before, Object.assign(document.createElement('mark'), { textContent: version }), after);
  link.append(image, code);
  const row = document.createElement('li');
  row.append(link);
  return row;
}

function resetSteps() {
  for (const id of ['early', 'send', 'recovered']) at(id).classList.remove('done', 'current');
  at('send').classList.add('current');
  at('urls').replaceChildren();
  at('sent').value = 0;
  at('sent-text').textContent = 'Nothing sent yet';
  at('again-note').textContent = 'Asking does not lengthen the wait.';
  at('recovered-text').textContent = 'One upload frees every size. No waiting, no cache-busting, no reload.';
  for (const item of at('phases').children) item.removeAttribute('aria-current');
  setBusy(false);
}

function markDone(...ids) {
  for (const id of ids) at(id).classList.replace('current', 'done') || at(id).classList.add('done');
}

/** One upload per name: an unsigned one may not replace what is there. */
function setBusy(busy) {
  at('drop').classList.toggle('busy', busy);
  at('use-sample').disabled = busy;
  at('file').disabled = busy;
}

function watchDrops(zone) {
  for (const type of ['dragenter', 'dragover', 'dragleave', 'drop']) {
    zone.addEventListener(type, (event) => {
      event.preventDefault();
      zone.classList.toggle('over', type === 'dragenter' || type === 'dragover');
      if (type === 'drop') send(event.dataTransfer.files[0]);
    });
  }
}

function windowOf(rung) {
  return windowMs(rung, defaultLadders.absence);
}

function kilobytes(bytes) {
  return Math.ceil(bytes / 1000).toLocaleString('en');
}

function announce(text) {
  at('announcement').textContent = text;
}
