/** Tables for the editor, of ProseMirror's own parts. HTML in, HTML out: no widths, no styles. */

import { Node, type Editor, type NodeConfig } from "@tiptap/core";
import type { Command, EditorState, Transaction } from "@tiptap/pm/state";
import { addColumnAfter, addRowAfter, deleteRow, deleteTable, isInTable, tableEditing } from "@tiptap/pm/tables";

const SPANS = {
  colspan: { default: 1, parseHTML: (one: HTMLElement) => span(one, "colspan"), renderHTML: rendered("colspan") },
  rowspan: { default: 1, parseHTML: (one: HTMLElement) => span(one, "rowspan"), renderHTML: rendered("rowspan") },
  colwidth: { default: null, rendered: false },
};

function span(cell: HTMLElement, name: string): number {
  return Math.max(1, Number(cell.getAttribute(name)) || 1);
}

function rendered(name: string): (attributes: Record<string, unknown>) => Record<string, unknown> {
  return (attributes) => (Number(attributes[name]) > 1 ? { [name]: attributes[name] } : {});
}

/** `tableRole` is how prosemirror-tables knows its nodes. */
function part(name: string, role: string, more: Partial<NodeConfig>): Node {
  return Node.create({
    name,
    extendNodeSchema: (extension) => (extension.name === name ? { tableRole: role } : {}),
    ...more,
  });
}

function cell(name: string, role: string, tag: string): Node {
  return part(name, role, {
    content: "block+",
    isolating: true,
    addAttributes: () => SPANS,
    parseHTML: () => [{ tag }],
    renderHTML: ({ HTMLAttributes }) => [tag, HTMLAttributes, 0],
  });
}

export const TABLES = [
  part("table", "table", {
    group: "block",
    content: "tableRow+",
    isolating: true,
    parseHTML: () => [{ tag: "table" }],
    renderHTML: () => ["table", ["tbody", 0]],
    addProseMirrorPlugins: () => [tableEditing()],
  }),
  part("tableRow", "row", {
    content: "(tableCell | tableHeader)*",
    parseHTML: () => [{ tag: "tr" }],
    renderHTML: () => ["tr", 0],
  }),
  cell("tableCell", "cell", "td"),
  cell("tableHeader", "header_cell", "th"),
];

const EMPTY_ROW = "<tr><td><p></p></td><td><p></p></td><td><p></p></td></tr>";
const NEW_TABLE = `<table><tbody>${EMPTY_ROW.replaceAll("td>", "th>")}${EMPTY_ROW}</tbody></table>`;

function run(editor: Editor, act: Command | ((state: EditorState, send: (one: Transaction) => void) => boolean)): void {
  act(editor.state, (one) => editor.view.dispatch(one));
  editor.view.focus();
}

export function addTable(editor: Editor): void {
  if (!isInTable(editor.state)) editor.chain().focus().insertContent(NEW_TABLE).run();
}

export function addRow(editor: Editor): void {
  run(editor, addRowAfter);
}

export function addColumn(editor: Editor): void {
  run(editor, addColumnAfter);
}

/** The last row takes the table with it. */
export function removeRow(editor: Editor): void {
  if (!isInTable(editor.state)) return;
  const { $from } = editor.state.selection;
  for (let depth = $from.depth; depth > 0; depth -= 1) {
    const node = $from.node(depth);
    if (node.type.name === "table") return run(editor, node.childCount > 1 ? deleteRow : deleteTable);
  }
}
