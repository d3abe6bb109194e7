/**
 * Shows how much of a file has been sent. One that is too large is refused when it is chosen: a server that is sent too
 * much hangs up, and a browser says no more of that than that the connection broke.
 *
 *     <form hx-post="/imports/new/" hx-encoding="multipart/form-data" data-sends>
 *       <input type="file" name="file" data-most-bytes="209715200" data-large="file-large">
 *       <p id="file-large" role="alert" hidden>The file is larger than 200 MB.</p>
 *       <div data-sent hidden><progress max="100"></progress><span></span></div>
 *     </form>
 */

import { onHtmx } from "../kit/htmx";

interface Sent {
  elt: Element;
  loaded: number;
  total: number;
}

export function startSends(): void {
  document.addEventListener("change", ({ target }) => {
    if (target instanceof HTMLInputElement && target.dataset["mostBytes"]) weigh(target);
  });
  onHtmx<Sent>("xhr:progress", ({ loaded, total }, event) => {
    const form = event.target instanceof Element ? event.target.closest("[data-sends]") : null;
    const line = form?.querySelector<HTMLElement>("[data-sent]");
    const bar = line?.querySelector("progress");
    if (!line || !bar || !total) return;
    const percent = Math.round((loaded * 100) / total);
    line.hidden = false;
    bar.value = percent;
    const words = line.querySelector("span");
    if (words) words.textContent = `${percent} %`;
  });
}

function weigh(field: HTMLInputElement): void {
  const most = Number(field.dataset["mostBytes"]);
  const isTooLarge = [...(field.files ?? [])].some((file) => file.size > most);
  const words = document.getElementById(field.dataset["large"] ?? "");
  if (words) words.hidden = !isTooLarge;
  field.setAttribute("aria-invalid", String(isTooLarge));
  field.setCustomValidity(isTooLarge ? (words?.textContent ?? "") : "");
}
