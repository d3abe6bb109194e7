// The drawing behind the designer: taking back, copying parts, what is left when steps go.

import assert from "node:assert/strict";
import { test } from "node:test";

import { readPart, Store } from "./store.ts";

const drawn = () => ({
  key: "talk",
  version: 0,
  start: "hello",
  languages: ["en"],
  nodes: {
    hello: { id: "hello", kind: "phrase", title: { en: "Greeting" }, ways: [{ code: "on", to: "ask" }] },
    ask: {
      id: "ask",
      kind: "question",
      fields: [{ code: "wants", ask: "one" }],
      ways: [{ code: "yes", to: "end", when: ["and", ["wants", "any", "yes"]] }, { code: "again", to: "ask" }],
      late_to: "end",
    },
    end: { id: "end", kind: "end" },
  },
});
const places = () => ({ hello: [0, 0], ask: [0, 140], end: [0, 280] });
const made = () => new Store(drawn(), places());
const titles = (store) => store.state.document.nodes.hello.title.en;

test("each change is taken back and made again, in its order", () => {
  const store = made();
  store.changeStep("hello", { title: { en: "One" } });
  store.changeStep("hello", { title: { en: "Two" } });
  store.undo();
  assert.equal(titles(store), "One");
  store.undo();
  assert.deepEqual(store.state.document, drawn());
  assert.deepEqual([store.state.canUndo, store.state.canRedo], [false, true]);
  store.redo();
  store.redo();
  assert.equal(titles(store), "Two");
  store.redo();
  assert.equal(titles(store), "Two");
});

test("what is typed into one field in one go is taken back at once", () => {
  const store = made();
  for (const text of ["H", "He", "Hey"]) store.changeStep("hello", { title: { en: text } }, "title");
  store.changeStep("ask", { title: { en: "Other" } }, "title");
  store.undo();
  assert.equal(titles(store), "Hey");
  store.undo();
  assert.equal(titles(store), "Greeting");
});

test("a change after taking back leaves nothing to be made again", () => {
  const store = made();
  store.changeStep("hello", { title: { en: "One" } });
  store.undo();
  store.changeStep("hello", { title: { en: "Other" } });
  assert.equal(store.state.canRedo, false);
});

test("a part is put in under new names, and its own ways and conditions follow them", () => {
  const store = made();
  const part = readPart(JSON.stringify(store.part(["hello", "ask"])));
  assert.equal(store.insert(part), 2);
  const [hello, ask] = [...store.state.chosen].map((id) => store.state.document.nodes[id]);
  assert.ok(!["hello", "ask"].includes(hello.id) && !["hello", "ask"].includes(ask.id));
  assert.deepEqual(hello.ways.map(({ to }) => to), [ask.id]);
  assert.deepEqual(ask.ways.map(({ to }) => to), ["end", ask.id]);
  assert.notEqual(ask.fields[0].code, "wants");
  assert.equal(ask.ways[0].when[1][0], ask.fields[0].code);
  assert.deepEqual(store.state.document.nodes.ask, drawn().nodes.ask);
  store.undo();
  assert.deepEqual(store.state.document, drawn());
});

test("what was copied elsewhere is no part", () => {
  for (const text of ["", "null", "[]", "{", '{"perezvon":"scenario-part"}', '{"perezvon":"scenario-part","steps":[{"id":1}],"places":{}}']) {
    assert.equal(readPart(text), undefined);
  }
});

test("with a step go the ways that led to it", () => {
  const store = made();
  store.remove(["end"]);
  const { ask } = store.state.document.nodes;
  assert.deepEqual(ask.ways.map(({ code }) => code), ["again"]);
  assert.equal(ask.late_to, "");
  store.remove(["hello"]);
  assert.equal(store.state.document.start, "");
});

test("a new step stands after the one it was added to, and an end leads nowhere", () => {
  const store = made();
  const id = store.add("phrase", { en: "" }, undefined, "hello");
  assert.deepEqual(store.state.document.nodes.hello.ways.map(({ to }) => to), ["ask", id]);
  store.connect("end", "hello");
  assert.equal(store.state.document.nodes.end.ways, undefined);
  store.connect("hello", "nowhere");
  assert.equal(store.state.document.nodes.hello.ways.length, 2);
});

test("what is wrong is marked without becoming something to take back", () => {
  const store = made();
  const seen = [];
  const end = store.subscribe(({ flaws }) => seen.push(flaws.length));
  store.mark([{ node: "ask", code: "no_options", about: "wants", words: "Nothing to choose from" }]);
  end();
  store.mark([]);
  assert.deepEqual(seen, [0, 1]);
  assert.equal(store.state.canUndo, false);
});
