/**
 * Tabs of the desk. A link opens beside the work in hand, which stays as it is, with its text and its place.
 *
 *     <nav id="tabs" data-tabs data-text-close="Close {title}" data-text-unsaved="There is unsaved text. Close?">
 *       <span class="tab" data-current><a href="/desk/" data-tab aria-current="page"><span>My day</span></a></span>
 *       <template>
 *         <span class="tab" data-closable><a data-tab><span></span></a>
 *           <button type="button" data-tab-close>...</button></span>
 *       </template>
 *     </nav>
 *     <main id="workspace" class="workspace" tabindex="-1">...</main>
 *
 *     <a href="/customers/17/" data-tab>Olga Smirnova</a>     anywhere; without `data-tabs` on the page a plain link
 *     <form action="/search/" data-tab-form><input name="q"></form>
 *
 * The panel of the current tab has the id `workspace`, so `hx-target="#workspace"` means what is seen. The others wait
 * hidden behind it. What the desk itself fetches into `#workspace`, such as the card of a ringing call, belongs to the
 * first tab, whichever is seen. Of more than five the one unseen longest is let go, if nothing is typed in it, and
 * fetched again when wanted. A tab is called by `data-tab-title` in its panel, or its <h1>. The address is that of the
 * current tab; reloading it comes back to the desk with the tabs that were open (this window remembers addresses, no
 * names). When a call begins to ring, or is over and wants its result, the first tab comes to the front, unless
 * somebody is typing: then it gets `data-news`.
 */

import { around, meta, takesText, words } from "../kit/dom";
import { onHtmx, type BeforeSwap, type ConfigRequest } from "../kit/htmx";
import { setTitle } from "../kit/title";
import { saveAll } from "./drafts";
import { type Moved } from "./answers";
import { isDirty } from "./keep";

const KEPT_PANELS = 5;
const WANTS_THE_DESK = new Set(["ringing", "wrapup"]);
const MEMORY = `perezvon-desk-${meta("person")}`;

interface Tab {
  url: string;
  item: HTMLElement;
  panel: HTMLElement | null;
  seen: number;
  scroll: number;
}

interface HistoryUpdate {
  requestConfig: { elt: Element };
  history: { path: string };
}

interface Memory {
  desk: string;
  urls: string[];
  current: string;
}

class Tabs {
  #strip: HTMLElement;
  #tabs: Tab[] = [];
  #current: Tab;
  #home: Tab;
  #title = document.title;
  #callState = "";
  #askedInTabs = new WeakSet<Element>();

