// Builds what the browser loads: `node build.mjs` once, `node build.mjs --watch` on every change.
//
// Everything lands in foundation/ui/static/dist: main.js and styles.css for every page, call_page.js for the
// customer's call page, editor.js and designer.js for pages that have one, icons.svg with the icons named in foundation/ui/icons.txt, and build.json, whose
// `version` the template tag `asset` appends to each address, so that a browser never mixes two builds.

import { createHash } from "node:crypto";
import { existsSync, watch as watchFile } from "node:fs";
import { mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";

import * as esbuild from "esbuild";
import * as sass from "sass";
import { compile, compileModule } from "svelte/compiler";

const here = path.dirname(fileURLToPath(import.meta.url));
const ui = path.join(here, "../src/perezvon/foundation/ui");
const dist = path.join(ui, "static/dist");
const iconList = path.join(ui, "icons.txt");
const watching = process.argv.includes("--watch");

/** Tabler ships SCSS; only the parts that styles/tabler.scss names are compiled. */
const scss = {
  name: "scss",
  setup(build) {
    build.onLoad({ filter: /\.scss$/ }, ({ path: file }) => {
      const result = sass.compile(file, {
        loadPaths: [path.join(here, "node_modules")],
        style: "compressed",
        quietDeps: true,
        silenceDeprecations: ["import"],
        logger: sass.Logger.silent,
      });
      return { contents: result.css, loader: "css", watchFiles: result.loadedUrls.map((url) => fileURLToPath(url)) };
    });
  },
};

/** Components of the designer, and modules with runes. What they look like stands in styles/. */
const svelte = {
  name: "svelte",
  setup(build) {
    // The library of the graph is found by the condition "svelte" alone.
    build.onResolve({ filter: /^@xyflow\/svelte$/ }, () => ({
      path: path.join(here, "node_modules/@xyflow/svelte/dist/lib/index.js"),
    }));
    build.onLoad({ filter: /\.svelte(\.js)?$/ }, async ({ path: file }) => {
      const source = await readFile(file, "utf8");
      const options = { filename: file, generate: "client", dev: false };
      const isModule = file.endsWith(".js");
      const { js } = isModule ? compileModule(source, options) : compile(source, { ...options, css: "external" });
      return { contents: js.code, loader: "js", resolveDir: path.dirname(file) };
    });
  },
};

/** One file of symbols. An icon that Tabler does not have stops the build. */
async function buildIcons() {
  const names = (await readFile(iconList, "utf8"))
    .split("\n")
    .map((line) => line.split("#")[0].trim())
    .filter(Boolean);
  const symbols = await Promise.all(names.map(symbol));
  await writeFile(path.join(dist, "icons.svg"), `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("")}</svg>\n`);
}

async function symbol(name) {
  const filled = name.endsWith("-filled");
  const file = path.join(
    here,
    "node_modules/@tabler/icons/icons",
    filled ? "filled" : "outline",
    `${filled ? name.slice(0, -"-filled".length) : name}.svg`,
  );
  const drawing = (await readFile(file, "utf8")).replace(/<!--[\s\S]*?-->/g, "");
  const inside = /<svg[^>]*>([\s\S]*)<\/svg>/.exec(drawing)[1].replace(/\s*\n\s*/g, "");
  const paint = filled
    ? 'fill="currentColor"'
    : 'fill="none" stroke="currentColor" stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round"';
  return `<symbol id="${name}" viewBox="0 0 24 24" ${paint}>${inside}</symbol>`;
}

async function stamp() {
  const hash = createHash("sha256");
  const files = (await readdir(dist)).filter((name) => /\.(js|css|svg)$/.test(name)).sort();
  for (const name of files) hash.update(name).update(await readFile(path.join(dist, name)));
  await writeFile(path.join(dist, "build.json"), `${JSON.stringify({ version: hash.digest("hex").slice(0, 10) })}\n`);
}

const afterEach = {
  name: "icons-and-stamp",
  setup(build) {
    build.onEnd(async (result) => {
      if (result.errors.length) return;
      await buildIcons();
      await stamp();
    });
  },
};

const entries = {
  main: "src/main.ts",
  call_page: "src/call_page.ts",
  editor: "src/editor.ts",
  designer: "src/designer/main.ts",
  styles: "styles/main.css",
};

const options = {
  absWorkingDir: here,
  entryPoints: Object.entries(entries)
    .filter(([, file]) => existsSync(path.join(here, file)))
    .map(([out, file]) => ({ in: file, out })),
  outdir: dist,
  bundle: true,
  format: "esm",
  splitting: true, // what `import()` asks for is a file of its own, fetched when it is needed
  chunkNames: "[name]-[hash]",
  target: ["chrome123", "firefox121", "safari17.5"],
  minify: true,
  sourcemap: watching ? "inline" : false,
  loader: { ".woff2": "file" },
  assetNames: "[name]-[hash]",
  legalComments: "eof",
  plugins: [scss, svelte, afterEach],
  logLevel: "info",
};

await rm(dist, { recursive: true, force: true });
await mkdir(dist, { recursive: true });
if (watching) {
  const context = await esbuild.context(options);
  await context.watch();
  watchFile(iconList, () => void context.rebuild());
} else {
  await esbuild.build(options);
}
