// SPDX-License-Identifier: Apache-2.0
import { encoded, eventItem, json, textOf, userIdOf } from "./arguments.js";
import { Breaker } from "./breaker.js";
import { sleep } from "./backoff.js";
import { AttuneError, isFrameworkSignal } from "./errors.js";
import { fallbackDashboard, fallbackNextActions, fallbackProfile, fallbackSuggestions } from "./fallback.js";
import { busyEngines, byteLength, isBrowser, requestWaitUntil, uuid } from "./host.js";
import { EVENTS, Outbox, PERSONALIZATION, userLane } from "./outbox.js";
import * as shapes from "./shapes.js";
import { Transport } from "./transport.js";

/** For how long a framework is asked to stay alive for one item. */
const KEEP_ALIVE_MILLISECONDS = 30_000;
/** A whole user's data may take its time. */
const PRIVACY_MILLISECONDS = 60_000;
/** How often the same failure is told on the console, where nobody listens. */
const QUIET_MILLISECONDS = 60_000;
/** How many different failures are remembered for that. */
const TOLD_MAX = 100;

/** Personalization of one tenant's users. Made by `getPersonalizationEngine`. */
export class PersonalizationEngine {
    #transport;
    #outbox;
    #limits;
    #hooks = {};
    #forget;
    #told = new Map();
    #breaker = new Breaker();
    /** Whether uses and content results go in batches, for which the server asks a secret key. */
    #batches;

