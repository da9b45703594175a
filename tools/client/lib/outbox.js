// SPDX-License-Identifier: Apache-2.0
import { waitMilliseconds, within } from "./backoff.js";
import { AttuneError } from "./errors.js";
import { Lane } from "./lane.js";

/** The lane of events, which go in batches. */
export const EVENTS = "events";

/** The lane of feature uses and content results, which go in batches too. Every other lane is one user's and sends one item at a time. */
export const PERSONALIZATION = "personalization";

/** The server's limit of a batch of uses and content results. */
const PERSONALIZATION_BATCH_MAX = 500;

/** Under the server's 512 KB, with room for the frame. */
const BATCH_BYTES = 480 * 1024;

/** For how long, and at which distances, items wait for a key that is refused and cannot be replaced: a handful of tries. */
const REFUSED_MILLISECONDS = 120_000;
const REFUSED_WAITS = { baseMilliseconds: 2_000, capMilliseconds: 60_000 };

/**
 * Delivers items in the background, each exactly once as the server counts: an item leaves only when the server has taken it, has refused
 * it for good, or cannot know its id any more. A key that is refused says nothing of the items: they wait for a better one where one can
 * come, and otherwise for two minutes, in case the same is known again.
 *
 * One outage stops all lanes: then a single request probes until one succeeds. A failure that concerns one item stops its lane only.
 */
export class Outbox {
    /** @type {Map<string, Lane>} in the order in which they get their turn */
    #lanes = new Map();
    #size = 0;
    #running = 0;
    #outageFailures = 0;
    #outageTimer = null;
    /** Since when the key is refused. @type {number | null} */
    #refusedSince = null;
    /** What has been reported of the key since it was last taken. */
    #told = new Set();
    /** Called with each failure that stops everything. @type {Set<(error: AttuneError) => void>} */
    #watchers = new Set();
    #isClosed = false;
    #abort = new AbortController();
    #options;

    /**
     * @param {{send: (group: import("./lane.js").Item[], signal: AbortSignal) => Promise<void>, report: (error: AttuneError) => void,
     *     onBusy: (isBusy: boolean) => void, isKeyRenewable: boolean, limits: Record<string, number>}} options `onBusy` is told when the
     *     first item comes and when the last one has gone; `send` may give items that are to be sent again; `isKeyRenewable`: after a refused key, another one can come
     */
    constructor(options) {
        this.#options = options;
    }

    get size() {
        return this.#size;
    }

