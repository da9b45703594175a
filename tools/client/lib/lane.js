// SPDX-License-Identifier: Apache-2.0

/**
 * @typedef {object} Item something to deliver
 * @property {string} lane
 * @property {string} userId
 * @property {string} id the idempotency key or message id
 * @property {string} body JSON
 * @property {number} bytes
 * @property {string} [path] where it goes on its own
 * @property {object} [entry] what it is in a batch of uses and content results
 * @property {(error: import("./errors.js").AttuneError) => boolean} [amend] mends what the server refused; true: send again
 * @property {boolean} [hasArrived] it was sent on its own, and others of its group were not
 * @property {number} [since] when it was queued
 * @property {number} [failures]
 * @property {boolean} [isSending]
 * @property {boolean} [isSettled]
 * @property {boolean} [isRefusalTold] it met a refused key first, and that has been reported
 * @property {(() => void)[]} [onSettled]
 */

/** Items that must arrive in their order. Not more than one group of them is under way, unless the page goes away. */
export class Lane {
    /** @type {Item[]} */
    items = [];
    /** Groups under way. */
    sending = new Set();
    /** How many callers want it to stand still. */
    holds = 0;
    /** Runs while the lane waits after a failure of its own. */
    retryTimer = null;
    /** Runs while a group that is not full waits for more. */
    lingerTimer = null;
    /** What is there should go, full or not. */
    isRipe;

    /** @param {string} key @param {{groupSize: number, groupBytes: number, lingers: boolean}} shape */
    constructor(key, { groupSize, groupBytes, lingers }) {
        this.key = key;
        this.groupSize = groupSize;
        this.groupSizeMax = groupSize;
        this.groupBytes = groupBytes;
        this.lingers = lingers;
        this.isRipe = !lingers;
    }

    get isDue() {
        const isFree = !this.sending.size && !this.holds && !this.retryTimer;
        return isFree && this.items.length > 0 && (this.isRipe || this.items.length >= this.groupSize);
    }

    /** The next items that fit into one request. */
    nextGroup(groupBytes = this.groupBytes) {
        const group = [];
        let bytes = 0;
        for (const item of this.items) {
            if (item.isSending) continue;
            bytes += item.bytes + 1;
            if (group.length === this.groupSize || (group.length && bytes > groupBytes)) break;
            group.push(item);
        }
        return group;
    }

    /** A group is on its way: what comes from now on waits for more. @param {Item[]} group */
    sent(group) {
        if (group.at(-1) !== this.items.at(-1)) return;
        this.isRipe = !this.lingers;
        clearTimeout(this.lingerTimer);
        this.lingerTimer = null;
    }

    stop() {
        clearTimeout(this.retryTimer);
        clearTimeout(this.lingerTimer);
        this.retryTimer = this.lingerTimer = null;
    }
}
