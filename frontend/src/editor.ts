/** The editor of `elements/editor.ts`: ProseMirror by Tiptap. Its output is cleaned once more on the server. The event
 * `cc-insert` puts its detail, a text, where the cursor stands. */

import { Editor } from "@tiptap/core";
import StarterKit from "@tiptap/starter-kit";
import { TABLES, addColumn, addRow, addTable, removeRow } from "./kit/tables";

type Act = { run(editor: Editor): void; isOn?(editor: Editor): boolean };

const ACTS: Record<string, Act> = {
  bold: { run: (one) => one.chain().focus().toggleBold().run(), isOn: (one) => one.isActive("bold") },
  italic: { run: (one) => one.chain().focus().toggleItalic().run(), isOn: (one) => one.isActive("italic") },
  heading: {
    run: (one) => one.chain().focus().toggleHeading({ level: 2 }).run(),
    isOn: (one) => one.isActive("heading", { level: 2 }),
  },
  list: { run: (one) => one.chain().focus().toggleBulletList().run(), isOn: (one) => one.isActive("bulletList") },
  steps: { run: (one) => one.chain().focus().toggleOrderedList().run(), isOn: (one) => one.isActive("orderedList") },
  quote: { run: (one) => one.chain().focus().toggleBlockquote().run(), isOn: (one) => one.isActive("blockquote") },
  link: { run: askForLink, isOn: (one) => one.isActive("link") },
  table: { run: addTable, isOn: (one) => one.isActive("table") },
  row: { run: addRow },
  column: { run: addColumn },
  less: { run: removeRow },
  undo: { run: (one) => one.chain().focus().undo().run() },
  redo: { run: (one) => one.chain().focus().redo().run() },
};

/** By itself only an address with its scheme becomes a link: "customer.name" is a field, though .name is a domain. */
function isWritten(address: string): boolean {
  return /^(https?|mailto|tel):/i.test(address);
}

/** The address typed into the field beside the button; an empty one takes the link away. */
function askForLink(editor: Editor): void {
  const field = editor.view.dom.closest("cc-editor")?.querySelector<HTMLInputElement>("[data-link-address]");
  const address = field?.value.trim() ?? "";
  const chain = editor.chain().focus().extendMarkRange("link");
  if (address) chain.setLink({ href: address }).run();
  else chain.unsetLink().run();
  if (field) field.value = "";
}

export function mount(host: HTMLElement): () => void {
  const source = host.querySelector("textarea");
  const bar = host.querySelector<HTMLElement>("[role=toolbar]");
  if (!source || !bar) return () => undefined;
  const place = document.createElement("div");
  source.before(place);
  const editor = new Editor({
    element: place,
    content: source.value,
    injectCSS: false,
    extensions: [
      StarterKit.configure({
        heading: { levels: [2, 3, 4] },
        link: {
          openOnClick: false,
          protocols: ["http", "https", "mailto", "tel"],
          defaultProtocol: "https",
          shouldAutoLink: isWritten,
        },
      }),
      ...TABLES,
    ],
    editorProps: {
      attributes: {
        class: "input editor-text prose",
        role: "textbox",
        "aria-multiline": "true",
        "aria-labelledby": source.getAttribute("aria-labelledby") ?? "",
      },
    },
    onUpdate: ({ editor: now }) => {
      source.value = now.isEmpty ? "" : now.getHTML();
      source.dispatchEvent(new Event("input", { bubbles: true }));
    },
    onTransaction: () => light(bar, editor),
  });
  source.hidden = true;
  bar.hidden = false;
  bar.addEventListener("click", (event) => {
    const button = (event.target as Element).closest<HTMLElement>("[data-do]");
    if (button) ACTS[button.dataset["do"] ?? ""]?.run(editor);
  });
  host.addEventListener("cc-insert", (event) => {
    editor.chain().focus().insertContent({ type: "text", text: String((event as CustomEvent).detail) }).run();
  });
  host.dataset["ready"] = "";
  return () => editor.destroy();
}

function light(bar: HTMLElement, editor: Editor | undefined): void {
  if (!editor) return;
  for (const button of bar.querySelectorAll<HTMLElement>("[data-do]")) {
    const isOn = ACTS[button.dataset["do"] ?? ""]?.isOn?.(editor);
    if (isOn !== undefined) button.setAttribute("aria-pressed", String(isOn));
  }
}
