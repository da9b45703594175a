// SPDX-License-Identifier: Apache-2.0

const LONGEST_WAIT_MILLISECONDS = 24 * 3_600_000;

/**
 * How long to wait before the next try: exponential with full jitter, and never less than the server asks for.
 *
 * @param {number} failures how many tries have failed, at least 1
 * @param {{retryAfterSeconds?: number, baseMilliseconds?: number, capMilliseconds?: number}} [options]
 */
export function waitMilliseconds(failures, { retryAfterSeconds = 0, baseMilliseconds = 500, capMilliseconds = 30_000 } = {}) {
    const ceiling = Math.min(capMilliseconds, baseMilliseconds * 2 ** Math.min(failures, 20));
    return Math.min(retryAfterSeconds * 1_000 + Math.random() * ceiling, LONGEST_WAIT_MILLISECONDS);
}

/**
 * @param {string | null} value a `Retry-After` header: seconds or an HTTP date
 * @returns {number | undefined}
 */
export function retryAfterSeconds(value) {
    if (!value) return undefined;
    if (/^\s*\d+\s*$/.test(value)) return Number(value);
    const until = Date.parse(value);
    return Number.isNaN(until) ? undefined : Math.max(0, (until - Date.now()) / 1_000);
}

/** @param {number} milliseconds */
export const sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/**
 * @template T
 * @param {Promise<T>} promise
 * @param {number} milliseconds
 * @param {T} otherwise what to give when the time is over
 */
export async function within(promise, milliseconds, otherwise) {
    if (milliseconds === Infinity) return promise;
    let timer;
    const late = new Promise((resolve) => (timer = setTimeout(resolve, Math.max(0, milliseconds), otherwise)));
    return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
