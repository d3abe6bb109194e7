/** The designer: `mount` draws it into its element. */

import { mount as draw, unmount } from "svelte";

import Designer from "./Designer.svelte";
import type { Drawn } from "./kinds";

export function mount(host: HTMLElement): () => void {
  const text = document.getElementById(host.dataset["drawn"] ?? "")?.textContent ?? "";
  const drawn = JSON.parse(text) as Drawn;
  host.replaceChildren();
  const app = draw(Designer, { target: host, props: { drawn, icons: host.dataset["icons"] ?? "" } });
  host.dataset["ready"] = "";
  return () => void unmount(app);
}
