// SPDX-License-Identifier: Apache-2.0

const OPEN_MILLISECONDS = 5_000;
const OPEN_MILLISECONDS_MAX = 60_000;

/**
 * After a failure that says that the server is out of reach, nobody waits for it for five seconds, or for as long as it asks. Then one
 * request finds out whether it is back; meanwhile the others still do not wait.
 */
export class Breaker {
    #openUntil = 0;

    get isOpen() {
        return Date.now() < this.#openUntil;
    }

    /** @returns {boolean} whether a request may go now; after an outage one at a time */
    admit() {
        if (this.isOpen) return false;
        if (this.#openUntil) this.#openUntil = Date.now() + OPEN_MILLISECONDS;
        return true;
    }

    /** The server has answered. */
    close() {
        this.#openUntil = 0;
    }

    /** @param {import("./errors.js").AttuneError} error why a request failed */
    note(error) {
        if (error.status && !error.isOutage) return this.close();
        if (!error.isOutage || error.isUnauthorized || error.reason === "no_credential") return;
        const wait = Math.max(OPEN_MILLISECONDS, Math.min((error.retryAfterSeconds ?? 0) * 1_000, OPEN_MILLISECONDS_MAX));
        this.#openUntil = Date.now() + wait;
    }
}
