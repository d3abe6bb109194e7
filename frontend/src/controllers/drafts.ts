/**
 * Text being written is kept on the server, 800 ms after the last key, and at once when the field is left, the field
 * is swapped away or the page is closed.
 *
 *     <textarea id="note" name="text" data-draft-url="/desk/contacts/0192f3/draft/"
 *               data-text-saved="draft saved {time}" data-text-unsaved="not saved yet, kept here"></textarea>
 *     <output for="note"></output>
 *
 * POSTs `text`; the answer may carry `X-Saved-At`. One request at a time, the newest text wins; a failed one is
 * repeated every 5 s.
 */

import { around, say, words } from "../kit/dom";
import { postForm } from "../kit/http";
import { onHtmx, type AfterRequest } from "../kit/htmx";
import { inZone, serverNow } from "../kit/server_time";

const PAUSE = 800;
const AGAIN_AFTER = 5_000;

class Draft {
  #field: HTMLTextAreaElement;
  #url: string;
  #saved: string;
  #timer: number | undefined;
  #busy = false;

  constructor(field: HTMLTextAreaElement, url: string) {
    this.#field = field;
    this.#url = url;
    this.#saved = field.defaultValue;
  }

  later(pause: number): void {
    window.clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => void this.save(), pause);
  }

  /** `closing`: the page goes away, the request must outlive it. */
  async save(closing = false): Promise<void> {
    window.clearTimeout(this.#timer);
    const text = this.#field.value;
    if (text === this.#saved || (this.#busy && !closing)) return;
    this.#busy = true;
    try {
      const answer = await postForm(this.#url, { text }, { keepalive: closing });
      this.#saved = text;
      this.#show("saved", new Date(answer.headers.get("X-Saved-At") ?? serverNow()));
      if (this.#field.value !== text) this.later(PAUSE);
    } catch {
      this.#show("unsaved");
      if (!closing) this.later(AGAIN_AFTER);
    } finally {
      this.#busy = false;
    }
  }

  /** The text itself was sent: what is there now is no draft any more. */
  settle(): void {
    window.clearTimeout(this.#timer);
    this.#saved = this.#field.value;
  }

  #show(name: "saved" | "unsaved", at = new Date()): void {
    const time = at.toLocaleTimeString(document.documentElement.lang || undefined, { ...inZone(), hourCycle: "h23" });
    const output = document.querySelector(`output[for="${CSS.escape(this.#field.id)}"]`);
    say(output, words(this.#field, name, { time }));
  }
}

const drafts = new WeakMap<Element, Draft>();

export function startDrafts(): void {
  document.addEventListener("input", (event) => draftOf(event)?.later(PAUSE));
  document.addEventListener("focusout", (event) => {
    if (!staysInForm(event)) void draftOf(event)?.save();
  });
  window.addEventListener("pagehide", () => saveAll(document, true));
  onHtmx<{ elt: Element }>("beforeCleanupElement", ({ elt }) => void drafts.get(elt)?.save(true));
  onHtmx<AfterRequest>("beforeRequest", ({ elt, requestConfig }) => {
    if (requestConfig.verb === "get" || !(elt instanceof HTMLFormElement)) return;
    for (const field of elt.querySelectorAll("[data-draft-url]")) drafts.get(field)?.settle();
  });
}

/** Sends whatever is not sent yet. */
export function saveAll(root: ParentNode, closing = false): void {
  for (const field of root.querySelectorAll("[data-draft-url]")) void drafts.get(field)?.save(closing);
}

/** On the way to its own button: the text itself is about to be sent, a draft must not overtake it. */
function staysInForm({ target, relatedTarget }: FocusEvent): boolean {
  const form = target instanceof Element ? target.closest("form") : null;
  return relatedTarget instanceof Node && form !== null && form.contains(relatedTarget);
}

function draftOf(event: Event): Draft | undefined {
  const field = around<HTMLTextAreaElement>(event, "textarea[data-draft-url]");
  if (!field) return undefined;
  const draft = drafts.get(field) ?? new Draft(field, field.dataset["draftUrl"] ?? "");
  drafts.set(field, draft);
  return draft;
}
