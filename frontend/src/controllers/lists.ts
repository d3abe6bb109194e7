/**
 * Lists of records: selection, keys, order of columns. The server draws everything; the address holds the state.
 *
 *     <section id="list-customers" class="record-list" data-list="/customers/?sort=-name" hx-target="this">
 *       <form data-list-search><input type="search" name="q"></form>         asks while one types
 *       <form id="list-customers-bulk"> <input type="hidden" name="all" data-list-all>
 *         <div data-list-bulk hidden> <span data-list-count></span> <button data-list-take-all="Selected: all 72">
 *         <table data-list-table> <thead> <th data-col="name"><a class="list-sort" draggable data-add-url="...">
 *                                          <span data-grip></span></th>
 *           <tbody> <tr data-row> <input type="checkbox" name="key"> <a data-row-link>
 *     </section>
 *     <form data-list-form="list-customers" data-list-state="sort=-name">    its fields join that state
 *     <a data-list-link="list-customers" href="...">                         shows the list of that address
 *     <ol data-sortable> <li draggable="true"> <button data-move="-1">       rows change places
 *
 * Keys in the table: up and down go from row to row (Home, End too), Enter opens, Space ticks, Shift with an arrow or
 * Space ticks all between, Ctrl+A ticks the page, Escape lets go.
 */

import { announce } from "../kit/announce";
import { around, isShown, takesText, words } from "../kit/dom";
import { onHtmx, type AfterRequest, type BeforeSwap } from "../kit/htmx";

const SEARCHES_AFTER = 300;
const NARROWEST = 48;
const WIDEST = 900;

export function startLists(): void {
  document.addEventListener("click", onShiftClick, { capture: true });
  document.addEventListener("click", onClick);
  document.addEventListener("change", onChange);
  document.addEventListener("input", onInput);
  document.addEventListener("submit", onSubmit, { capture: true });
  document.addEventListener("keydown", onKey);
  document.addEventListener("pointerdown", onGrip);
  startDragging();
  keepTyping();
  document.body.addEventListener("list:show", (event) => {
    const { list, url } = (event as CustomEvent<{ list: string; url: string | null }>).detail;
    document.querySelector<HTMLDialogElement>("#dialogs dialog[open]")?.close();
    const shown = document.getElementById(list);
    if (shown) void load(shown, url ?? shown.dataset["list"] ?? "");
  });
}

/** Shows another state of the list in its place; the answer says which address it has. */
async function load(list: HTMLElement, url: string): Promise<void> {
  await window.htmx?.ajax("GET", url, { source: list, target: list, swap: "outerHTML" });
}

function listAround(event: Event): HTMLElement | null {
  return around(event, "[data-list]");
}

/** The address of the list with another value of one part of its state; the page is the first again. */
function addressWith(list: HTMLElement, name: string, value: string): string {
  const url = new URL(list.dataset["list"] ?? "", location.href);
  url.searchParams.delete("after");
  url.searchParams.delete("before");
  url.searchParams.set(name, value);
  return url.pathname + url.search;
}

// --- clicks and forms ---

function onClick(event: MouseEvent): void {
  const list = listAround(event);
  const link = around<HTMLAnchorElement>(event, "a[data-list-link]");
  const move = around(event, "[data-move]");
  if (link) {
    const shown = document.getElementById(link.dataset["listLink"] ?? "");
    if (!shown) return;
    event.preventDefault();
    link.closest("dialog")?.close();
    void load(shown, link.pathname + link.search);
  } else if (move) moveItem(move.closest("li"), Number(move.dataset["move"]), move);
  else if (list && around(event, "[data-list-take-all]")) takeAll(list);
  else if (list && around(event, "[data-list-clear]")) tickPage(list, false);
  else if (list && around(event, "[data-list-again]")) void load(list, list.dataset["list"] ?? "");
  else if (list && event.shiftKey && around(event, "input[name=key]")) tickBetween(list, around(event, "tr"));
}

/** Before htmx sees a click on a head with Shift: it would sort by that column alone. */
function onShiftClick(event: MouseEvent): void {
  const sort = around<HTMLAnchorElement>(event, "a.list-sort");
  const list = listAround(event);
  if (!event.shiftKey || !sort || !list) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  void load(list, sort.dataset["addUrl"] ?? sort.href);
}