    /** @param {import("./lane.js").Item} item @returns {boolean} whether it was taken */
    add(item) {
        if (this.#isClosed || this.#size >= this.#options.limits.maxQueueSize) {
            this.#options.report(new AttuneError(this.#isClosed ? "closed" : "queue_full"));
            return false;
        }
        Object.assign(item, { since: Date.now(), failures: 0, isSending: false, onSettled: [] });
        const lane = this.#lane(item.lane);
        lane.items.push(item);
        this.#size += 1;
        if (this.#size === 1) this.#options.onBusy(true);
        // What is said in one turn goes together.
        if (item.lane === PERSONALIZATION) queueMicrotask(() => this.#pump());
        else this.#pump();
        this.#linger(lane);
        return true;
    }

    /**
     * Sends what is here without waiting for full batches. Retries keep their times. Without a timeout it ends where the key is refused and
     * no other one can come.
     *
     * @param {import("./lane.js").Item[]} [items] which ones to wait for; otherwise all
     * @returns {Promise<boolean>} whether all of them are settled
     */
    async flush(timeoutMilliseconds = Infinity, items = this.#items()) {
        const open = items.filter((item) => !item.isSettled);
        for (const { lane } of open) this.#lanes.get(lane).isRipe = true;
        this.#pump();
        const isPatient = timeoutMilliseconds !== Infinity || this.#options.isKeyRenewable;
        if (!isPatient && open.length && this.#outageTimer && this.#refusedSince !== null) return false;
        return this.#settlement(open, timeoutMilliseconds, (error) => !isPatient && error.isUnauthorized);
    }

    /** Lets a read see the writes before it: waits for a user's items, but not while the server is out of reach. */
    async settled(userId, timeoutMilliseconds) {
        if (this.#outageFailures) return;
        const lanes = [PERSONALIZATION, userLane(userId)].map((key) => this.#lanes.get(key)).filter((lane) => lane && !lane.retryTimer);
        const items = lanes.flatMap((lane) => lane.items.filter((item) => item.userId === userId));
        if (items.length) await this.#settlement(items, timeoutMilliseconds, () => true);
    }

    /**
     * Does something that makes a user's queued items pointless. They stand still meanwhile, and are dropped once it has succeeded:
     * sent afterwards, they would bring back what was removed.
     *
     * @template T
     * @param {string} userId
     * @param {string[]} keys the lanes concerned
     * @param {() => Promise<T>} action
     */
    async supersede(userId, keys, action) {
        const lanes = keys.map((key) => this.#lanes.get(key)).filter(Boolean);
        for (const lane of lanes) lane.holds += 1;
        try {
            await Promise.all(lanes.flatMap((lane) => [...lane.sending]));
            const obsolete = lanes.flatMap((lane) => lane.items.filter((item) => item.userId === userId));
            const result = await action();
            for (const item of obsolete) this.#settle(item);
            return result;
        } finally {
            for (const lane of lanes) lane.holds -= 1;
            this.#pump();
        }
    }

    /** The page goes away: sends at once whatever fits into `bytesLeft()`, in parallel and regardless of pauses. */
    hurry(bytesLeft) {
        for (const lane of [...this.#lanes.values()].filter((lane) => !lane.holds)) {
            lane.isRipe = true;
            for (let group; (group = lane.nextGroup(bytesLeft() - 256)).length; ) {
                const bytes = group.reduce((sum, item) => sum + item.bytes + 1, 256);
                if (bytes > bytesLeft()) break;
                void this.#deliver(lane, group);
            }
        }
    }

    /** @returns {Promise<boolean>} whether nothing was left */
    async close(timeoutMilliseconds) {
        const isEmpty = await this.flush(timeoutMilliseconds);
        this.#isClosed = true;
        clearTimeout(this.#outageTimer);
        for (const lane of this.#lanes.values()) lane.stop();
        this.#abort.abort();
        for (const item of this.#items()) {
            this.#settle(item);
            this.#options.report(new AttuneError("closed"));
        }
        return isEmpty;
    }

    /** @param {(error: AttuneError) => boolean} isEnd whether to wait no longer after this failure, which stops everything */
    #settlement(items, timeoutMilliseconds, isEnd) {
        const all = Promise.all(items.map((item) => new Promise((done) => item.onSettled.push(done)))).then(() => true);
        let watcher;
        const ended = new Promise((done) => (watcher = (error) => isEnd(error) && done(false)));
        this.#watchers.add(watcher);
        return within(Promise.race([all, ended]), timeoutMilliseconds, false).finally(() => this.#watchers.delete(watcher));
    }

    #items() {
        return [...this.#lanes.values()].flatMap((lane) => lane.items);
    }

    #lane(key) {
        let lane = this.#lanes.get(key);
        if (!lane) {
            const groupSize = { [EVENTS]: this.#options.limits.flushAt, [PERSONALIZATION]: PERSONALIZATION_BATCH_MAX }[key] ?? 1;
            lane = new Lane(key, { groupSize, groupBytes: BATCH_BYTES, lingers: key === EVENTS });
            this.#lanes.set(key, lane);
        }
        return lane;
    }

    #linger(lane) {
        if (lane.isRipe || lane.lingerTimer || !lane.items.length) return;
        lane.lingerTimer = setTimeout(() => {
            lane.lingerTimer = null;
            lane.isRipe = true;
            this.#pump();
        }, this.#options.limits.flushIntervalMilliseconds);
        // A process that has nothing else to do need not wait: what is queued is sent before it ends.
        lane.lingerTimer.unref?.();
    }

    #pump() {
        if (this.#outageTimer || this.#isClosed) return;
        const allowed = this.#outageFailures ? 1 : this.#options.limits.concurrency;
        for (const lane of this.#lanes.values()) {
            if (this.#running >= allowed) return;
            if (!lane.isDue) continue;
            // To the end, so that everyone gets a turn.
            this.#lanes.delete(lane.key);
            this.#lanes.set(lane.key, lane);
            void this.#deliver(lane, lane.nextGroup());
        }
    }

    #deliver(lane, group) {
        for (const item of group) item.isSending = true;
        lane.sent(group);
        this.#running += 1;
        const delivery = this.#try(lane, group).finally(() => {
            for (const item of group) item.isSending = false;
            this.#running -= 1;
            lane.sending.delete(delivery);
            this.#linger(lane);
            this.#pump();
        });
        lane.sending.add(delivery);
        return delivery;
    }

    async #try(lane, group) {
        try {
            const again = await this.#options.send(group, this.#abort.signal);
            this.#reached();
            lane.groupSize = lane.groupSizeMax;
            for (const item of group) if (!again?.includes(item)) this.#settle(item);
        } catch (error) {
            if (!this.#isClosed) this.#failed(lane, group, error instanceof AttuneError ? error : new AttuneError("network"));
        }
    }

    /** The server has answered, and has taken the key. */
    #reached() {
        this.#outageFailures = 0;
        this.#refusedSince = null;
        this.#told.clear();
        this.#options.onReached?.();
    }

    #failed(lane, group, error) {
        const [first] = group;
        if (!error.isOutage) this.#reached();
        // After a try whose fate is unknown, 409 says that this try is still running; its answer comes with a later one.
        const isRunning = error.status === 409 && first.path && first.failures > 0;
        if (lane.key === PERSONALIZATION && !error.isOutage && this.#isolate(lane, group, error)) return;
        if (!error.isTransient && !isRunning && !error.isUnauthorized) {
            if (first.amend?.(error)) return;
            for (const item of group) this.#giveUp(item, error);
            return;
        }
        lane.isRipe = true;
        for (const item of group) {
            // What was refused at the door has not been tried: its fate is known.
            if (!error.isUnauthorized) item.failures += 1;
            if (Date.now() - item.since > this.#options.limits.maxAgeMilliseconds) this.#giveUp(item, new AttuneError("expired"));
        }
        this.#tellOfKey(error, first);
        if (error.isUnauthorized) this.#refused(group, error);
        if (!error.isOutage) return this.#pauseLane(lane, first.failures, error);
        this.#pause(error);
        for (const watcher of [...this.#watchers]) watcher(error);
    }

    /**
     * A batch that fails may have failed for one item: smaller ones find it. An item that fails alone for now, such as one of a damaged
     * record, waits in a lane of its user's, so that the others go on.
     *
     * @returns {boolean} whether something has been done about it
     */
    #isolate(lane, group, error) {
        if (group.length > 1) {
            lane.groupSize = Math.ceil(group.length / 2);
            return true;
        }
        const [item] = group;
        if (!error.isTransient) return false;
        lane.items.splice(lane.items.indexOf(item), 1);
        item.lane = userLane(item.userId);
        item.failures += 1;
        const own = this.#lane(item.lane);
        own.items.push(item);
        this.#pauseLane(own, item.failures, error);
        return true;
    }

    /** A key that is refused, or is not there, stops everything: told at once, and not at each try. */
    #tellOfKey(error, item) {
        if (!error.isUnauthorized && error.reason !== "no_credential" || this.#told.has(error.reason)) return;
        this.#told.add(error.reason);
        item.isRefusalTold = error.isUnauthorized;
        this.#options.report(error);
    }

    /** Gives up what has waited long enough for a key that no other one will replace. */
    #refused(group, error) {
        this.#refusedSince ??= Date.now();
        if (this.#options.isKeyRenewable) return;
        for (const item of this.#items()) {
            const isElsewhere = item.isSending && !group.includes(item);
            if (isElsewhere || Date.now() - Math.max(item.since, this.#refusedSince) < REFUSED_MILLISECONDS) continue;
            if (item.isRefusalTold) this.#settle(item);
            else this.#giveUp(item, error);
        }
        if (!this.#size) this.#told.clear();
    }

    #pause(error) {
        // Requests that were under way together fail together: that is one failure.
        if (this.#outageTimer && !error.retryAfterSeconds) return;
        if (!this.#outageTimer) this.#outageFailures += 1;
        const isHopeless = error.isUnauthorized && !this.#options.isKeyRenewable;
        const wait = waitMilliseconds(this.#outageFailures, isHopeless ? { ...error, ...REFUSED_WAITS } : error);
        clearTimeout(this.#outageTimer);
        this.#outageTimer = setTimeout(() => {
            this.#outageTimer = null;
            this.#pump();
        }, wait);
        // No process goes on for the sake of a key that is hardly ever taken again.
        if (isHopeless) this.#outageTimer.unref?.();
    }

    #pauseLane(lane, failures, error) {
        clearTimeout(lane.retryTimer);
        lane.retryTimer = setTimeout(() => {
            lane.retryTimer = null;
            this.#pump();
        }, waitMilliseconds(failures, error));
    }

    #giveUp(item, error) {
        if (item.isSettled) return;
        this.#settle(item);
        this.#options.report(error);
    }

    #settle(item) {
        if (item.isSettled) return;
        item.isSettled = true;
        this.#size -= 1;
        if (!this.#size) this.#options.onBusy(false);
        const lane = this.#lanes.get(item.lane);
        lane.items.splice(lane.items.indexOf(item), 1);
        if (!lane.items.length) {
            lane.stop();
            this.#lanes.delete(lane.key);
        }
        for (const done of item.onSettled) done();
    }
}

/** @param {string} userId */
export const userLane = (userId) => `user ${userId}`;
