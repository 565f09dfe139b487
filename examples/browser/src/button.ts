/** A button that says to those who do not see the page which picture it is about. */
export function createButton(label: string, name: string, action: () => unknown): HTMLButtonElement {
  const button = Object.assign(document.createElement('button'), { type: 'button', textContent: label });
  button.setAttribute('aria-label', `${label}: ${name}`);
  button.addEventListener('click', action);
  return button;
}
