/**
 * A text with headings, lists, tables of contents: what stands in the textarea is HTML and stays so for the form.
 *
 *     <cc-editor data-module="/static/.../editor.js">
 *       <div role="toolbar" hidden><button type="button" data-do="bold">…</button>…</div>
 *       <textarea name="body">…</textarea>
 *     </cc-editor>
 *
 * The editor itself is fetched when a page has one. Until then, and without it, the textarea can be typed into.
 */

type EditorModule = { mount(host: HTMLElement): () => void };

class Editor extends HTMLElement {
  #unmount: (() => void) | undefined;

  async connectedCallback(): Promise<void> {
    const module = (await import(this.dataset["module"] ?? "")) as EditorModule;
    if (this.isConnected && !this.#unmount) this.#unmount = module.mount(this);
  }

  disconnectedCallback(): void {
    this.#unmount?.();
    this.#unmount = undefined;
  }
}

customElements.define("cc-editor", Editor);
