// SPDX-License-Identifier: Apache-2.0
import { retryAfterSeconds, sleep, waitMilliseconds } from "./backoff.js";
import { AttuneError, isFrameworkSignal, reasonOf } from "./errors.js";
import { byteLength, isBrowser } from "./host.js";

/** Browsers allow 64 KiB of `keepalive` bodies in flight for the whole page; some is left to others. */
export const KEEPALIVE_BYTES = 60 * 1024;

/**
 * @typedef {object} Call
 * @property {string} method
 * @property {string} path
 * @property {string} [body] JSON
 * @property {string} [idempotencyKey]
 * @property {boolean} [keepalive] the request should outlive the page
 * @property {boolean} [ignoresAnswer] the status says all; the body is not waited for
 * @property {boolean} [isBackground] nobody waits for it whom a framework could steer
 */

/** How often a request is sent while somebody waits for it. */
const TRIES_MAX = 4;

/** Requests to one server with one credential. */
export class Transport {
    #base;
    #apiKey;
    #keepaliveBytes = 0;

    /** @param {{base: string | null, apiKey: string | (() => string | Promise<string>)}} options */
    constructor({ base, apiKey }) {
        this.#base = base;
        this.#apiKey = apiKey;
        /** @type {typeof fetch | undefined} another `fetch` than the platform's */
        this.fetch = undefined;
    }

    get keepaliveBytesLeft() {
        return KEEPALIVE_BYTES - this.#keepaliveBytes;
    }

    /**
     * One request with a few retries, all inside one deadline. Only for requests that may be repeated. Without a key it fails at once: where
     * the caller has none now, it hardly gets one while somebody waits.
     *
     * @param {Call} call
     * @param {number} deadlineMilliseconds
     * @param {number} [triesMax]
     * @throws {AttuneError}
     */
    async request(call, deadlineMilliseconds, triesMax = TRIES_MAX) {
        const end = Date.now() + deadlineMilliseconds;
        let hasAskedForKey = typeof this.#apiKey !== "function";
        for (let failures = 1; ; failures += 1) {
            try {
                return await this.attempt(call, Math.max(1, end - Date.now()));
            } catch (error) {
                // It may have been rotated between asking for it and using it.
                if (error.isUnauthorized && !hasAskedForKey) {
                    hasAskedForKey = true;
                    continue;
                }
                if (!error.isTransient || error.reason === "no_credential" || failures >= triesMax) throw error;
                const wait = waitMilliseconds(failures, { ...error, baseMilliseconds: 50, capMilliseconds: 2_000 });
                if (Date.now() + wait >= end) throw error;
                await sleep(wait);
            }
        }
    }

    /**
     * One try.
     *
     * @param {Call} call
     * @param {number} timeoutMilliseconds until the whole answer is here
     * @param {AbortSignal} [signal]
     * @returns {Promise<any>} the answer's JSON; undefined where there is none
     * @throws {AttuneError}
     */
    async attempt(call, timeoutMilliseconds, signal) {
        if (!this.#base || !this.#apiKey) throw new AttuneError("configuration");
        const controller = new AbortController();
        const abort = () => controller.abort();
        signal?.addEventListener("abort", abort);
        let timer;
        const timeout = new Promise((_, reject) => {
            timer = setTimeout(() => {
                reject(new AttuneError("timeout"));
                abort();
            }, timeoutMilliseconds);
        });
        try {
            return await Promise.race([this.#exchange(call, controller.signal), timeout]);
        } finally {
            clearTimeout(timer);
            signal?.removeEventListener("abort", abort);
        }
    }

    async #exchange(call, signal) {
        // Asked for anew each time, so that a rotated key is taken up. Text is used in the same turn: a page that goes away has no other.
        const key = typeof this.#apiKey === "function" ? await this.#currentKey(call) : this.#apiKey;
        if (signal.aborted) throw new AttuneError("network");
        const kept = this.#keep(call);
        let response;
        let text;
        try {
            response = await (this.fetch ?? globalThis.fetch)(this.#base + call.path, this.#init(call, key, signal, kept));
            text = await response.text();
        } catch (error) {
            if (isFrameworkSignal(error)) throw error;
            const isDone = response && (!response.ok || call.ignoresAnswer);
            // The cause is not passed on: it can name the address and, for a key that is no header value, the key.
            if (!isDone) throw new AttuneError("network");
        } finally {
            this.#keepaliveBytes -= kept;
        }
        if (!response.ok) throw this.#refusal(response, text, key);
        if (!text || call.ignoresAnswer) return undefined;
        try {
            return JSON.parse(text);
        } catch {
            throw new AttuneError("invalid_answer", { status: response.status });
        }
    }

    /** What the function says must not get into an error: it can name the key. */
    async #currentKey({ isBackground }) {
        let key;
        try {
            key = await this.#apiKey();
        } catch (error) {
            if (!isBackground && isFrameworkSignal(error)) throw error;
            throw new AttuneError("no_credential");
        }
        if (typeof key !== "string" || !key.trim()) throw new AttuneError("no_credential");
        return key.trim();
    }

    /** @returns {number} bytes taken from the page's budget */
    #keep({ keepalive, body = "" }) {
        if (!keepalive || !isBrowser()) return 0;
        const bytes = byteLength(body);
        if (bytes > this.keepaliveBytesLeft) return 0;
        this.#keepaliveBytes += bytes;
        return bytes;
    }

    #init({ method, body, idempotencyKey }, key, signal, kept) {
        const headers = { Authorization: `Bearer ${key}`, Accept: "application/json" };
        if (body !== undefined) headers["Content-Type"] = "application/json";
        if (idempotencyKey) headers["Idempotency-Key"] = idempotencyKey;
        // A redirect would turn a POST into a GET, or carry the key elsewhere.
        const init = { method, headers, body, signal, redirect: "manual" };
        // Frameworks cache `fetch`; Cloudflare's, which does not, refuses the member.
        if (!("WebSocketPair" in globalThis)) init.cache = "no-store";
        if (kept) init.keepalive = true;
        return init;
    }

    #refusal(response, text, key) {
        let problem = null;
        try {
            const document = text?.includes(key) ? null : JSON.parse(text ?? "null");
            if (document && typeof document === "object") problem = document;
        } catch {
            // Something between answered, not Attune.
        }
        const { status, headers } = response;
        return new AttuneError(reasonOf(status), { status, problem, retryAfterSeconds: retryAfterSeconds(headers.get("retry-after")) });
    }
}