function onSubmit(event: SubmitEvent): void {
  const search = around<HTMLFormElement>(event, "form[data-list-search]");
  const form = around<HTMLFormElement>(event, "form[data-list-form]");
  const list = search ? listAround(event) : document.getElementById(form?.dataset["listForm"] ?? "");
  if (!list || !(search ?? form)) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  if (search) return searchNow(list);
  if (!form) return;
  const query = new URLSearchParams(form.dataset["listState"] ?? "");
  // A form that is being drawn anew must not come back over the list.
  form.dispatchEvent(new CustomEvent("htmx:abort", { bubbles: true, detail: { elt: form } }));
  for (const [name, value] of new FormData(form)) if (typeof value === "string") query.append(name, value);
  form.closest("dialog")?.close();
  form.closest<HTMLElement>(":popover-open")?.hidePopover();
  void load(list, `${new URL(form.action).pathname}?${query}`);
}

let waiting = 0;

function onInput(event: Event): void {
  const list = listAround(event);
  if (!list || !around(event, "[data-list-search]")) return;
  window.clearTimeout(waiting);
  waiting = window.setTimeout(() => searchNow(list), SEARCHES_AFTER);
}

function searchNow(list: HTMLElement): void {
  window.clearTimeout(waiting);
  const field = list.querySelector<HTMLInputElement>("[data-list-search] input[name=q]");
  if (field && list.isConnected) void load(list, addressWith(list, "q", field.value.trim()));
}

/**
 * The form of the filter is drawn anew after each edit. What is typed while that is under way is put back, and the
 * focus with it.
 */
function keepTyping(): void {
  let sent = new Map<string, string>();
  let typed = new Map<string, string>();
  let focused = "";
  onHtmx<AfterRequest>("beforeRequest", ({ elt }) => {
    if (elt.closest(FILTER)) sent = valuesIn(FILTER);
  });
  onHtmx<BeforeSwap>("beforeSwap", ({ requestConfig }) => {
    if (!requestConfig.elt.closest(FILTER)) return;
    typed = new Map([...valuesIn(FILTER)].filter(([id, value]) => sent.get(id) !== value));
    focused = document.activeElement?.closest(FILTER) ? document.activeElement.id : "";
  });
  onHtmx("afterSettle", () => {
    for (const [id, value] of typed) {
      const field = document.getElementById(id);
      if (field instanceof HTMLInputElement) field.value = value;
    }
    if (typed.has(focused)) document.getElementById(focused)?.focus();
    typed.clear();
  });
}

const FILTER = ".conditions";

function valuesIn(selector: string): Map<string, string> {
  const fields = document.querySelectorAll<HTMLInputElement>(`${selector} input.input[id]`);
  return new Map([...fields].map((field) => [field.id, field.value]));
}

// --- selection ---

let anchor: HTMLElement | null = null;

function boxes(list: HTMLElement): HTMLInputElement[] {
  return [...list.querySelectorAll<HTMLInputElement>("tbody input[name=key]")];
}

function onChange(event: Event): void {
  const list = listAround(event);
  if (!list) return;
  const page = around<HTMLInputElement>(event, "input[data-list-page]");
  if (page) return tickPage(list, page.checked);
  if (!around(event, "input[name=key]")) return;
  anchor = around(event, "tr");
  showSelection(list);
}

function tickPage(list: HTMLElement, on: boolean): void {
  for (const box of boxes(list)) box.checked = on;
  showSelection(list);
}

function takeAll(list: HTMLElement): void {
  tickPage(list, true);
  const all = list.querySelector<HTMLInputElement>("[data-list-all]");
  const button = list.querySelector<HTMLElement>("[data-list-take-all]");
  const count = list.querySelector("[data-list-count]");
  if (all) all.value = "1";
  if (count) count.textContent = button?.dataset["listTakeAll"] ?? "";
  if (button) button.hidden = true;
}

