// Tests of what needs no browser: `npm test`. Each src/**/*.test.js is built by esbuild and run by Node's own runner.

import { spawnSync } from "node:child_process";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

import * as esbuild from "esbuild";

const here = path.dirname(fileURLToPath(import.meta.url));
const files = (await readdir(path.join(here, "src"), { recursive: true })).filter((name) => name.endsWith(".test.js"));
const built = await mkdtemp(path.join(tmpdir(), "perezvon-test-"));
try {
  await esbuild.build({
    absWorkingDir: here,
    entryPoints: files.map((name) => path.join("src", name)),
    outdir: built,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    format: "esm",
    platform: "node",
  });
  const tests = (await readdir(built, { recursive: true })).filter((name) => name.endsWith(".mjs"));
  const run = spawnSync(process.execPath, ["--test", ...tests.map((name) => path.join(built, name))], {
    stdio: "inherit",
  });
  process.exitCode = run.status ?? 1;
} finally {
  await rm(built, { recursive: true, force: true });
}
