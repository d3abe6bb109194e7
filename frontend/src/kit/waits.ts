/** Waiting: for a while, for longer and longer, for a lock that only one window of the browser holds. */

/** Settles after so many milliseconds, or earlier: as soon as the network comes back. */
export function pauseOrOnline(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      window.clearTimeout(timer);
      window.removeEventListener("online", done);
      resolve();
    };
    const timer = window.setTimeout(done, milliseconds);
    window.addEventListener("online", done);
  });
}

export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

/** Pauses between tries: 0.25, 0.5, 1, 2, 4, 5 s, each up to a third longer: a hundred desks must not come at once. */
export class BackOff {
  #tries = 0;

  next(): number {
    const pause = Math.min(5_000, 250 * 2 ** this.#tries++);
    return pause * (1 + Math.random() / 3);
  }

  reset(): void {
    this.#tries = 0;
  }
}

/**
 * Runs `work` in exactly one window of this browser; the others wait their turn. The turn lasts until the promise of
 * `work` settles or the window closes; `work` gets a signal that tells when another window took the turn away.
 * `signal` ends the waiting; `steal` takes the turn from whoever has it. Where the browser has no locks (plain HTTP),
 * every window has its turn.
 */
export async function alone(
  name: string,
  work: (lost: AbortSignal) => Promise<void>,
  options: { signal?: AbortSignal; steal?: boolean } = {},
): Promise<void> {
  const lost = new AbortController();
  if (!("locks" in navigator)) return work(lost.signal);
  try {
    await (navigator as Navigator).locks.request(name, options, () => work(lost.signal));
  } catch (error) {
    if (!(error instanceof DOMException && error.name === "AbortError")) throw error;
    lost.abort();
  }
}
