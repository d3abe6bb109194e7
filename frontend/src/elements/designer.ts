/**
 * A scenario is drawn. What it draws with stands in the page as JSON; the designer itself is fetched when a page has
 * one.
 *
 *     <template id="designer-drawn">…</template>
 *     <cc-designer data-module="/static/.../designer.js" data-drawn="designer-drawn" data-icons="/static/.../icons.svg">
 */

type DesignerModule = { mount(host: HTMLElement): () => void };

class Designer extends HTMLElement {
  #unmount: (() => void) | undefined;

  async connectedCallback(): Promise<void> {
    const module = (await import(this.dataset["module"] ?? "")) as DesignerModule;
    if (this.isConnected && !this.#unmount) this.#unmount = module.mount(this);
  }

  disconnectedCallback(): void {
    this.#unmount?.();
    this.#unmount = undefined;
  }
}

customElements.define("cc-designer", Designer);
