export interface Card {
  readonly element: HTMLLIElement;
  /** One or two words. */
  readonly badge: HTMLElement;
  /** One sentence. */
  readonly note: HTMLElement;
  readonly actions: HTMLElement;
}

/** A picture with its name, its state and its buttons. */
export function createCard(name: string, picture: HTMLElement): Card {
  const element = document.createElement('li');
  const caption = Object.assign(document.createElement('span'), { className: 'name', textContent: name, title: name });
  const badge = Object.assign(document.createElement('b'), { className: 'badge' });
  const note = Object.assign(document.createElement('p'), { className: 'note' });
  const actions = Object.assign(document.createElement('p'), { className: 'actions' });
  element.append(picture, caption, badge, note, actions);
  return { element, badge, note, actions };
}
