#!/usr/bin/env node
// Makes attune.cjs and attune.d.cts, the same client for CommonJS, from attune.js, lib/ and attune.d.ts.
// Usage: tools/client/build-cjs.cjs [--check]
// --check changes nothing and fails where the files are not what the sources make.
const { readFileSync, writeFileSync } = require("node:fs");
const { dirname, join, relative } = require("node:path");

const NOTE = "// Made by build-cjs.cjs from attune.js and lib/. Change those.";
const modules = new Map();

/** Adds a module after those that it imports. */
function add(path) {
    if (modules.has(path)) return;
    modules.set(path, null);
    const names = [];
    const load = (specifier) => {
        const file = join(dirname(path), specifier);
        add(file);
        return `modules[${JSON.stringify(relative(__dirname, file))}]`;
    };
    const body = readFileSync(path, "utf8")
        .replace(/^import \* as (\w+) from "(.+)";$/gm, (_, name, from) => `const ${name} = ${load(from)};`)
        .replace(/^import (\{[^}]+\}) from "(.+)";$/gm, (_, list, from) => `const ${list} = ${load(from)};`)
        .replace(/^export \{ (\w+) \} from "(.+)";$/gm, (_, name, from) => (names.push(name), `const { ${name} } = ${load(from)};`))
        .replace(/^export default (\w+);$/gm, (_, name) => (names.push(`default: ${name}`), ""))
        .replace(/^export ((?:async )?(?:function|class|const) (\w+))/gm, (_, rest, name) => (names.push(name), rest))
        .replace(/^\/\/ SPDX.*\n/, "")
        .trim();
    if (/^(import|export)\b/m.test(body)) throw new Error(`${path} has an import or export that this does not know`);
    modules.delete(path);
    modules.set(path, `modules[${JSON.stringify(relative(__dirname, path))}] = (() => {\n${body}\nreturn { ${names.join(", ")} };\n})();`);
}

add(join(__dirname, "attune.js"));
const made = {
    "attune.cjs": `// SPDX-License-Identifier: Apache-2.0\n${NOTE}\n"use strict";\nconst modules = {};\n${[...modules.values()].join("\n")}\n` +
        'Object.defineProperty(exports, "__esModule", { value: true });\nObject.assign(exports, modules["attune.js"]);\n',
    "attune.d.cts": readFileSync(join(__dirname, "attune.d.ts"), "utf8"),
};
for (const [name, text] of Object.entries(made)) {
    const path = join(__dirname, name);
    if (process.argv[2] !== "--check") writeFileSync(path, text);
    else if (readFileSync(path, "utf8") !== text) throw new Error(`${name} is not what the sources make; run tools/client/build-cjs.cjs`);
}
