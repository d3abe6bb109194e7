/** The designer, and with data-watched a version as it went: `mount` draws it into its element. */

import { mount as draw, unmount } from "svelte";

import Designer from "./Designer.svelte";
import type { Drawn, Watched as WatchedDrawn } from "./kinds";
import Watched from "./Watched.svelte";

export function mount(host: HTMLElement): () => void {
  const kept = document.getElementById(host.dataset["drawn"] ?? "") as HTMLTemplateElement | null;
  const drawn = JSON.parse(kept?.content.textContent ?? "") as Drawn | WatchedDrawn;
  host.replaceChildren();
  const app = draw("watched" in host.dataset ? Watched : Designer, { target: host, props: { drawn, icons: host.dataset["icons"] ?? "" } });
  host.dataset["ready"] = "";
  return () => void unmount(app);
}
