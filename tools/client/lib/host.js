// SPDX-License-Identifier: Apache-2.0
// What the surroundings offer: a browser's page, a server's process, a framework's request.

const ENGINES = Symbol.for("attune.engines");
const BUSY_ENGINES = Symbol.for("attune.busyEngines");
const WATCHED = Symbol.for("attune.watched");
const REQUEST_CONTEXTS = [Symbol.for("@next/request-context"), Symbol.for("@vercel/request-context")];

export const isBrowser = () => typeof document !== "undefined";

/** Bundlers may load this module more than once in a process, so the engines are kept beside it. */
export function engines() {
    return (globalThis[ENGINES] ??= new Map());
}

/** The engines that have something to send, whether they are kept at hand or not. */
export function busyEngines() {
    return (globalThis[BUSY_ENGINES] ??= new Set());
}

/** How many engines are kept at hand: every key, and every user's token, has one of its own. */
const ENGINES_MAX = 100;

/**
 * Keeps an engine. Where there are too many, the one goes that was not asked for the longest, an idle one where there is any: it sends what
 * it has, and goes on working for whoever holds it.
 */
export function keepEngine(identity, engine) {
    const known = engines();
    known.delete(identity);
    known.set(identity, engine);
    while (known.size > ENGINES_MAX) {
        const others = [...known].filter(([, other]) => other !== engine);
        const [oldest, left] = others.find(([, other]) => other.isIdle) ?? others[0];
        known.delete(oldest);
        void left.flush();
    }
}

/** Sends what is queued when the page is hidden or the process runs out of work. */
export function watchHost() {
    if (globalThis[WATCHED]) return;
    globalThis[WATCHED] = true;
    if (isBrowser()) {
        const hurry = () => busyEngines().forEach((engine) => engine.hurry());
        document.addEventListener?.("visibilitychange", () => document.visibilityState === "hidden" && hurry());
        globalThis.addEventListener?.("pagehide", hurry);
    }
    // Named indirectly: the builds for edge runtimes warn at the plain name.
    const { process: runtime } = globalThis;
    runtime?.on?.("beforeExit", () => busyEngines().forEach((engine) => engine.flush()));
}

/** The function of the framework's present request that keeps the server alive until a promise is settled. */
export function requestWaitUntil() {
    for (const symbol of REQUEST_CONTEXTS) {
        try {
            const context = globalThis[symbol]?.get?.();
            if (typeof context?.waitUntil === "function") return (promise) => context.waitUntil(promise);
        } catch {
            // Outside a request there is no context.
        }
    }
    return undefined;
}

/** A random UUID; where the platform has no generator (plain HTTP pages, Node.js 18), one that is unique but not secret. */
export function uuid() {
    const { crypto } = globalThis;
    if (crypto?.randomUUID) return crypto.randomUUID();
    const bytes = crypto?.getRandomValues?.(new Uint8Array(16)) ?? Uint8Array.from({ length: 16 }, () => Math.random() * 256);
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

const encoder = new TextEncoder();
/** @param {string} text */
export const byteLength = (text) => encoder.encode(text).length;
