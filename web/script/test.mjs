/* test.mjs - runs every src/**\/*.test.ts with Node's test runner.
 *
 * Why:  Node 18 cannot read TypeScript, and the pure modules need no browser.
 * How:  esbuild bundles each test into .test/, then `node --test` runs the folder. */
import { spawnSync } from "node:child_process";
import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";

const tests = readdirSync("src", { recursive: true })
    .map((name) => join("src", String(name)))
    .filter((name) => name.endsWith(".test.ts"))
    .sort();
rmSync(".test", { recursive: true, force: true });
await build({
    entryPoints: tests,
    outdir: ".test",
    outExtension: { ".js": ".mjs" },
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node18",
    sourcemap: "inline",
    logLevel: "warning",
});
const built = readdirSync(".test", { recursive: true })
    .map((name) => join(".test", String(name)))
    .filter((name) => name.endsWith(".mjs"));
const run = spawnSync(process.execPath, ["--enable-source-maps", "--test", ...built], { stdio: "inherit" });
process.exit(run.status ?? 1);
