// SPDX-License-Identifier: Apache-2.0

const DEFAULTS = {
    deadlineMilliseconds: 3_000,
    requestTimeoutMilliseconds: 10_000,
    flushAt: 20,
    flushIntervalMilliseconds: 10_000,
    maxQueueSize: 10_000,
    concurrency: 4,
    // The server remembers idempotency keys for 24 hours; a retry after that could count twice.
    maxAgeMilliseconds: 23 * 3_600_000,
};

/** Read member by member, so that bundlers can put the values in. Edge runtimes may have no `process`. */
function environment() {
    if (typeof process === "undefined" || !process.env) return {};
    return { url: process.env.ATTUNE_URL, apiKey: process.env.ATTUNE_API_KEY };
}

/**
 * @param {string | undefined} text
 * @returns {string | null} the base without a slash at its end; null where it is none
 */
function baseURL(text) {
    try {
        const url = new URL(text ?? "http://127.0.0.1:8080");
        const plain = /^https?:$/.test(url.protocol) && !url.username && !url.password;
        return plain ? url.origin + url.pathname.replace(/\/+$/, "") : null;
    } catch {
        return null;
    }
}

/** A positive integer as a timer takes it, or the default. */
function limit(value, fallback) {
    return Number.isFinite(value) && value >= 1 ? Math.min(Math.floor(value), 2 ** 31 - 1) : fallback;
}

/** Of each function that gives keys, its number: another function can mean another tenant. */
const NUMBERS = Symbol.for("attune.keyFunctions");
function numberOf(keyFunction) {
    const known = (globalThis[NUMBERS] ??= { last: 0, numbers: new WeakMap() });
    if (!known.numbers.has(keyFunction)) known.numbers.set(keyFunction, (known.last += 1));
    return known.numbers.get(keyFunction);
}

/** @param {import("../attune.js").EngineOptions} options */
export function resolveOptions({ fallback, fetch, linkTo, onError, waitUntil, ...given }) {
    const fromEnvironment = environment();
    const limits = Object.fromEntries(Object.entries(DEFAULTS).map(([name, value]) => [name, limit(given[name], value)]));
    const base = baseURL((given.url || fromEnvironment.url)?.trim() || undefined);
    const isFunction = typeof given.apiKey === "function";
    const apiKey = isFunction ? given.apiKey : (given.apiKey || fromEnvironment.apiKey || "").trim();
    const hooks = { fallback, fetch, linkTo, onError, waitUntil };
    return { base, apiKey, limits, hooks, identity: JSON.stringify([base, isFunction ? numberOf(apiKey) : apiKey, ...Object.values(limits)]) };
}