  constructor(strip: HTMLElement, panel: HTMLElement) {
    this.#strip = strip;
    const item = strip.querySelector<HTMLElement>("[data-current]") ?? document.createElement("span");
    this.#home = { url: location.pathname + location.search, item, panel, seen: 0, scroll: 0 };
    item.querySelector("a")?.setAttribute("href", this.#home.url);
    this.#current = this.#home;
    this.#tabs.push(this.#home);
    // The way back of htmx replaces the whole body, and the phone in it.
    if (window.htmx) window.htmx.config.historyEnabled = false;
    this.#restore();
    history.replaceState({ desk: true }, "", this.#current.url);
    this.#listen();
  }

  #listen(): void {
    document.addEventListener("click", (event) => this.#onClick(event));
    document.addEventListener("auxclick", (event) => event.button === 1 && this.#closeFrom(event));
    document.addEventListener("submit", (event) => this.#onSubmit(event), { capture: true });
    window.addEventListener("popstate", () => this.#open(location.pathname + location.search, "", false));
    onHtmx<HistoryUpdate>("beforeHistoryUpdate", ({ requestConfig, history: { path } }) =>
      this.#moved(requestConfig.elt, path),
    );
    document.addEventListener("perezvon:moved", (event) => {
      event.preventDefault(); // the address bar is ours
      this.#moved(event.target as Element, (event as CustomEvent<Moved>).detail.path);
    });
    onHtmx<ConfigRequest>("configRequest", ({ elt }) => this.#noteAsker(elt));
    onHtmx<BeforeSwap>("beforeSwap", (detail) => this.#sendHome(detail));
    onHtmx("afterSettle", () => {
      this.#openNow();
      this.#name(this.#current);
      this.#followCall();
    });
  }

  #onClick(event: MouseEvent): void {
    if (around(event, "[data-tab-close]")) return this.#closeFrom(event);
    const link = around<HTMLAnchorElement>(event, "a[data-tab]");
    if (!link || event.defaultPrevented || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    const inStrip = this.#tabs.find((tab) => tab.item.contains(link));
    if (inStrip) this.#show(inStrip, true);
    else this.#open(link.pathname + link.search, link.dataset["tabTitle"] ?? link.textContent?.trim() ?? "", true);
  }

  #onSubmit(event: SubmitEvent): void {
    const form = around<HTMLFormElement>(event, "form[data-tab-form]");
    if (!form) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const query = new URLSearchParams(new FormData(form) as unknown as Record<string, string>);
    this.#open(`${new URL(form.action).pathname}?${query}`, query.get("q") ?? "", true);
  }

  /** What the server wants opened beside the work: `<a href="..." data-tab data-open-now hidden>` in what it sent. */
  #openNow(): void {
    const link = document.querySelector<HTMLAnchorElement>("a[data-open-now]");
    if (!link) return;
    link.remove();
    this.#open(link.pathname + link.search, link.dataset["tabTitle"] ?? "", true);
  }

  #open(url: string, label: string, push: boolean): void {
    this.#show(this.#tabs.find((tab) => tab.url === url) ?? this.#add(url, label), push);
  }

  #add(url: string, label: string): Tab {
    const drawn = this.#strip.querySelector("template")?.content.firstElementChild?.cloneNode(true);
    const item = drawn instanceof HTMLElement ? drawn : document.createElement("span");
    item.querySelector("a")?.setAttribute("href", url);
    this.#strip.append(item);
    const tab = { url, item, panel: null, seen: 0, scroll: 0 };
    this.#tabs.push(tab);
    this.#label(tab, label);
    return tab;
  }

  #show(tab: Tab, push: boolean): void {
    if (tab !== this.#current) this.#swapPanels(tab);
    if (push && tab.url !== location.pathname + location.search) history.pushState({ desk: true }, "", tab.url);
    tab.seen = performance.now();
    this.#letGo();
    this.#remember();
    if (push) tab.panel?.focus({ preventScroll: true });
  }

  /** Brings the panel of `tab` to the front: first in the document, so that ids in it are the ones found. */
  #swapPanels(tab: Tab): void {
    const front = this.#current.panel;
    this.#current.scroll = front?.scrollTop ?? 0;
    mark(this.#current.item, false);
    this.#current = tab;
    mark(tab.item, true);
    const panel = (tab.panel ??= this.#newPanel(tab, front));
    if (front) hide(front);
    panel.hidden = false;
    panel.id = "workspace";
    if (front && front !== panel) moveBefore(front.parentElement, panel, firstPanel(front));
    panel.scrollTop = tab.scroll;
    setTitle(tab === this.#home ? this.#title : this.#labelOf(tab) || this.#title);
    if (!panel.childElementCount) void this.#load(tab, panel);
  }

  #newPanel(tab: Tab, like: HTMLElement | null): HTMLElement {
    const panel = document.createElement("main");
    panel.className = like?.className ?? "";
    panel.tabIndex = -1;
    panel.dataset["panel"] = "";
    panel.setAttribute("data-shows-errors", "");
    panel.setAttribute("aria-label", this.#labelOf(tab));
    like?.before(panel);
    return panel;
  }

  async #load(tab: Tab, panel: HTMLElement): Promise<void> {
    panel.ariaBusy = "true";
    await window.htmx?.ajax("GET", tab.url, { source: panel, target: panel, swap: "innerHTML" });
    panel.ariaBusy = null;
    this.#name(tab);
  }

  #closeFrom(event: Event): void {
    const tab = this.#tabs.find(({ item }) => event.target instanceof Node && item.contains(event.target));
    if (!tab || !tab.item.hasAttribute("data-closable")) return;
    event.preventDefault();
    const question = words(this.#strip, "unsaved");
    if (tab.panel && hasUnsaved(tab.panel) && question && !window.confirm(question)) return;
    this.#close(tab);
  }

  #close(tab: Tab): void {
    this.#tabs = this.#tabs.filter((other) => other !== tab);
    if (tab === this.#current) this.#show([...this.#tabs].sort((a, b) => b.seen - a.seen)[0] ?? this.#home, true);
    this.#drop(tab);
    tab.item.remove();
    this.#remember();
  }

  #drop(tab: Tab): void {
    if (!tab.panel) return;
    saveAll(tab.panel, true);
    tab.panel.remove();
    tab.panel = null;
  }

  #letGo(): void {
    const waiting = this.#tabs.filter((tab) => tab.panel && tab !== this.#home && tab !== this.#current);
    const clean = waiting.filter((tab) => tab.panel && !hasUnsaved(tab.panel)).sort((a, b) => a.seen - b.seen);
    for (const tab of clean.slice(0, Math.max(0, waiting.length + 1 - KEPT_PANELS))) this.#drop(tab);
  }

  /** An earlier answer may take the asker out of its tab before its own answer comes. */
  #noteAsker(elt: Element): void {
    if (this.#tabs.some(({ panel }) => panel?.contains(elt)) || elt.closest("dialog")) this.#askedInTabs.add(elt);
  }

  #sendHome(detail: BeforeSwap): void {
    const fromDesk = !this.#askedInTabs.has(detail.requestConfig.elt);
    // The target was found when the request left: another tab may have come to the front since.
    if (fromDesk && this.#home.panel && this.#tabs.some(({ panel }) => panel === detail.target)) {
      detail.target = this.#home.panel;
    }
  }

  /** A list in a panel was filtered or paged, a form in it led elsewhere: the tab now stands for the new address. */
  #moved(elt: Element, path: string): void {
    const tab = this.#tabs.find(({ panel }) => panel?.contains(elt));
    if (!tab || tab === this.#home) return;
    if (tab.panel && tab.url.split("?")[0] !== path.split("?")[0]) tab.panel.scrollTop = 0;
    tab.url = path;
    tab.item.querySelector("a")?.setAttribute("href", path);
    if (tab === this.#current) history.replaceState({ desk: true }, "", path);
    this.#remember();
  }

  #name(tab: Tab): void {
    if (tab === this.#home) return;
    const titled = tab.panel?.querySelector<HTMLElement>("[data-tab-title]")?.dataset["tabTitle"];
    this.#label(tab, titled ?? tab.panel?.querySelector("h1")?.textContent?.trim() ?? "");
    if (tab === this.#current) setTitle(this.#labelOf(tab) || this.#title);
  }

  #label(tab: Tab, label: string): void {
    const place = tab.item.querySelector("a > span");
    if (!label || !place || place.textContent === label) return;
    place.textContent = label;
    tab.panel?.setAttribute("aria-label", label);
    const close = words(this.#strip, "close", { title: label });
    tab.item.querySelector("[data-tab-close]")?.setAttribute("aria-label", close);
  }

  #labelOf(tab: Tab): string {
    return tab.item.querySelector("a > span")?.textContent ?? "";
  }

  #followCall(): void {
    const state = document.getElementById("callbar")?.dataset["state"] ?? "";
    if (WANTS_THE_DESK.has(state) && state !== this.#callState && this.#current !== this.#home) {
      if (takesText(document.activeElement)) this.#home.item.dataset["news"] = "";
      else this.#show(this.#home, true);
    }
    this.#callState = state;
  }

  #remember(): void {
    const urls = this.#tabs.slice(1).map((tab) => tab.url);
    const memory: Memory = { desk: this.#home.url, urls, current: this.#current.url };
    sessionStorage.setItem(MEMORY, JSON.stringify(memory));
  }

  #restore(): void {
    const memory = remembered();
    if (!memory || memory.desk !== this.#home.url) return;
    for (const url of memory.urls) this.#prefetch(this.#add(url, ""));
    const current = this.#tabs.find((tab) => tab.url === memory.current);
    if (current && current !== this.#home) this.#show(current, false);
  }

  /** Its name comes with its contents. */
  #prefetch(tab: Tab): void {
    tab.panel = this.#newPanel(tab, this.#home.panel);
    this.#home.panel?.after(tab.panel);
    hide(tab.panel);
    void this.#load(tab, tab.panel);
  }
}

function mark(item: HTMLElement, current: boolean): void {
  item.toggleAttribute("data-current", current);
  delete item.dataset["news"];
  if (current) item.querySelector("a")?.setAttribute("aria-current", "page");
  else item.querySelector("a")?.removeAttribute("aria-current");
}

function hide(panel: HTMLElement): void {
  panel.hidden = true;
  panel.dataset["panel"] = "";
  panel.removeAttribute("id");
}

function firstPanel(panel: HTMLElement): Element {
  return panel.parentElement?.querySelector("main") ?? panel;
}

/** Moves without taking out, where the browser can: timers, focus and scroll go on. */
function moveBefore(parent: Element | null, node: HTMLElement, before: Element): void {
  if (!parent || node === before) return;
  const mover = parent as Element & { moveBefore?: (node: Node, before: Node) => void };
  if (mover.moveBefore && node.isConnected) mover.moveBefore(node, before);
  else parent.insertBefore(node, before);
}

function hasUnsaved(panel: HTMLElement): boolean {
  const fields = [...panel.querySelectorAll("[data-keep]:not([data-draft-url])")];
  return fields.some(isDirty);
}

function remembered(): Memory | null {
  return JSON.parse(sessionStorage.getItem(MEMORY) ?? "null") as Memory | null;
}

/** A tab's address was reloaded and came as a page of its own: back to the desk, which opens it as a tab. */
function returnToDesk(): void {
  const [visit] = performance.getEntriesByType("navigation") as PerformanceNavigationTiming[];
  const memory = remembered();
  const here = location.pathname + location.search;
  if (visit?.type === "reload" && memory?.current === here) location.replace(memory.desk);
}

export function startTabs(): void {
  const strip = document.querySelector<HTMLElement>("[data-tabs]");
  const panel = document.getElementById("workspace");
  if (strip && panel) new Tabs(strip, panel);
  else returnToDesk();
}
