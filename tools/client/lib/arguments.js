// SPDX-License-Identifier: Apache-2.0
import { AttuneError } from "./errors.js";
import { byteLength, uuid } from "./host.js";

const EVENT_BYTES = 32 * 1024;
const EVENT_TYPES = ["track", "page", "screen", "identify", "group", "alias"];

const invalid = (detail) => new AttuneError("invalid_argument", { detail });

/**
 * @param {unknown} value
 * @returns {string}
 * @throws {AttuneError} where no path can carry it: URLs swallow `.` and `..`, even encoded
 */
export function userIdOf(value) {
    const id = Number.isSafeInteger(value) ? String(value) : value;
    if (typeof id !== "string" || !id || id === "." || id === "..") throw invalid("userId");
    return id;
}

/** Percent-encoded, exactly once. @param {string} userId */
export function encoded(userId) {
    try {
        return encodeURIComponent(userId);
    } catch {
        throw invalid("userId");
    }
}

/** @param {unknown} value @param {string} detail */
export function textOf(value, detail) {
    if (typeof value !== "string" || !value) throw invalid(detail);
    return value;
}

/** @param {unknown} value */
export function json(value) {
    try {
        return JSON.stringify(value);
    } catch {
        throw invalid("body");
    }
}

/**
 * A Segment-shaped event with its id and time, as it is now: what the caller changes later does not matter.
 *
 * @param {Record<string, unknown>} event
 */
export function eventItem(event) {
    if (typeof event !== "object" || event === null) throw invalid("event");
    const { type = "track", messageId = uuid(), timestamp = new Date(), ...rest } = event;
    if (!EVENT_TYPES.includes(type)) throw invalid("type");
    if (type === "track") textOf(rest.event, "event");
    if (rest.userId === undefined && rest.anonymousId === undefined) throw invalid("userId");
    const body = json({ type, messageId, timestamp, ...rest });
    const bytes = byteLength(body);
    if (bytes > EVENT_BYTES) throw new AttuneError("too_large", { messageId: String(messageId) });
    return { id: String(messageId), userId: String(rest.userId ?? rest.anonymousId), body, bytes };
}
