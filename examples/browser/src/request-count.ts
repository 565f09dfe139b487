/** The number of requests for a picture as text. The server counts them, because the page cannot exclude its cache hits. */
export async function requestCountText(url: string): Promise<string> {
  try {
    const { pathname } = new URL(url);
    const response = await fetch(`/requests?path=${encodeURIComponent(pathname)}`);
    const { times, unchanged } = (await response.json()) as { readonly times: number; readonly unchanged: number };
    // The response for a URL without a version may change, so a browser that has cached it revalidates it.
    return `requested ${timesText(times - unchanged)}${unchanged > 0 ? `, revalidated ${timesText(unchanged)}` : ''}`;
  } catch {
    return ''; // The visitor is leaving the page.
  }
}

function timesText(times: number): string {
  return times === 1 ? 'once' : `${times} times`;
}
