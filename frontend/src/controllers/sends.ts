/**
 * Shows how much of a file has been sent.
 *
 *     <form hx-post="/imports/new/" hx-encoding="multipart/form-data" data-sends>
 *       <input type="file" name="file">
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
