import { createClient, isSafelightError } from '@safelight/client';
import { defaultLadders, durationText, formatDiagnosis, readDeliveryError, windowMs } from '@safelight/protocol';

const client = createClient({
  endpoint: location.origin,
  cloudName: 'demo',
  uploadPreset: 'quickstart',
  warn: () => {}, // step 1 requests a URL without a version on purpose
});

/** The first size is the large picture. */
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
let round; // the state for one public ID

at('again').addEventListener('click', () => askAgain());
at('restart').addEventListener('click', () => start());
at('use-sample').addEventListener('click', () => sendSample());
at('file').addEventListener('change', ({ target }) => send(target.files[0]).finally(() => (target.value = '')));
watchDrops(at('drop'));
setInterval(showCountdown, 200);
await start();

// Step 1: request too early

async function start() {
  const publicId = `early-${crypto.getRandomValues(new Uint32Array(1))[0].toString(36)}`;
  const urls = sizes.map((size) => client.dangerouslyBuildUrl(`${publicId}.jpg`, size));
  round = { publicId, urls, requests: 0, failure: undefined, expiresAt: undefined };
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
  at('tally').textContent = isShared ? 'All ten sizes share one cached failure: the missing original.' : '';
  announce(`${publicId} does not exist: status ${round.failure?.status}, placeholders are shown.`);
  await explain();
}

/** Requests one size again and shows the failure that its headers describe. */
async function ask(index) {
  const current = round;
  const response = await fetch(current.urls[index], { headers: { accept: 'image/*' }, cache: 'no-store' });
  // Only when a response has been read, the browser adds it to the page's list of resources, which `why` reads.
  await response.arrayBuffer();
  const failure = readDeliveryError(response.headers, response.status);
  if (current !== round) return failure;
  current.requests += 1;
  prints[index].badge.textContent = String(response.status);
  if (index === 0) showFailure(response, failure);
  return failure;
}

async function askAgain() {
  const before = round.expiresAt;
  const failure = await ask(0);
  const movedMs = failure?.healsInMs === undefined ? 0 : Math.abs(round.expiresAt - before);
  at('again-note').textContent =
    failure === undefined
      ? 'The picture exists: no error is cached any more.'
      : failure.cached && movedMs < 1500
        ? `${round.requests} requests so far. They have not changed the countdown.`
        : `The error had expired, so this request was a new attempt: failure number ${failure.rung}.`;
}

function showFailure({ status, statusText }, failure) {
  round.failure = failure;
  at('status').textContent = `${status} ${statusText}`.trim() + (failure?.placeholder ? ', with a placeholder' : '');
  at('cause').textContent = failure === undefined ? 'none' : `${failure.message} (${failure.code})`;
  at('source').textContent =
    failure === undefined ? 'the picture' : failure.cached ? 'the cached failure' : 'a new attempt';
  if (failure?.healsInMs !== undefined) round.expiresAt = Date.now() + failure.healsInMs;
  showCountdown();
}

function showCountdown() {
  const { failure, expiresAt } = round ?? {};
  const leftMs = failure === undefined || expiresAt === undefined ? 0 : Math.max(0, expiresAt - Date.now());
  const rung = failure?.rung ?? 1;
  at('remaining').textContent = leftMs > 0 ? `${(leftMs / 1000).toFixed(leftMs < 10_000 ? 1 : 0)} s` : 'expired';
  at('remaining').parentElement.classList.toggle('over', leftMs === 0);
  at('window').value = failure === undefined ? 0 : Math.min(1, leftMs / windowOf(rung));
  at('rung').textContent =
    failure === undefined
      ? ''
      : leftMs > 0
        ? `failure ${rung} in a row; the next one would be cached for ${durationText(windowOf(rung + 1))}`
        : 'the next request is a new attempt';
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
    task.url; // a compile error in TypeScript; in JavaScript it throws
  } catch (error) {
    at('guard-text').textContent = `→ ${error.code}: ${error.message}`;
  }
  try {
    await recover(await task);
  } catch (error) {
    setBusy(false);
    const reason = isSafelightError(error) ? error.message : String(error);
    at('sent-text').textContent = `The upload failed: ${reason}`;
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
  const result = `All ten sizes were shown ${tookMs} ms after the upload, ${secondsSaved()}`;
  at('recovered-text').textContent = `${result} Their URLs name the version, so caches may store them for ever:`;
  at('urls').replaceChildren(...urls.map(urlRow));
  at('tally').textContent = 'After one upload all ten sizes are delivered, without a reload or a changed URL.';
  markDone('early', 'send', 'recovered');
  announce(`Uploaded. ${result}`);
  await ask(0); // the URL that failed before, without a version
  at('again-note').textContent = 'The URL that failed delivers the picture now.';
  await explain();
}

/** Loads a picture before it is swapped in, so that the placeholder stays until the picture can be painted. */
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
  const leftMs = (round.expiresAt ?? 0) - Date.now();
  return leftMs > 0 ? `${Math.round(leftMs / 1000)} s before the error would have expired.` : 'at once.';
}

// The parts of the page

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
  at('again-note').textContent = 'Further requests do not lengthen the wait.';
  at('recovered-text').textContent =
    'One upload removes the error of all sizes, without waiting, cache-busting or a reload.';
  for (const item of at('phases').children) item.removeAttribute('aria-current');
  setBusy(false);
}

function markDone(...ids) {
  for (const id of ids) at(id).classList.replace('current', 'done') || at(id).classList.add('done');
}

/** Allows only one upload per name: an unsigned upload must not replace an existing asset. */
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
