/** The draft is sent a moment after each change, one sending at a time; what is wrong with it comes back. */

import { HttpError, getJson, postJson } from "../kit/http";
import type { Document, Drawn, Flaw, Places } from "./kinds";
import type { Store } from "./store";

export type Saved = "saved" | "waiting" | "saving" | "failed" | "conflict";

const PAUSE_MS = 700;
const AGAIN_MS = 5_000;

export class Saving {
  state: Saved = "saved";
  told = "";
  revision: number;
  #kept: Document;
  #places: Places;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #running: Promise<void> | undefined;

  constructor(
    private readonly store: Store,
    private readonly url: string,
    revision: number,
    private readonly changed: () => void,
  ) {
    this.revision = revision;
    this.#kept = store.state.document;
    this.#places = store.state.places;
    store.subscribe(({ document, places }) => this.#see(document, places));
  }

  get isDirty(): boolean {
    return this.store.state.document !== this.#kept || this.store.state.places !== this.#places;
  }

  #see(document: Document, places: Places): void {
    if ((document === this.#kept && places === this.#places) || this.state === "conflict") return;
    this.#tell("waiting");
    this.#soon(PAUSE_MS);
  }

  #soon(after: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.now(), after);
  }

  #tell(state: Saved, told = ""): void {
    [this.state, this.told] = [state, told];
    this.changed();
  }

  /** Sends what is not sent yet. True if the server has all of it then. */
  async now(): Promise<boolean> {
    clearTimeout(this.#timer);
    while (this.#running) await this.#running;
    if (this.isDirty && this.state !== "conflict") {
      this.#running = this.#send();
      await this.#running;
    }
    return !this.isDirty;
  }

  async #send(): Promise<void> {
    const { document, places } = this.store.state;
    this.#tell("saving");
    try {
      const body = { revision: this.revision, document, places };
      const { revision, flaws } = await postJson<{ revision: number; flaws: Flaw[] }>(this.url, body);
      this.revision = revision;
      [this.#kept, this.#places] = [document, places];
      this.store.mark(flaws);
      this.#tell(this.isDirty ? "waiting" : "saved");
      if (this.isDirty) this.#soon(PAUSE_MS);
    } catch (error) {
      const { status, words } = error instanceof HttpError ? error : new HttpError(0, "", "");
      this.#tell(status === 409 ? "conflict" : "failed", words);
      if (status === 0 || status >= 500) this.#soon(AGAIN_MS);
    } finally {
      this.#running = undefined;
    }
  }

  /** After a conflict: mine over what was saved there. */
  async over(): Promise<void> {
    const { revision } = await getJson<Pick<Drawn, "revision">>(this.url);
    this.revision = revision;
    this.#tell("waiting");
    await this.now();
  }
}
