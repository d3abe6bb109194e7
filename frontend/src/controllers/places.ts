/**
 * Places for data in templates: a click on one puts it where the editor's cursor stands, or copies it for Word. What is
 * typed into the search leaves only those that have all its words.
 *
 *     <section data-places>
 *       <input type="search" data-places-search>
 *       <details>… <button type="button" data-place="{{ customer.name }}" data-words="full name …">…</button></details>
 *     </section>
 */

import { announce } from "../kit/announce";

export function startPlaces(): void {
  document.addEventListener("click", (event) => {
    const button = (event.target as Element).closest<HTMLElement>("[data-place]");
    if (button) void take(button);
  });
  document.addEventListener("input", (event) => {
    const search = event.target as HTMLInputElement;
    if (search.matches("[data-places-search]")) narrow(search);
  });
}

async function take(button: HTMLElement): Promise<void> {
  const place = button.dataset["place"] ?? "";
  const editor = document.querySelector("cc-editor");
  if (editor) editor.dispatchEvent(new CustomEvent("cc-insert", { detail: place }));
  else await navigator.clipboard.writeText(place);
  announce(`${place} ${button.dataset["done"] ?? ""}`);
  const done = button.querySelector<HTMLElement>("[data-done-sign]");
  if (done) done.hidden = false;
}

function narrow(search: HTMLInputElement): void {
  const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
  const all = search.closest("[data-places]");
  for (const group of all?.querySelectorAll<HTMLDetailsElement>("details") ?? []) {
    let shown = 0;
    for (const button of group.querySelectorAll<HTMLElement>("[data-place]")) {
      const fits = words.every((word) => (button.dataset["words"] ?? "").includes(word));
      button.hidden = !fits;
      shown += fits ? 1 : 0;
    }
    group.hidden = !shown;
    if (words.length) group.open = shown > 0;
  }
}