    constructor({ base, apiKey, limits, hooks }, forget) {
        this.#limits = limits;
        this.#forget = forget;
        this.#transport = new Transport({ base, apiKey });
        this.#outbox = new Outbox({
            limits,
            send: (group, signal) => this.#send(group, signal),
            report: (error) => this.#report(error),
            onBusy: (isBusy) => busyEngines()[isBusy ? "add" : "delete"](this),
            onReached: () => this.#breaker.close(),
            isKeyRenewable: typeof apiKey === "function",
        });
        // Whether a function gives a secret key is found out at the first batch.
        this.#batches = typeof apiKey === "function" ? !isBrowser() : apiKey.startsWith("att_sk_");
        this.adopt(hooks);
    }

    /** Takes over hooks; one that is not given stays as it is. @internal */
    adopt(hooks) {
        for (const [name, hook] of Object.entries(hooks)) {
            if (hook !== undefined) this.#hooks[name] = hook;
        }
        this.#transport.fetch = this.#hooks.fetch;
    }

    // Tracking: queued, delivered in the background, never failing.

    async trackFeatureUsage(userId, feature) {
        this.#queue("trackFeatureUsage", () => {
            const at = new Date().toISOString();
            const item = this.#post(userId, "feature-usage", { feature: textOf(feature, "feature"), at });
            // A clock that is wrong by more than the server allows: then the time of arrival stands.
            item.amend = (error) => {
                if (!error.problem?.errors?.some?.(({ pointer }) => pointer === "/at")) return false;
                delete item.amend;
                const { type, userId: user } = item.entry;
                return Boolean(Object.assign(item, { id: uuid(), body: json({ feature }), entry: { type, userId: user, feature } }));
            };
            return item;
        });
    }

    async trackContentPreference(userId, contentType, success) {
        this.#queue("trackContentPreference", () => {
            const value = { contentType: textOf(contentType, "contentType"), success: Boolean(success) };
            return this.#post(userId, "content-preferences", value);
        });
    }

    async track(event) {
        this.#queue("track", () => ({ lane: EVENTS, ...eventItem(event) }));
    }

    async identify(userId, traits = {}) {
        this.#queue("identify", () => ({ lane: EVENTS, ...eventItem({ type: "identify", userId: userIdOf(userId), traits }) }));
    }

    async flush(timeoutMilliseconds = Infinity) {
        return this.#outbox.flush(timeoutMilliseconds);
    }

    async close(timeoutMilliseconds = 5_000) {
        const isEmpty = await this.#outbox.close(timeoutMilliseconds);
        this.#forget();
        return isEmpty;
    }

    /** Whether nothing waits to be sent. @internal */
    get isIdle() {
        return this.#outbox.size === 0;
    }

    /** The page goes away. @internal */
    hurry() {
        this.#outbox.hurry(() => this.#transport.keepaliveBytesLeft);
    }

    // Reading: with a deadline, and with something to show where that fails.

    async getPersonalizedDashboard(userId) {
        const link = this.#link;
        return this.#read("getPersonalizedDashboard", userId, "/dashboard", {
            shape: (answer) => shapes.dashboard(answer, link),
            fallback: (id) => shapes.dashboard(fallbackDashboard(id, this.#hooks.fallback), link),
        });
    }

    async getAISuggestions(userId, context = {}) {
        return this.#read("getAISuggestions", userId, "/suggestions", {
            call: () => ({ method: "POST", body: json(context ?? {}) }),
            shape: (answer) => shapes.withLinks(answer, this.#link),
            fallback: () => shapes.withLinks(fallbackSuggestions(this.#hooks.fallback), this.#link),
        });
    }

    async getNextBestActions(profileOrUserId) {
        const userId = typeof profileOrUserId === "object" ? profileOrUserId?.userId : profileOrUserId;
        return this.#read("getNextBestActions", userId, "/next-best-actions", {
            shape: (answer) => shapes.nextActions(answer, this.#link),
            fallback: () => shapes.nextActions(fallbackNextActions(this.#hooks.fallback), this.#link),
        });
    }

    async getFrequentFeatures(userId, limit) {
        const query = Number.isSafeInteger(limit) ? `?limit=${limit}` : "";
        // What is not known to have been used is not told as used.
        return this.#read("getFrequentFeatures", userId, `/frequent-features${query}`, { shape: shapes.featureNames, fallback: () => [] });
    }

    async getProfile(userId) {
        return this.#read("getProfile", userId, "", { shape: shapes.profile, fallback: fallbackProfile });
    }

    // Commands: rejected with an AttuneError where they fail.

    async updateGoals(userId, goals) {
        return this.#command("updateGoals", "PUT", () => `${this.#user(userId)}/goals`, goals);
    }

    async updateMarketFocus(userId, areas) {
        const answer = await this.#command("updateMarketFocus", "PUT", () => `${this.#user(userId)}/market-focus`, { marketFocus: areas });
        return answer?.marketFocus ?? areas;
    }

    async resetProfile(userId) {
        const id = named("resetProfile", () => userIdOf(userId));
        const action = () => this.#command("resetProfile", "DELETE", () => this.#user(id));
        await this.#outbox.supersede(id, [PERSONALIZATION, userLane(id)], action);
    }

    async createToken(userId, { scope, ttlSeconds } = {}) {
        const id = named("createToken", () => userIdOf(userId));
        const body = { userId: id, scope: Array.isArray(scope) ? scope.join(" ") : scope, ttlSeconds };
        return this.#command("createToken", "POST", () => "/api/tokens", body);
    }

    async getConsent(userId) {
        return this.#command("getConsent", "GET", () => `/api/consent/${encoded(userIdOf(userId))}`);
    }

    async setConsent(userId, purposes, { source = "api" } = {}) {
        return this.#command("setConsent", "PUT", () => `/api/consent/${encoded(userIdOf(userId))}`, { purposes, source });
    }

    async exportUser(userId) {
        const path = named("exportUser", () => `/api/privacy/users/${encoded(userIdOf(userId))}/export`);
        await this.#outbox.settled(userIdOf(userId), this.#limits.deadlineMilliseconds);
        return this.#command("exportUser", "GET", () => path, undefined, PRIVACY_MILLISECONDS);
    }

    async eraseUser(userId) {
        const id = named("eraseUser", () => userIdOf(userId));
        const path = named("eraseUser", () => `/api/privacy/users/${encoded(id)}`);
        const action = () => this.#command("eraseUser", "DELETE", () => path, undefined, PRIVACY_MILLISECONDS);
        return this.#outbox.supersede(id, [PERSONALIZATION, userLane(id), EVENTS], action);
    }

    // Inside.

    #user(userId) {
        return `/api/personalization/users/${encoded(userIdOf(userId))}`;
    }

    /** Where an action leads: what the application says, or the playbook's link. A hook that fails says nothing. */
    #link = ({ action, link }) => {
        try {
            return this.#hooks.linkTo?.(action, link) || link;
        } catch {
            return link;
        }
    };

    async #command(name, method, path, body, deadlineMilliseconds = this.#limits.requestTimeoutMilliseconds) {
        try {
            const call = { method, path: path(), body: body === undefined ? undefined : json(body) };
            // Somebody wants this now: while the server is out of reach it is tried once, and not for long.
            const isAway = this.#breaker.isOpen;
            const deadline = isAway ? Math.min(deadlineMilliseconds, this.#limits.deadlineMilliseconds) : deadlineMilliseconds;
            const answer = await this.#transport.request(call, deadline, isAway ? 1 : undefined);
            this.#breaker.close();
            return answer;
        } catch (error) {
            if (error instanceof AttuneError) this.#breaker.note(error);
            throw inCall(name, error);
        }
    }

    async #read(name, userId, path, { call = () => ({ method: "GET" }), shape, fallback }) {
        const end = Date.now() + this.#limits.deadlineMilliseconds;
        let id = "";
        try {
            id = userIdOf(userId);
            const request = { ...call(), path: this.#user(id) + path };
            if (!this.#breaker.admit()) throw new AttuneError("unavailable");
            // The caller has tracked this before: the answer should know of it, if that takes a third of the time at most.
            await this.#outbox.settled(id, this.#limits.deadlineMilliseconds / 3);
            const answer = await this.#transport.request(request, Math.max(1, end - Date.now()));
            this.#breaker.close();
            return shape(answer);
        } catch (error) {
            if (isFrameworkSignal(error)) throw error;
            const failure = error instanceof AttuneError ? error : new AttuneError("invalid_answer");
            // What the breaker itself refuses is no news for it.
            if (failure.status || failure.reason !== "unavailable") this.#breaker.note(failure);
            this.#report(inCall(name, failure));
            return fallback(id);
        }
    }

    #post(userId, action, value) {
        const id = userIdOf(userId);
        const body = json(value);
        const entry = { type: action === "feature-usage" ? action : "content-preference", userId: id, ...value };
        // An id of 36 characters, its name and their signs come with it.
        const bytes = byteLength(json(entry)) + 48;
        return { lane: this.#batches ? PERSONALIZATION : userLane(id), userId: id, id: uuid(), path: `${this.#user(id)}/${action}`, body, entry, bytes };
    }

    #queue(name, make) {
        try {
            const item = make();
            if (this.#outbox.add(item)) this.#keepAlive(item);
        } catch (error) {
            this.#report(inCall(name, error instanceof AttuneError ? error : new AttuneError("invalid_argument")));
        }
    }

    /** In a framework's request: what was queued is delivered after the answer, not after the server has been put to sleep. */
    #keepAlive(item) {
        const waitUntil = this.#hooks.waitUntil ?? requestWaitUntil();
        if (!waitUntil) return;
        try {
            // A moment later, so that what one request says goes together.
            waitUntil(sleep(0).then(() => this.#outbox.flush(KEEP_ALIVE_MILLISECONDS, [item])));
        } catch {
            // The request is over. The item stays queued.
        }
    }

    async #send(group, signal) {
        const [{ lane, path, id, body }] = group;
        const common = { method: "POST", keepalive: true, isBackground: true };
        const timeout = this.#limits.requestTimeoutMilliseconds;
        if (lane === PERSONALIZATION && this.#batches) {
            try {
                return await this.#sendBatch(group, common, timeout, signal);
            } catch (error) {
                // Only secret keys may send them. Everybody may send one by one.
                if (![403, 404, 405].includes(error.status)) throw error;
                this.#batches = false;
            }
        }
        if (path && group.length > 1) return this.#sendEach(group, common, timeout, signal);
        if (path) {
            await this.#transport.attempt({ ...common, path, body, idempotencyKey: id, ignoresAnswer: true }, timeout, signal);
            return;
        }
        const batch = `{"batch":[${group.map((item) => item.body).join(",")}],"sentAt":"${new Date().toISOString()}"}`;
        const answer = await this.#transport.attempt({ ...common, path: "/api/track/batch", body: batch }, timeout, signal);
        if (!Array.isArray(answer?.results)) return;
        for (const { status, messageId, reason } of answer.results) {
            if (status === "rejected") this.#report(new AttuneError("rejected", { messageId, detail: reason }));
        }
    }

    /** @returns {Promise<import("./lane.js").Item[]>} what is to be sent again, changed */
    async #sendBatch(group, common, timeout, signal) {
        const body = json({ items: group.map(({ entry, id }) => ({ ...entry, id })) });
        const answer = await this.#transport.attempt({ ...common, path: "/api/personalization/batch", body }, timeout, signal);
        const again = [];
        for (const [index, { status, reason }] of [...(answer?.results ?? [])].entries()) {
            if (status !== "rejected") continue;
            const item = group[index];
            const isTime = { problem: { errors: [{ pointer: "/at" }] } };
            if (reason !== "consent" && item?.amend?.(isTime)) again.push(item);
            else this.#report(new AttuneError("rejected", { detail: reason }));
        }
        return again;
    }

    /** One by one, in their order. What has arrived before one fails is not sent again with it. */
    async #sendEach(group, common, timeout, signal) {
        for (const item of group.filter(({ hasArrived }) => !hasArrived)) {
            const call = () => ({ ...common, path: item.path, body: item.body, idempotencyKey: item.id, ignoresAnswer: true });
            try {
                await this.#transport.attempt(call(), timeout, signal);
            } catch (error) {
                if (error.isTransient || error.isUnauthorized || error.status === 409) throw error;
                if (item.amend?.(error)) await this.#transport.attempt(call(), timeout, signal);
                else this.#report(error);
            }
            item.hasArrived = true;
        }
    }

    #report(error) {
        const { onError } = this.#hooks;
        try {
            if (onError) Promise.resolve(onError(error)).catch(() => {});
            else this.#tell(error);
        } catch {
            // The hook's own failure is not the page's.
        }
    }

    #tell({ call, detail, isOutage, message, reason }) {
        // An outage concerns every call; what is wrong with one of them is told of each.
        const key = isOutage ? reason : [call, reason, detail].join();
        if (Date.now() - (this.#told.get(key) ?? -Infinity) < QUIET_MILLISECONDS) return;
        if (this.#told.size >= TOLD_MAX) this.#told.clear();
        this.#told.set(key, Date.now());
        const why = detail && reason !== "invalid_argument" ? ` (${detail})` : "";
        globalThis.console?.warn?.(`attune: ${call ? `${call}: ` : ""}${message}${why}`);
    }
}

/** The error, which now says in which call it came up. */
function inCall(name, error) {
    if (error instanceof AttuneError) error.call ??= name;
    return error;
}

function named(name, work) {
    try {
        return work();
    } catch (error) {
        throw inCall(name, error);
    }
}
