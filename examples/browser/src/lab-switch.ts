import { announce } from './announce.ts';
import { elementById } from './element-by-id.ts';

/** Takes the server's transformation handler down, and up again. */
export function watchLab(): void {
  const lab = elementById('lab', HTMLButtonElement);
  lab.addEventListener('click', async () => {
    const isUp = lab.ariaChecked !== 'true';
    await fetch(`/lab/${isUp ? 'up' : 'down'}`, { method: 'PUT' });
    lab.ariaChecked = String(isUp);
    lab.textContent = isUp ? 'Makes pictures' : 'Is down';
    const text = isUp
      ? 'Up again: what waits is asked for once, when its error has run out.'
      : 'Every new derivation fails now. What is shown already stays.';
    elementById('lab-text', HTMLElement).textContent = text;
    announce(text);
  });
}
