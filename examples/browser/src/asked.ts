/** How often the server has been asked for a picture: the page cannot tell its own requests from what its cache answered. */
export async function askedText(url: string): Promise<string> {
  try {
    const { pathname } = new URL(url);
    const response = await fetch(`/asked?path=${encodeURIComponent(pathname)}`);
    const { times, unchanged } = (await response.json()) as { readonly times: number; readonly unchanged: number };
    // A URL without a version may change, so that a browser that has its picture asks whether it is still the one.
    return `asked for ${timesText(times - unchanged)}${unchanged > 0 ? `, revalidated ${timesText(unchanged)}` : ''}`;
  } catch {
    return ''; // The page is being left.
  }
}

function timesText(times: number): string {
  return times === 1 ? 'once' : `${times} times`;
}
