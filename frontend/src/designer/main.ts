/** The designer: `mount` draws it into its element. */

import { mount as draw, unmount } from "svelte";

import Designer from "./Designer.svelte";
import type { Drawn } from "./kinds";

export function mount(host: HTMLElement): () => void {
  const kept = document.getElementById(host.dataset["drawn"] ?? "") as HTMLTemplateElement | null;
  const drawn = JSON.parse(kept?.content.textContent ?? "") as Drawn;
  host.replaceChildren();
  const app = draw(Designer, { target: host, props: { drawn, icons: host.dataset["icons"] ?? "" } });
  host.dataset["ready"] = "";
  return () => void unmount(app);
}
