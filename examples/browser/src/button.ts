/** A button that tells screen readers which picture it belongs to. */
export function createButton(label: string, name: string, action: () => unknown): HTMLButtonElement {
  const button = Object.assign(document.createElement('button'), { type: 'button', textContent: label });
  button.setAttribute('aria-label', `${label}: ${name}`);
  button.addEventListener('click', action);
  return button;
}
