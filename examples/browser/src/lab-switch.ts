import { announce } from './announce.ts';
import { elementById } from './element-by-id.ts';

/** A switch that makes the server's transformation handler fail, and work again. */
export function watchLab(): void {
  const lab = elementById('lab', HTMLButtonElement);
  lab.addEventListener('click', async () => {
    const isUp = lab.ariaChecked !== 'true';
    await fetch(`/lab/${isUp ? 'up' : 'down'}`, { method: 'PUT' });
    lab.ariaChecked = String(isUp);
    lab.textContent = isUp ? 'Makes pictures' : 'Is down';
    const text = isUp
      ? 'The lab is up again. Each waiting picture is requested once, when its error has expired.'
      : 'Every new derivation fails now. Pictures that are already shown stay.';
    elementById('lab-text', HTMLElement).textContent = text;
    announce(text);
  });
}