/** Everything from the row touched last to this one gets what this one has. */
function tickBetween(list: HTMLElement, row: HTMLElement | null): void {
  const rows = [...list.querySelectorAll<HTMLElement>("tr[data-row]")];
  const box = row?.querySelector<HTMLInputElement>("input[name=key]");
  const [one, other] = [rows.indexOf(anchor ?? rows[0]!), rows.indexOf(row ?? rows[0]!)];
  if (!box || one < 0 || other < 0) return;
  for (const between of rows.slice(Math.min(one, other), Math.max(one, other) + 1)) {
    const its = between.querySelector<HTMLInputElement>("input[name=key]");
    if (its) its.checked = box.checked;
  }
  showSelection(list);
}

function showSelection(list: HTMLElement): void {
  const all = boxes(list);
  const ticked = all.filter((box) => box.checked);
  const page = list.querySelector<HTMLInputElement>("[data-list-page]");
  const bar = list.querySelector<HTMLElement>("[data-list-bulk]");
  const whole = list.querySelector<HTMLInputElement>("[data-list-all]");
  const button = list.querySelector<HTMLElement>("[data-list-take-all]");
  const count = list.querySelector("[data-list-count]");
  for (const box of all) box.closest("tr")?.toggleAttribute("data-ticked", box.checked);
  if (page) page.checked = ticked.length > 0 && ticked.length === all.length;
  if (page) page.indeterminate = ticked.length > 0 && ticked.length < all.length;
  if (bar) bar.hidden = !ticked.length;
  if (whole) whole.value = "";
  if (button) button.hidden = ticked.length < all.length;
  if (count) count.textContent = words(list, "selected", { count: String(ticked.length) });
}

// --- keys ---

function onKey(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.isComposing) return;
  const item = around(event, "[data-sortable] li");
  if (item && event.altKey && (event.code === "ArrowUp" || event.code === "ArrowDown")) {
    event.preventDefault();
    const held = document.activeElement;
    return moveItem(item, event.code === "ArrowUp" ? -1 : 1, held instanceof HTMLElement ? held : null);
  }
  const list = around(event, "[data-list-table], .list-wrap") && listAround(event);
  if (list && !takesText(document.activeElement)) onTableKey(list, event);
}

function onTableKey(list: HTMLElement, event: KeyboardEvent): void {
  const rows = [...list.querySelectorAll<HTMLElement>("tr[data-row]")];
  const here = rows.findIndex((row) => row.contains(document.activeElement));
  const goes: Record<string, number> = { ArrowDown: here + 1, ArrowUp: here - 1, Home: 0, End: rows.length - 1 };
  const row = rows[here];
  if (event.ctrlKey && event.code === "KeyA") tickPage(list, true);
  else if (event.ctrlKey || event.altKey || event.metaKey) return;
  else if (event.code in goes) go(list, rows, row, goes[event.code] ?? 0, event.shiftKey);
  else if (event.code === "Space" && row && document.activeElement?.matches("a")) tickRow(list, row, event.shiftKey);
  else if (event.code === "Escape" && boxes(list).some((box) => box.checked)) tickPage(list, false);
  else return;
  event.preventDefault();
}

function go(list: HTMLElement, rows: HTMLElement[], from: HTMLElement | undefined, to: number, extend: boolean): void {
  const row = rows[Math.min(Math.max(to, 0), rows.length - 1)];
  if (!row) return;
  row.querySelector<HTMLElement>("[data-row-link], input[name=key]")?.focus();
  row.scrollIntoView({ block: "nearest" });
  if (!extend) return;
  for (const each of [from, row]) {
    const box = each?.querySelector<HTMLInputElement>("input[name=key]");
    if (box) box.checked = true;
  }
  anchor = row;
  showSelection(list);
}

function tickRow(list: HTMLElement, row: HTMLElement, between: boolean): void {
  const box = row.querySelector<HTMLInputElement>("input[name=key]");
  if (!box) return;
  box.checked = !box.checked;
  if (between) return tickBetween(list, row);
  anchor = row;
  showSelection(list);
}

// --- places of columns ---

/** In the form of the columns: one place up or down; what held the focus keeps it. */
function moveItem(item: HTMLElement | null, step: number, held: HTMLElement | null): void {
  const other = step < 0 ? item?.previousElementSibling : item?.nextElementSibling;
  if (!item || !other) return;
  if (step < 0) other.before(item);
  else other.after(item);
  if (held && isShown(held)) held.focus();
  tellPlace(item);
}

