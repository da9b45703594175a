// SPDX-License-Identifier: Apache-2.0

/** What each reason says. The text is fixed: neither keys nor users can get into it. */
const MESSAGES = {
    closed: "The engine was closed before this could be sent.",
    configuration: "Attune is not configured: a URL and an API key are needed.",
    expired: "Attune was unreachable for so long that this was dropped.",
    invalid_answer: "Attune sent an answer that this client does not understand.",
    invalid_argument: "An argument is not valid.",
    network: "Attune could not be reached.",
    no_credential: "No API key is available right now.",
    queue_full: "The queue is full, so this was dropped.",
    refused: "Attune refused the request.",
    rejected: "Attune rejected the item.",
    timeout: "Attune did not answer in time.",
    too_large: "The event is larger than 32 KB.",
    unavailable: "Attune is unavailable right now.",
};

/** Why a call failed. Carries no key, no address and no user. */
export class AttuneError extends Error {
    /**
     * @param {keyof typeof MESSAGES} reason
     * @param {{status?: number, problem?: object | null, retryAfterSeconds?: number, detail?: string, messageId?: string}} [facts]
     */
    constructor(reason, { status = 0, problem = null, retryAfterSeconds, detail, messageId } = {}) {
        const message = reason === "invalid_argument" && detail ? `The argument "${detail}" is not valid.` : MESSAGES[reason];
        super(status ? `${message} (${status})` : message);
        this.name = "AttuneError";
        this.reason = reason;
        /** The HTTP status; 0 where there was no answer. */
        this.status = status;
        /** The problem document (RFC 9457), where the server sent one. */
        this.problem = problem;
        /** How long the server asks to wait, where it says so. */
        this.retryAfterSeconds = retryAfterSeconds;
        /** Which argument is not valid, or why an event was rejected. */
        this.detail = detail;
        /** The event that it is about. */
        this.messageId = messageId;
        /** The method that failed, such as `trackFeatureUsage`; undefined for a delivery of several calls. @type {string | undefined} */
        this.call = undefined;
    }

    /** Whether the same request may succeed later. */
    get isTransient() {
        return ["network", "no_credential", "timeout", "unavailable", "invalid_answer"].includes(this.reason);
    }

    /** Whether the key is what was refused: with another one, or with the same once it is known again, the same request may succeed. */
    get isUnauthorized() {
        return this.status === 401;
    }

    /** Whether the whole server is out of reach, not only what was asked for. */
    get isOutage() {
        return this.isUnauthorized || this.isTransient && this.status !== 500 && this.reason !== "invalid_answer";
    }
}

/** @param {number} status */
export function reasonOf(status) {
    return status >= 500 || [408, 425, 429].includes(status) ? "unavailable" : "refused";
}

/** Frameworks steer by throwing (Next.js marks such errors with a `digest`); these must pass. */
export function isFrameworkSignal(error) {
    return typeof error === "object" && error !== null && typeof error.digest === "string";
}
