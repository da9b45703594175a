// SPDX-License-Identifier: Apache-2.0
/**
 * The client of Attune: says what users do, and reads what to show them.
 *
 * Needs `fetch` and timers only, so it runs in Node.js 18 and later, in edge runtimes and in browsers.
 */
import { PersonalizationEngine } from "./lib/engine.js";
import { engines, keepEngine, watchHost } from "./lib/host.js";
import { resolveOptions } from "./lib/options.js";

export { AttuneError } from "./lib/errors.js";

/**
 * The engine for these options. The same options give the same engine, also across bundles of one process; `fallback`, `fetch`, `linkTo`,
 * `onError` and `waitUntil` are not part of that: the ones given last are used. A hundred engines are kept at hand, those asked for last.
 *
 * @param {import("./attune.js").EngineOptions} [options] defaults come from `ATTUNE_URL` and `ATTUNE_API_KEY`
 * @returns {import("./attune.js").PersonalizationEngine}
 */
export function getPersonalizationEngine(options = {}) {
    const resolved = resolveOptions(options);
    const known = engines();
    let engine = known.get(resolved.identity);
    if (engine) {
        engine.adopt(resolved.hooks);
    } else {
        engine = new PersonalizationEngine(resolved, () => {
            if (known.get(resolved.identity) === engine) known.delete(resolved.identity);
        });
        watchHost();
    }
    keepEngine(resolved.identity, engine);
    return engine;
}

export default getPersonalizationEngine;