function tellPlace(item: Element): void {
  const holder = item.parentElement;
  if (!holder) return;
  const name = item.querySelector(".check")?.textContent?.trim() ?? "";
  const place = String([...holder.children].indexOf(item) + 1);
  announce(words(holder, "moved", { name, place }));
}

let dragged: HTMLElement | null = null;

function startDragging(): void {
  document.addEventListener("dragstart", (event) => {
    dragged = around(event, "[data-sortable] li, thead [draggable]");
    if (dragged && event.dataTransfer) {
      event.dataTransfer.effectAllowed = "move";
      event.dataTransfer.setData("text/plain", "");
    }
  });
  document.addEventListener("dragover", (event) => {
    if (placeFor(event)) event.preventDefault();
    const item = around(event, "[data-sortable] li");
    if (dragged && item && item !== dragged && item.parentElement === dragged.parentElement) {
      const { top, height } = item.getBoundingClientRect();
      if (event.clientY < top + height / 2) item.before(dragged);
      else item.after(dragged);
    }
  });
  document.addEventListener("drop", (event) => {
    const head = placeFor(event);
    if (!head) return;
    event.preventDefault();
    dropHead(event, head);
  });
  document.addEventListener("dragend", () => {
    if (dragged?.matches("li")) tellPlace(dragged);
    dragged = null;
  });
}

/** Where the dragged thing may be let go: beside it in the form, or on another head of its table. */
function placeFor(event: DragEvent): HTMLElement | null {
  if (!dragged) return null;
  if (dragged.matches("li")) return around(event, "[data-sortable]");
  const head = around(event, "thead th[data-col]");
  return head && head.closest("table") === dragged.closest("table") ? head : null;
}

function dropHead(event: DragEvent, head: HTMLElement): void {
  const moved = dragged?.closest<HTMLElement>("th[data-col]");
  const list = head.closest<HTMLElement>("[data-list]");
  if (!moved || !list || moved === head) return;
  const { left, width } = head.getBoundingClientRect();
  if (event.clientX < left + width / 2) head.before(moved);
  else head.after(moved);
  void load(list, addressWith(list, "cols", columnsOf(list)));
}

/** "name:240,status": the columns as they stand in the table, with the widths they were given. */
function columnsOf(list: HTMLElement, changed?: { code: string; width: number }): string {
  const said = new URL(list.dataset["list"] ?? "", location.href).searchParams.get("cols") ?? "";
  const widths = new Map(said.split(",").map((part) => part.split(":", 2) as [string, string | undefined]));
  if (changed) widths.set(changed.code, String(changed.width));
  const heads = [...list.querySelectorAll<HTMLElement>("thead th[data-col]")];
  return heads
    .map(({ dataset: { col = "" } }) => (widths.get(col) ? `${col}:${widths.get(col)}` : col))
    .join(",");
}

/** Dragging the edge of a head makes its column wider or narrower. */
function onGrip(event: PointerEvent): void {
  const grip = around(event, "[data-grip]");
  const head = grip?.closest<HTMLElement>("th[data-col]");
  const list = grip?.closest<HTMLElement>("[data-list]");
  const code = head?.dataset["col"];
  const column = list?.querySelector<HTMLTableColElement>(`col[data-col="${CSS.escape(code ?? "")}"]`);
  if (!grip || !head || !list || !code || !column) return;
  event.preventDefault();
  const [from, before] = [event.clientX, head.offsetWidth];
  let width = before;
  const follow = (moved: PointerEvent) => {
    width = Math.round(Math.min(Math.max(before + moved.clientX - from, NARROWEST), WIDEST));
    column.width = String(width);
  };
  grip.setPointerCapture(event.pointerId);
  grip.addEventListener("pointermove", follow);
  grip.addEventListener(
    "pointerup",
    () => {
      grip.removeEventListener("pointermove", follow);
      if (width !== before) void load(list, addressWith(list, "cols", columnsOf(list, { code, width })));
    },
    { once: true },
  );
}
