/**
 * <cc-palette>: a field and the lines under it, walked by the arrow keys while the focus stays in the field.
 *
 *     <cc-palette>
 *       <input role="combobox" aria-controls="lines">
 *       <div id="lines" role="listbox"> <a role="option" id="..." href="...">...</a> ... </div>
 *     </cc-palette>
 *
 * Down and Up move, Enter opens the chosen line as a click would, and the dialog around it closes. The first line is
 * chosen as soon as there is one; lines that htmx brings are taken up by themselves.
 */

class Palette extends HTMLElement {
  #watch = new MutationObserver(() => this.#choose(0));

  connectedCallback(): void {
    this.addEventListener("keydown", (event) => this.#key(event));
    this.addEventListener("click", (event) => {
      if (event.target instanceof Element && event.target.closest("[role=option]")) this.closest("dialog")?.close();
    });
    this.#watch.observe(this, { childList: true });
    this.#choose(0);
  }

  disconnectedCallback(): void {
    this.#watch.disconnect();
  }

  get #lines(): HTMLElement[] {
    return [...this.querySelectorAll<HTMLElement>("[role=option]")];
  }

  #key(event: KeyboardEvent): void {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const lines = this.#lines;
    const here = lines.findIndex((line) => line.ariaSelected === "true");
    if (step !== undefined) this.#choose((here + step + lines.length) % Math.max(1, lines.length));
    else if (event.key === "Enter") lines[here]?.click();
    else return;
    event.preventDefault();
  }

  #choose(which: number): void {
    const lines = this.#lines;
    lines.forEach((line, place) => (line.ariaSelected = String(place === which)));
    lines[which]?.scrollIntoView({ block: "nearest" });
    this.querySelector("[role=combobox]")?.setAttribute("aria-activedescendant", lines[which]?.id ?? "");
  }
}

customElements.define("cc-palette", Palette);
