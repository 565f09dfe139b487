import { defineSafelightImg } from '@safelight/client/image';
import { place } from './client.ts';
import { watchEarly } from './early.ts';
import { elementById } from './element-by-id.ts';
import { explain } from './explain.ts';
import { addFiles, showStored } from './gallery.ts';
import { watchLab } from './lab-switch.ts';
import { drawSamples } from './samples.ts';

defineSafelightImg(place);
showStored();
watchLab();
watchEarly();

const files = elementById('files', HTMLInputElement);
files.addEventListener('change', () => {
  addFiles(files.files ?? []);
  files.value = '';
});
elementById('samples', HTMLButtonElement).addEventListener('click', async () => addFiles(await drawSamples()));

const drop = elementById('drop', HTMLElement);
for (const type of ['dragenter', 'dragover', 'dragleave', 'drop'] as const) {
  drop.addEventListener(type, (event) => {
    event.preventDefault();
    drop.classList.toggle('over', type === 'dragenter' || type === 'dragover');
    if (type === 'drop') addFiles(event.dataTransfer?.files ?? []);
  });
}

const url = elementById('url', HTMLInputElement);
url.value = `${location.origin}/demo/image/upload/c_fill,w_300/not-uploaded.jpg`;
elementById('why', HTMLFormElement).addEventListener('submit', (event) => {
  event.preventDefault();
  void explain(url.value);
});
