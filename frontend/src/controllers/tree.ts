/**
 * Finds in a tree while one types: what does not match is hidden, branches with a match open.
 *
 *     <div data-tree>
 *       <input type="search" data-tree-filter>
 *       <ul><li><details><summary>Cards</summary><ul><li><button>Fees</button></li></ul></details></li></ul>
 *     </div>
 *
 * Branches that somebody opened stay open when the tree is drawn anew, as long as it posts to the same place.
 * Down and up arrows move through what is shown; Enter in the field picks the only match.
 */

import { around, isShown } from "../kit/dom";
import { onHtmx } from "../kit/htmx";

const LEAF = "li > button";

export function startTrees(): void {
  document.addEventListener("input", (event) => {
    const field = around<HTMLInputElement>(event, "[data-tree-filter]");
    const tree = field?.closest("[data-tree]");
    if (field && tree) for (const item of topItems(tree)) filter(item, plain(field.value));
  });
  document.addEventListener("keydown", onKey);
  document.addEventListener("toggle", remember, { capture: true });
  onHtmx("afterSwap", reopen);
  onHtmx("oobAfterSwap", reopen);
}

const opened = new Map<string, Set<string>>();

function openedIn(tree: Element): Set<string> {
  const place = tree.querySelector("form")?.getAttribute("hx-post") ?? tree.id;
  const known = opened.get(place) ?? new Set();
  opened.set(place, known);
  return known;
}

function remember({ target: branch }: Event): void {
  const tree = branch instanceof HTMLDetailsElement ? branch.closest("[data-tree]") : null;
  if (!tree || !(branch instanceof HTMLDetailsElement)) return;
  if (branch.open) openedIn(tree).add(pathOf(branch));
  else openedIn(tree).delete(pathOf(branch));
}

function reopen(): void {
  for (const tree of document.querySelectorAll("[data-tree]")) {
    const known = openedIn(tree);
    for (const branch of tree.querySelectorAll("details")) branch.open ||= known.has(pathOf(branch));
  }
}

/** The names from the outermost branch down to this one. */
function pathOf(branch: Element): string {
  const above = branch.parentElement?.closest("details");
  return `${above ? pathOf(above) : ""}/${branch.querySelector("summary")?.textContent ?? ""}`;
}

function topItems(tree: Element): Element[] {
  return [...tree.querySelectorAll("li")].filter((item) => !item.parentElement?.closest("li"));
}

/** Hides `item` unless it, something below it, or something above it (`inside`) matches. True if it is shown. */
function filter(item: Element, wanted: string, inside = false): boolean {
  const branch = item.querySelector<HTMLDetailsElement>(":scope > details");
  const name = branch?.querySelector("summary")?.textContent ?? item.textContent ?? "";
  const matches = inside || plain(name).includes(wanted);
  const below = [...(branch?.querySelectorAll(":scope > ul > li") ?? [])];
  const shownBelow = below.map((child) => filter(child, wanted, matches)).some(Boolean);
  item.toggleAttribute("hidden", !(matches || shownBelow));
  if (branch) branch.open = Boolean(wanted) && shownBelow;
  return matches || shownBelow;
}

/** Case and the two dots of the Russian letter "yo" do not matter. */
function plain(text: string): string {
  return text.trim().toLowerCase().normalize("NFD").replace(/\u0308/g, "").normalize("NFC");
}

function onKey(event: KeyboardEvent): void {
  const tree = around(event, "[data-tree]");
  if (!tree) return;
  if (event.code === "Enter" && around(event, "[data-tree-filter]")) return pickOnly(tree, event);
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.code];
  if (!step) return;
  const places = [...tree.querySelectorAll<HTMLElement>(`[data-tree-filter], summary, ${LEAF}`)].filter(isShown);
  places[places.indexOf(document.activeElement as HTMLElement) + step]?.focus();
  event.preventDefault();
}

function pickOnly(tree: Element, event: KeyboardEvent): void {
  event.preventDefault();
  const leaves = [...tree.querySelectorAll<HTMLElement>(LEAF)].filter(isShown);
  if (leaves.length === 1) leaves[0]?.click();
}
