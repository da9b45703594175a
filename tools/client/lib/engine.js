// SPDX-License-Identifier: Apache-2.0
import { encoded, eventItem, json, textOf, userIdOf } from "./arguments.js";
import { sleep } from "./backoff.js";
import { AttuneError, isFrameworkSignal } from "./errors.js";
import { fallbackDashboard, fallbackFeatures, fallbackNextActions, fallbackProfile, fallbackSuggestions } from "./fallback.js";
import { busyEngines, byteLength, requestWaitUntil, uuid } from "./host.js";
import { EVENTS, Outbox, userLane } from "./outbox.js";
import * as shapes from "./shapes.js";
import { Transport } from "./transport.js";

/** For how long a framework is asked to stay alive for one item. */
const KEEP_ALIVE_MILLISECONDS = 30_000;
/** A whole user's data may take its time. */
const PRIVACY_MILLISECONDS = 60_000;
/** How often the same failure is told on the console, where nobody listens. */
const QUIET_MILLISECONDS = 60_000;

/** Personalization of one tenant's users. Made by `getPersonalizationEngine`. */
export class PersonalizationEngine {
    #transport;
    #outbox;
    #limits;
    #hooks = {};
    #forget;
    #told = new Map();

    constructor({ base, apiKey, limits, hooks }, forget) {
        this.#limits = limits;
        this.#forget = forget;
        this.#transport = new Transport({ base, apiKey });
        this.#outbox = new Outbox({
            limits,
            send: (group, signal) => this.#send(group, signal),
            report: (error) => this.#report(error),
            onBusy: (isBusy) => busyEngines()[isBusy ? "add" : "delete"](this),
            isKeyRenewable: typeof apiKey === "function",
        });
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
        this.#queue(() => {
            const at = new Date().toISOString();
            const item = this.#post(userId, "feature-usage", { feature: textOf(feature, "feature"), at });
            // A clock that is wrong by more than the server allows: then the time of arrival stands.
            item.amend = (error) => {
                if (!error.problem?.errors?.some?.(({ pointer }) => pointer === "/at")) return false;
                delete item.amend;
                return Boolean(Object.assign(item, { id: uuid(), body: json({ feature }) }));
            };
            return item;
        });
    }

    async trackContentPreference(userId, contentType, success) {
        this.#queue(() => {
            const value = { contentType: textOf(contentType, "contentType"), success: Boolean(success) };
            return this.#post(userId, "content-preferences", value);
        });
    }

    async track(event) {
        this.#queue(() => ({ lane: EVENTS, ...eventItem(event) }));
    }

    async identify(userId, traits = {}) {
        this.#queue(() => ({ lane: EVENTS, ...eventItem({ type: "identify", userId: userIdOf(userId), traits }) }));
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
        return this.#read(userId, "/dashboard", {
            shape: (answer) => shapes.dashboard(answer, link),
            fallback: (id) => shapes.dashboard(fallbackDashboard(id, this.#hooks.fallback), link),
        });
    }

    async getAISuggestions(userId, context = {}) {
        return this.#read(userId, "/suggestions", {
            call: () => ({ method: "POST", body: json(context ?? {}) }),
            shape: (answer) => shapes.withLinks(answer, this.#link),
            fallback: () => shapes.withLinks(fallbackSuggestions(this.#hooks.fallback), this.#link),
        });
    }

    async getNextBestActions(profileOrUserId) {
        const userId = typeof profileOrUserId === "object" ? profileOrUserId?.userId : profileOrUserId;
        return this.#read(userId, "/next-best-actions", {
            shape: (answer) => shapes.nextActions(answer, this.#link),
            fallback: () => shapes.nextActions(fallbackNextActions(this.#hooks.fallback), this.#link),
        });
    }

    async getFrequentFeatures(userId, limit) {
        const query = Number.isSafeInteger(limit) ? `?limit=${limit}` : "";
        const fallback = () => fallbackFeatures(this.#hooks.fallback).slice(0, limit);
        return this.#read(userId, `/frequent-features${query}`, { shape: shapes.featureNames, fallback });
    }

    async getProfile(userId) {
        return this.#read(userId, "", { shape: shapes.profile, fallback: fallbackProfile });
    }

    // Commands: rejected with an AttuneError where they fail.

    async updateGoals(userId, goals) {
        return this.#command("PUT", `${this.#user(userId)}/goals`, goals);
    }

    async updateMarketFocus(userId, areas) {
        const answer = await this.#command("PUT", `${this.#user(userId)}/market-focus`, { marketFocus: areas });
        return answer?.marketFocus ?? areas;
    }

    async resetProfile(userId) {
        const id = userIdOf(userId);
        await this.#outbox.supersede(id, [userLane(id)], () => this.#command("DELETE", this.#user(id)));
    }

    async createToken(userId, { scope, ttlSeconds } = {}) {
        const body = { userId: userIdOf(userId), scope: Array.isArray(scope) ? scope.join(" ") : scope, ttlSeconds };
        return this.#command("POST", "/api/tokens", body);
    }

    async getConsent(userId) {
        return this.#command("GET", `/api/consent/${encoded(userIdOf(userId))}`);
    }

    async setConsent(userId, purposes, { source = "api" } = {}) {
        return this.#command("PUT", `/api/consent/${encoded(userIdOf(userId))}`, { purposes, source });
    }

    async exportUser(userId) {
        const path = `/api/privacy/users/${encoded(userIdOf(userId))}/export`;
        await this.#outbox.settled(userIdOf(userId), this.#limits.deadlineMilliseconds);
        return this.#command("GET", path, undefined, PRIVACY_MILLISECONDS);
    }

    async eraseUser(userId) {
        const id = userIdOf(userId);
        const path = `/api/privacy/users/${encoded(id)}`;
        return this.#outbox.supersede(id, [userLane(id), EVENTS], () => this.#command("DELETE", path, undefined, PRIVACY_MILLISECONDS));
    }

    // Inside.

    #user(userId) {
        return `/api/personalization/users/${encoded(userIdOf(userId))}`;
    }

    /** Where an action leads; a hook that fails leads to the default. */
    #link = (feature) => {
        try {
            return this.#hooks.linkTo?.(feature) || shapes.defaultLink(feature);
        } catch {
            return shapes.defaultLink(feature);
        }
    };

    async #command(method, path, body, deadlineMilliseconds = this.#limits.requestTimeoutMilliseconds) {
        return this.#transport.request({ method, path, body: body === undefined ? undefined : json(body) }, deadlineMilliseconds);
    }

    async #read(userId, path, { call = () => ({ method: "GET" }), shape, fallback }) {
        const end = Date.now() + this.#limits.deadlineMilliseconds;
        let id = "";
        try {
            id = userIdOf(userId);
            const request = { ...call(), path: this.#user(id) + path };
            // The caller has tracked this before: the answer should know of it, if that takes a third of the time at most.
            await this.#outbox.settled(id, this.#limits.deadlineMilliseconds / 3);
            return shape(await this.#transport.request(request, Math.max(1, end - Date.now())));
        } catch (error) {
            if (isFrameworkSignal(error)) throw error;
            this.#report(error instanceof AttuneError ? error : new AttuneError("invalid_answer"));
            return fallback(id);
        }
    }

    #post(userId, action, value) {
        const id = userIdOf(userId);
        const body = json(value);
        return { lane: userLane(id), userId: id, id: uuid(), path: `${this.#user(id)}/${action}`, body, bytes: byteLength(body) };
    }

    #queue(make) {
        try {
            const item = make();
            if (this.#outbox.add(item)) this.#keepAlive(item);
        } catch (error) {
            this.#report(error instanceof AttuneError ? error : new AttuneError("invalid_argument"));
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
        const [{ path, id, body }] = group;
        const common = { method: "POST", keepalive: true, isBackground: true };
        const timeout = this.#limits.requestTimeoutMilliseconds;
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

    #report(error) {
        const { onError } = this.#hooks;
        try {
            if (onError) Promise.resolve(onError(error)).catch(() => {});
            else this.#tell(error);
        } catch {
            // The hook's own failure is not the page's.
        }
    }

    #tell({ reason, message }) {
        if (Date.now() - (this.#told.get(reason) ?? -Infinity) < QUIET_MILLISECONDS) return;
        this.#told.set(reason, Date.now());
        globalThis.console?.warn?.(`attune: ${message}`);
    }
}
