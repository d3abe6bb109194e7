/** One connection to an event stream. Unlike a bare EventSource it notices a link that died silently. */

/** The server says `event: alive` every 15 s. A link that once did and now says nothing for this long is dead. */
const SILENCE_LIMIT = 40_000;

export type Listeners = Record<string, (data: string, number: number) => void>;

/**
 * Opens `url` and calls the listener named by each event with its data and number. Settles when the link breaks; it
 * is not reopened: the browser's own retry gives up for good on an HTTP error, such as a server just restarting.
 */
export function follow(url: string, listeners: Listeners): Promise<void> {
  return new Promise((resolve) => {
    const source = new EventSource(url);
    let silence: number | undefined;
    const broken = (): void => {
      window.clearTimeout(silence);
      window.removeEventListener("offline", broken);
      source.close();
      resolve();
    };
    window.addEventListener("offline", broken);
    source.onerror = broken;
    source.addEventListener("alive", () => {
      window.clearTimeout(silence);
      silence = window.setTimeout(broken, SILENCE_LIMIT);
    });
    for (const [name, listener] of Object.entries(listeners)) {
      source.addEventListener(name, (event: MessageEvent<string>) =>
        listener(event.data, Number(event.lastEventId) || 0),
      );
    }
  });
}
