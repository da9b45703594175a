// A program that was written against another engine runs on Attune when its import is changed, and nothing else.
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { skip, startAttune } from "./support/attune.js";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

test("the import alone", { skip }, async (context) => {
    const attune = await startAttune();
    const folder = await mkdtemp(join(tmpdir(), "attune-program-"));
    context.after(() => Promise.all([attune.stop(), rm(folder, { recursive: true })]));
    Object.assign(process.env, { ATTUNE_URL: attune.url, ATTUNE_API_KEY: attune.apiKey });

    const source = await readFile(here("fixtures/program.mjs"), "utf8");
    const parts = source.split('"@/lib/ai-personalization"');
    assert.equal(parts.length, 2);
    await writeFile(join(folder, "program.mjs"), parts.join(JSON.stringify(new URL("../attune.js", import.meta.url).href)));
    const program = await import(pathToFileURL(join(folder, "program.mjs")).href);

    const html = program.renderDashboard(await program.onboard("ada"));
    assert.match(html, /<a href="(\/[a-z-]+)?" class="(high|medium|low)">/);
    assert.match(html, /<p class="(green|amber|blue|purple)">/);
    assert.doesNotMatch(html, /undefined|null|\[object/);

    const { profile, next, frequent } = await program.aDayOfWork("ada");
    assert.deepEqual(frequent, ["content-engine", "brand-audit", "marketing-plan", "profile-setup"].slice(0, frequent.length));
    assert.deepEqual(Object.fromEntries(profile.featureUsage.map(({ feature, count }) => [feature, count])),
        { "profile-setup": 1, "brand-audit": 2, "marketing-plan": 1, "content-engine": 3 });
    assert.ok(next.length && next.every(({ action, title, confidence }) => action && title && confidence >= 0 && confidence <= 1));
    const text = program.renderProfile(profile);
    assert.match(text, /content-engine 3/);
    assert.match(text, /Luxury homes,Downtown condos$/);
    assert.ok((await program.suggest("ada")).every(({ title, description, action, priority }) => title && description && action && priority));
    assert.deepEqual((await program.forget("ada")).featureUsage, []);
    assert.match(program.renderDashboard(await program.onboard("nobody knows")), /href/);

    const { getPersonalizationEngine } = await import("../attune.js");
    await getPersonalizationEngine().close();
});

const noCompiler = spawnSync("tsc", ["--version"]).status === 0 ? false : "no tsc: install node-typescript";

test("the example's server actions run, compiled", { skip: skip || noCompiler }, async (context) => {
    const attune = await startAttune();
    const folder = await mkdtemp(join(tmpdir(), "attune-example-"));
    context.after(() => Promise.all([attune.stop(), rm(folder, { recursive: true })]));
    Object.assign(process.env, { ATTUNE_URL: attune.url, ATTUNE_API_KEY: attune.apiKey });

    // Stands for the framework: a user who is signed in, and `after`.
    const stubs = {
        "next/server": "export const after = (promise) => (globalThis.afterwards ??= []).push(promise);",
        "next/cache": "export const revalidatePath = (path) => (globalThis.revalidated = path);",
        "next/headers": 'export const cookies = async () => ({ get: () => ({ value: "ada" }) });',
    };
    execFileSync("tsc", ["-p", here("../examples/next-app"), "--noEmit", "false", "--outDir", folder]);
    const links = { "@attune/client": new URL("../attune.js", import.meta.url).href };
    for (const [name, text] of Object.entries(stubs)) {
        const file = join(folder, `${name.replace("/", "-")}.mjs`);
        await writeFile(file, text);
        links[name] = pathToFileURL(file).href;
    }
    await writeFile(join(folder, "package.json"), '{"type":"module"}');
    const resolve = (specifier) => links[specifier] ?? (specifier.startsWith("@/") ? pathToFileURL(join(folder, `${specifier.slice(2)}.js`)).href : specifier);
    for (const name of ["app/actions.js", "lib/ai-personalization.js", "lib/session.js"]) {
        const file = join(folder, name);
        await writeFile(file, (await readFile(file, "utf8")).replace(/from "([^"]+)"/g, (_, specifier) => `from "${resolve(specifier)}"`));
    }
    const actions = await import(pathToFileURL(join(folder, "app/actions.js")).href);

    await actions.trackFeature("brand-audit");
    await actions.trackContent("blog-post", true);
    assert.equal(globalThis.afterwards.length, 2);
    assert.deepEqual(await Promise.all(globalThis.afterwards), [true, true]);
    const dashboard = await actions.getDashboard();
    assert.notEqual(dashboard.source, "fallback");
    assert.ok(dashboard.priorityActions.every(({ href }) => href === "" || href.startsWith("/")));
    const form = new FormData();
    form.set("shortTerm", "Run a brand audit\n\n Write a guide ");
    assert.deepEqual(await actions.saveGoals({ message: "" }, form), { message: "Saved." });
    assert.equal(globalThis.revalidated, "/");
    form.set("longTerm", "x".repeat(600));
    assert.notEqual((await actions.saveGoals({ message: "" }, form)).message, "Saved.");
    const { getPersonalizationEngine } = await import("../attune.js");
    assert.deepEqual((await getPersonalizationEngine().getProfile("ada")).goals.shortTerm, ["Run a brand audit", "Write a guide"]);
    await getPersonalizationEngine().close();
});

test("the package as it is installed: types and code say the same, and nothing needs Node.js", async (context) => {
    const { files, exports } = JSON.parse(await readFile(here("../package.json"), "utf8"));
    const folder = await mkdtemp(join(tmpdir(), "attune-package-"));
    context.after(() => rm(folder, { recursive: true }));
    const installed = join(folder, "node_modules/@attune/client");
    await mkdir(installed, { recursive: true });
    for (const name of ["package.json", ...files]) await cp(here(`../${name}`), join(installed, name), { recursive: true });
    await writeFile(join(folder, "main.mjs"), 'export * from "@attune/client"; export { default } from "@attune/client";');
    const module = await import(pathToFileURL(join(folder, "main.mjs")).href);
    assert.deepEqual(Object.keys(module).sort(), ["AttuneError", "default", "getPersonalizationEngine"]);
    assert.deepEqual(exports["."].import, { types: "./attune.d.ts", default: "./attune.js" });
    await writeFile(join(folder, "main.cjs"), 'module.exports = require("@attune/client");');
    const { default: required } = await import(pathToFileURL(join(folder, "main.cjs")).href);
    assert.deepEqual(Object.keys(required).sort(), Object.keys(module).sort());

    const types = await readFile(here("../attune.d.ts"), "utf8");
    const [, members] = /interface PersonalizationEngine \{([\s\S]*?)\n\}/.exec(types);
    const declared = [...members.matchAll(/^ {4}(\w+)\(/gm)].map(([, name]) => name);
    assert.equal(declared.length, 19);
    const engine = module.getPersonalizationEngine({ url: "http://127.0.0.1:1", apiKey: "package" });
    for (const name of declared) assert.equal(typeof engine[name], "function", name);
    const source = execFileSync("grep", ["-rhE", "^import|import\\(\"|require\\(", here("../lib"), here("../attune.js")]).toString();
    assert.doesNotMatch(source.replace(/import\("\.\.?\//g, ""), /node:|require\(/);
});
