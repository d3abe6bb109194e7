/**
 * A board of cards in columns: moved by mouse, by finger, by keys, and by each card's menu, which needs no script.
 *
 *     <section data-board data-text-moved="{title}: {column}, place {place}">
 *       <div hidden data-board-live hx-get="/tasks/board/" hx-target="#workspace" hx-trigger="board:refresh"></div>
 *       <ul data-board-cell="work" data-label="In work">
 *         <li data-board-card="/tasks/7f/move/" data-title="Check the address"><a data-board-link href="...">...</a></li>
 *
 * A card lifted over another column is POSTed there, as `state`; the server's board then comes back, or its refusal as
 * a message. With a card's link in focus: arrows go from card to card, Shift with an arrow left or right moves the card,
 * `m` opens its menu, Enter opens the task. While a card is held nothing is swapped under the hand.
 */

import { announce } from "../kit/announce";
import { around, takesText, words } from "../kit/dom";
import { onHtmx, type BeforeSwap } from "../kit/htmx";
import { HttpError, postForm } from "../kit/http";
import { toast } from "./toasts";

const STARTS_AFTER = 6;
const HELD_FOR = 300; // a finger scrolls until it has rested on the card for so long

interface Held {
  card: HTMLElement;
  pointer: number;
  x: number;
  y: number;
  ghost: HTMLElement | null;
  isReady: boolean;
  timer: number;
}

let held: Held | null = null;
let missed = false;

export function startBoards(): void {
  document.addEventListener("pointerdown", grab);
  document.addEventListener("pointermove", drag);
  document.addEventListener("pointerup", drop);
  document.addEventListener("pointercancel", letGo);
  document.addEventListener("click", (event) => suppressed && stop(event), { capture: true });
  document.addEventListener("touchmove", (event) => held?.ghost && event.preventDefault(), { passive: false });
  document.addEventListener("dragstart", (event) => around(event, "[data-board-card]") && event.preventDefault());
  document.addEventListener("keydown", onKey);
  onHtmx<BeforeSwap>("beforeSwap", (detail) => {
    if (!held?.ghost || !detail.target.querySelector("[data-board]")) return;
    detail.shouldSwap = false;
    missed = true;
  });
}

// --- by hand ---

let suppressed = false;

function stop(event: Event): void {
  suppressed = false;
  event.preventDefault();
  event.stopPropagation();
}

function grab(event: PointerEvent): void {
  const card = around(event, "[data-board-card]");
  if (!card || event.button !== 0 || around(event, "button, form, [popover]")) return;
  const isTouch = event.pointerType === "touch";
  const timer = isTouch ? window.setTimeout(() => held && (held.isReady = true), HELD_FOR) : 0;
  held = { card, pointer: event.pointerId, x: event.clientX, y: event.clientY, ghost: null, isReady: !isTouch, timer };
}

function drag(event: PointerEvent): void {
  if (!held || event.pointerId !== held.pointer) return;
  const [dx, dy] = [event.clientX - held.x, event.clientY - held.y];
  if (!held.ghost && Math.hypot(dx, dy) < STARTS_AFTER) return;
  if (!held.ghost && !held.isReady) return letGo();
  held.ghost ??= lift(held.card);
  held.ghost.style.translate = `${dx}px ${dy}px`;
  const over = cellAt(event.clientX, event.clientY);
  for (const cell of document.querySelectorAll("[data-board-cell][data-over]")) if (cell !== over) cell.removeAttribute("data-over");
  if (over && over !== held.card.parentElement) over.setAttribute("data-over", "");
}

function lift(card: HTMLElement): HTMLElement {
  const place = card.getBoundingClientRect();
  const ghost = card.cloneNode(true) as HTMLElement;
  ghost.removeAttribute("id");
  ghost.classList.add("board-ghost");
  Object.assign(ghost.style, { left: `${place.left}px`, top: `${place.top}px`, width: `${place.width}px` });
  card.setAttribute("data-lifted", "");
  document.body.append(ghost);
  return ghost;
}

function cellAt(x: number, y: number): HTMLElement | null {
  return document.elementFromPoint(x, y)?.closest<HTMLElement>("[data-board-cell]") ?? null;
}

function drop(event: PointerEvent): void {
  if (!held || event.pointerId !== held.pointer) return;
  const { card, ghost } = held;
  const cell = ghost && cellAt(event.clientX, event.clientY);
  suppressed = ghost !== null;
  window.setTimeout(() => (suppressed = false)); // a click follows at once, or not at all
  letGo();
  if (cell && cell !== card.parentElement) void move(card, cell);
}

function letGo(): void {
  if (!held) return;
  window.clearTimeout(held.timer);
  held.ghost?.remove();
  held.card.removeAttribute("data-lifted");
  for (const cell of document.querySelectorAll("[data-board-cell][data-over]")) cell.removeAttribute("data-over");
  held = null;
  if (missed) refresh();
  missed = false;
}

/** Puts the card there, asks the server, and shows what the server says. */
async function move(card: HTMLElement, cell: HTMLElement): Promise<void> {
  const [url, state] = [card.getAttribute("data-board-card"), cell.getAttribute("data-board-cell")];
  const board = card.closest("[data-board]");
  if (!url || !state || !board) return;
  const focused = card.contains(document.activeElement);
  const before = { parent: card.parentElement, next: card.nextElementSibling };
  cell.prepend(card);
  if (focused) card.querySelector<HTMLElement>("[data-board-link]")?.focus();
  try {
    await postForm(url, { state });
    const values = { title: card.dataset["title"] ?? "", column: cell.dataset["label"] ?? "", place: "1" };
    announce(words(board, "moved", values));
  } catch (error) {
    before.parent?.insertBefore(card, before.next);
    if (error instanceof HttpError) toast(error.words, "bad");
  }
  refresh();
}

function refresh(): void {
  document.querySelector("[data-board-live]")?.dispatchEvent(new CustomEvent("board:refresh"));
}

// --- by keys ---

function onKey(event: KeyboardEvent): void {
  const card = around(event, ".board-card");
  if (!card || takesText(event.target as Element) || event.ctrlKey || event.altKey || event.metaKey) return;
  const act = KEYS[event.key];
  if (!act || !card.closest("[data-board]") || around(event, "[popover]")) return;
  event.preventDefault();
  act(card, event.shiftKey);
}

const KEYS: Record<string, (card: HTMLElement, moves: boolean) => void> = {
  ArrowUp: (card) => focus(card.previousElementSibling),
  ArrowDown: (card) => focus(card.nextElementSibling),
  ArrowLeft: (card, moves) => sideways(card, -1, moves),
  ArrowRight: (card, moves) => sideways(card, 1, moves),
  m: openMenu,
};

/** By its button, so that it opens beside it. */
function openMenu(card: HTMLElement): void {
  card.querySelector<HTMLElement>("[popovertarget]")?.click();
  card.querySelector<HTMLElement>("[popover] button")?.focus();
}

function focus(card: Element | null): void {
  card?.querySelector<HTMLElement>("[data-board-link]")?.focus();
}

function sideways(card: HTMLElement, step: number, moves: boolean): void {
  const cells = [...(card.closest(".board-cells")?.querySelectorAll<HTMLElement>("[data-board-cell]") ?? [])];
  let at = cells.findIndex((cell) => cell.contains(card)) + step;
  if (moves) {
    const cell = cells[at];
    if (cell && card.hasAttribute("data-board-card")) void move(card, cell);
    return;
  }
  while (cells[at] && !cells[at]?.querySelector("[data-board-link]")) at += step;
  focus(cells[at]?.querySelector(".board-card") ?? null);
}
