// SPDX-License-Identifier: Apache-2.0
// Made by build-cjs.cjs from attune.js and lib/. Change those.
"use strict";
const modules = {};
modules["lib/errors.js"] = (() => {
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
class AttuneError extends Error {
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
function reasonOf(status) {
    return status >= 500 || [408, 425, 429].includes(status) ? "unavailable" : "refused";
}

/** Frameworks steer by throwing (Next.js marks such errors with a `digest`); these must pass. */
function isFrameworkSignal(error) {
    return typeof error === "object" && error !== null && typeof error.digest === "string";
}
return { AttuneError, reasonOf, isFrameworkSignal };
})();
modules["lib/fallback.js"] = (() => {
// What to show while Attune is unreachable: the first steps of the default playbook. `options.fallback` replaces them.

const FEATURES = [
    {
        action: "goal-planner",
        title: "Set your first goals",
        description: "Decide what you want to achieve this quarter and this year, then track your progress.",
        priority: "high",
    },
    {
        action: "agent-profile",
        title: "Choose your market focus",
        description: "Describe yourself and the market you serve. Everything else adapts to it.",
        priority: "high",
    },
    {
        action: "marketing-plan",
        title: "Create your marketing plan",
        description: "Build a 12-week plan with audiences, channels, and a budget you can stick to.",
        priority: "medium",
    },
];

const CONTENT = [
    {
        contentType: "social-post",
        title: "Social post",
        reason: "Short, visual, and quick to make, so you can show up every week.",
    },
    {
        contentType: "email-campaign",
        title: "Email campaign",
        reason: "Reaches people who already know you, the source of most repeat business.",
    },
    {
        contentType: "market-report",
        title: "Market report",
        reason: "Local numbers with your take on them. Sellers save these and pass them on.",
    },
];

const INSIGHTS = [
    {
        title: "One message everywhere",
        description: "If your website, profile, and yard sign say three different things, people remember none of them. Pick one message.",
        category: "tip",
    },
    {
        title: "Local beats national",
        description: "Buyers can read national headlines anywhere. Only you can give them numbers for their own neighborhood.",
        category: "trend",
    },
];

const REASON = "A good place to start.";

/** @template T @param {T[] | undefined} own @param {T[]} usual @returns {T[]} copies, never none */
const pick = (own, usual) => (Array.isArray(own) && own.length ? own : usual).map((item) => ({ ...item }));

/** @param {import("../attune.js").Fallback} [own] */
function fallbackActions(own) {
    return pick(own?.priorityActions, FEATURES.map((feature) => ({ ...feature, reason: REASON })));
}

/** @param {import("../attune.js").Fallback} [own] */
function fallbackNextActions(own) {
    const toNext = ({ action, title, description }) => ({ action, title, description, confidence: 0, basedOn: [] });
    return pick(own?.nextBestActions, fallbackActions(own).map(toNext));
}

/** @param {import("../attune.js").Fallback} [own] */
function fallbackSuggestions(own) {
    const toSuggestion = ({ action, title, description, priority }) => ({ title, description, action, priority, source: "fallback" });
    return fallbackActions(own).map(toSuggestion);
}

/** @param {string} userId @param {import("../attune.js").Fallback} [own] */
function fallbackDashboard(userId, own) {
    return {
        userId,
        priorityActions: fallbackActions(own),
        suggestedContent: pick(own?.suggestedContent, CONTENT),
        marketInsights: pick(own?.marketInsights, INSIGHTS),
        nextBestActions: fallbackNextActions(own),
        source: "fallback",
        generatedAt: new Date().toISOString(),
    };
}

/** The profile of a user about whom nothing is known. @param {string} userId */
function fallbackProfile(userId) {
    return {
        userId,
        timeZone: "UTC",
        featureUsage: [],
        workflowPatterns: { commonSequences: [], timeOfDayUsage: {} },
        contentPreferences: [],
        goals: { shortTerm: [], longTerm: [] },
        goalProgress: [],
        marketFocus: [],
        createdAt: null,
        updatedAt: null,
    };
}
return { fallbackActions, fallbackNextActions, fallbackSuggestions, fallbackDashboard, fallbackProfile };
})();
modules["lib/shapes.js"] = (() => {
// Answers as programs of engines in the application's own process read them: with links, and with the names that they use.
const { AttuneError } = modules["lib/errors.js"];
const { fallbackProfile } = modules["lib/fallback.js"];

/** @typedef {(action: {action: string, link?: string}) => string | undefined} LinkOf where an action leads; undefined: nowhere */

function list(value) {
    if (!Array.isArray(value)) throw new AttuneError("invalid_answer");
    return value;
}

function filledList(value) {
    if (!list(value).length) throw new AttuneError("invalid_answer");
    return value;
}

/** @param {LinkOf} linkOf */
const withLinks = (actions, linkOf) =>
    filledList(actions).map((action) => ({ ...action, href: linkOf(action) || "" }));

/** @param {LinkOf} linkOf */
const nextActions = (actions, linkOf) => withLinks(actions, linkOf).map((action) => ({ ...action, context: action.description }));

/** @param {LinkOf} linkOf */
function dashboard(answer, linkOf) {
    return {
        ...answer,
        priorityActions: withLinks(answer?.priorityActions, linkOf),
        suggestedContent: list(answer.suggestedContent).map((content) => ({ ...content, description: content.reason })),
        marketInsights: list(answer.marketInsights),
        nextBestActions: list(answer.nextBestActions).length ? nextActions(answer.nextBestActions, linkOf) : [],
    };
}

function featureNames(answer) {
    if (!list(answer).every((name) => typeof name === "string")) throw new AttuneError("invalid_answer");
    return answer;
}

/** Every list of the profile is there, whatever the server's version. */
function profile(answer) {
    if (!answer || typeof answer.userId !== "string") throw new AttuneError("invalid_answer");
    const { workflowPatterns, goals, ...rest } = fallbackProfile(answer.userId);
    return {
        ...rest,
        ...answer,
        workflowPatterns: { ...workflowPatterns, ...answer.workflowPatterns },
        goals: { ...goals, ...answer.goals },
    };
}
return { withLinks, nextActions, dashboard, featureNames, profile };
})();
modules["lib/host.js"] = (() => {
// What the surroundings offer: a browser's page, a server's process, a framework's request.

const ENGINES = Symbol.for("attune.engines");
const BUSY_ENGINES = Symbol.for("attune.busyEngines");
const WATCHED = Symbol.for("attune.watched");
const REQUEST_CONTEXTS = [Symbol.for("@next/request-context"), Symbol.for("@vercel/request-context")];

const isBrowser = () => typeof document !== "undefined";

/** Bundlers may load this module more than once in a process, so the engines are kept beside it. */
function engines() {
    return (globalThis[ENGINES] ??= new Map());
}

/** The engines that have something to send, whether they are kept at hand or not. */
function busyEngines() {
    return (globalThis[BUSY_ENGINES] ??= new Set());
}

/** How many engines are kept at hand: every key, and every user's token, has one of its own. */
const ENGINES_MAX = 100;

/**
 * Keeps an engine. Where there are too many, the one goes that was not asked for the longest, an idle one where there is any: it sends what
 * it has, and goes on working for whoever holds it.
 */
function keepEngine(identity, engine) {
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
function watchHost() {
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
function requestWaitUntil() {
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
function uuid() {
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
const byteLength = (text) => encoder.encode(text).length;
return { isBrowser, engines, busyEngines, keepEngine, watchHost, requestWaitUntil, uuid, byteLength };
})();
modules["lib/arguments.js"] = (() => {
const { AttuneError } = modules["lib/errors.js"];
const { byteLength, uuid } = modules["lib/host.js"];

const EVENT_BYTES = 32 * 1024;
const EVENT_TYPES = ["track", "page", "screen", "identify", "group", "alias"];

const invalid = (detail) => new AttuneError("invalid_argument", { detail });

/**
 * @param {unknown} value
 * @returns {string}
 * @throws {AttuneError} where no path can carry it: URLs swallow `.` and `..`, even encoded
 */
function userIdOf(value) {
    const id = Number.isSafeInteger(value) ? String(value) : value;
    if (typeof id !== "string" || !id || id === "." || id === "..") throw invalid("userId");
    return id;
}

/** Percent-encoded, exactly once. @param {string} userId */
function encoded(userId) {
    try {
        return encodeURIComponent(userId);
    } catch {
        throw invalid("userId");
    }
}

/** @param {unknown} value @param {string} detail */
function textOf(value, detail) {
    if (typeof value !== "string" || !value) throw invalid(detail);
    return value;
}

/** @param {unknown} value */
function json(value) {
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
function eventItem(event) {
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
return { userIdOf, encoded, textOf, json, eventItem };
})();
modules["lib/breaker.js"] = (() => {
const OPEN_MILLISECONDS = 5_000;
const OPEN_MILLISECONDS_MAX = 60_000;

/**
 * After a failure that says that the server is out of reach, nobody waits for it for five seconds, or for as long as it asks. Then one
 * request finds out whether it is back; meanwhile the others still do not wait.
 */
class Breaker {
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
return { Breaker };
})();
modules["lib/backoff.js"] = (() => {
const LONGEST_WAIT_MILLISECONDS = 24 * 3_600_000;

/**
 * How long to wait before the next try: exponential with full jitter, and never less than the server asks for.
 *
 * @param {number} failures how many tries have failed, at least 1
 * @param {{retryAfterSeconds?: number, baseMilliseconds?: number, capMilliseconds?: number}} [options]
 */
function waitMilliseconds(failures, { retryAfterSeconds = 0, baseMilliseconds = 500, capMilliseconds = 30_000 } = {}) {
    const ceiling = Math.min(capMilliseconds, baseMilliseconds * 2 ** Math.min(failures, 20));
    return Math.min(retryAfterSeconds * 1_000 + Math.random() * ceiling, LONGEST_WAIT_MILLISECONDS);
}

/**
 * @param {string | null} value a `Retry-After` header: seconds or an HTTP date
 * @returns {number | undefined}
 */
function retryAfterSeconds(value) {
    if (!value) return undefined;
    if (/^\s*\d+\s*$/.test(value)) return Number(value);
    const until = Date.parse(value);
    return Number.isNaN(until) ? undefined : Math.max(0, (until - Date.now()) / 1_000);
}

/** @param {number} milliseconds */
const sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/**
 * @template T
 * @param {Promise<T>} promise
 * @param {number} milliseconds
 * @param {T} otherwise what to give when the time is over
 */
async function within(promise, milliseconds, otherwise) {
    if (milliseconds === Infinity) return promise;
    let timer;
    const late = new Promise((resolve) => (timer = setTimeout(resolve, Math.max(0, milliseconds), otherwise)));
    return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
return { waitMilliseconds, retryAfterSeconds, sleep, within };
})();
modules["lib/lane.js"] = (() => {
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
class Lane {
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
return { Lane };
})();
modules["lib/outbox.js"] = (() => {
const { waitMilliseconds, within } = modules["lib/backoff.js"];
const { AttuneError } = modules["lib/errors.js"];
const { Lane } = modules["lib/lane.js"];

/** The lane of events, which go in batches. */
const EVENTS = "events";

/** The lane of feature uses and content results, which go in batches too. Every other lane is one user's and sends one item at a time. */
const PERSONALIZATION = "personalization";

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
class Outbox {
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
const userLane = (userId) => `user ${userId}`;
return { EVENTS, PERSONALIZATION, Outbox, userLane };
})();
modules["lib/transport.js"] = (() => {
const { retryAfterSeconds, sleep, waitMilliseconds } = modules["lib/backoff.js"];
const { AttuneError, isFrameworkSignal, reasonOf } = modules["lib/errors.js"];
const { byteLength, isBrowser } = modules["lib/host.js"];

/** Browsers allow 64 KiB of `keepalive` bodies in flight for the whole page; some is left to others. */
const KEEPALIVE_BYTES = 60 * 1024;

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
class Transport {
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
return { KEEPALIVE_BYTES, Transport };
})();
modules["lib/engine.js"] = (() => {
const { encoded, eventItem, json, textOf, userIdOf } = modules["lib/arguments.js"];
const { Breaker } = modules["lib/breaker.js"];
const { sleep } = modules["lib/backoff.js"];
const { AttuneError, isFrameworkSignal } = modules["lib/errors.js"];
const { fallbackDashboard, fallbackNextActions, fallbackProfile, fallbackSuggestions } = modules["lib/fallback.js"];
const { busyEngines, byteLength, isBrowser, requestWaitUntil, uuid } = modules["lib/host.js"];
const { EVENTS, Outbox, PERSONALIZATION, userLane } = modules["lib/outbox.js"];
const shapes = modules["lib/shapes.js"];
const { Transport } = modules["lib/transport.js"];

/** For how long a framework is asked to stay alive for one item. */
const KEEP_ALIVE_MILLISECONDS = 30_000;
/** A whole user's data may take its time. */
const PRIVACY_MILLISECONDS = 60_000;
/** How often the same failure is told on the console, where nobody listens. */
const QUIET_MILLISECONDS = 60_000;
/** How many different failures are remembered for that. */
const TOLD_MAX = 100;

/** Personalization of one tenant's users. Made by `getPersonalizationEngine`. */
class PersonalizationEngine {
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
return { PersonalizationEngine };
})();
modules["lib/options.js"] = (() => {
const DEFAULTS = {
    deadlineMilliseconds: 3_000,
    requestTimeoutMilliseconds: 10_000,
    flushAt: 20,
    flushIntervalMilliseconds: 10_000,
    maxQueueSize: 10_000,
    concurrency: 4,
    // The server remembers idempotency keys for 24 hours; a retry after that could count twice.
    maxAgeMilliseconds: 23 * 3_600_000,
};

/** Read member by member, so that bundlers can put the values in. Edge runtimes may have no `process`. */
function environment() {
    if (typeof process === "undefined" || !process.env) return {};
    return { url: process.env.ATTUNE_URL, apiKey: process.env.ATTUNE_API_KEY };
}

/**
 * @param {string | undefined} text
 * @returns {string | null} the base without a slash at its end; null where it is none
 */
function baseURL(text) {
    try {
        const url = new URL(text ?? "http://127.0.0.1:8080");
        const plain = /^https?:$/.test(url.protocol) && !url.username && !url.password;
        return plain ? url.origin + url.pathname.replace(/\/+$/, "") : null;
    } catch {
        return null;
    }
}

/** A positive integer as a timer takes it, or the default. */
function limit(value, fallback) {
    return Number.isFinite(value) && value >= 1 ? Math.min(Math.floor(value), 2 ** 31 - 1) : fallback;
}

/** Of each function that gives keys, its number: another function can mean another tenant. */
const NUMBERS = Symbol.for("attune.keyFunctions");
function numberOf(keyFunction) {
    const known = (globalThis[NUMBERS] ??= { last: 0, numbers: new WeakMap() });
    if (!known.numbers.has(keyFunction)) known.numbers.set(keyFunction, (known.last += 1));
    return known.numbers.get(keyFunction);
}

/** @param {import("../attune.js").EngineOptions} options */
function resolveOptions({ fallback, fetch, linkTo, onError, waitUntil, ...given }) {
    const fromEnvironment = environment();
    const limits = Object.fromEntries(Object.entries(DEFAULTS).map(([name, value]) => [name, limit(given[name], value)]));
    const base = baseURL((given.url || fromEnvironment.url)?.trim() || undefined);
    const isFunction = typeof given.apiKey === "function";
    const apiKey = isFunction ? given.apiKey : (given.apiKey || fromEnvironment.apiKey || "").trim();
    const hooks = { fallback, fetch, linkTo, onError, waitUntil };
    return { base, apiKey, limits, hooks, identity: JSON.stringify([base, isFunction ? numberOf(apiKey) : apiKey, ...Object.values(limits)]) };
}
return { resolveOptions };
})();
modules["attune.js"] = (() => {
/**
 * The client of Attune: says what users do, and reads what to show them.
 *
 * Needs `fetch` and timers only, so it runs in Node.js 18 and later, in edge runtimes and in browsers.
 */
const { PersonalizationEngine } = modules["lib/engine.js"];
const { engines, keepEngine, watchHost } = modules["lib/host.js"];
const { resolveOptions } = modules["lib/options.js"];

const { AttuneError } = modules["lib/errors.js"];

/**
 * The engine for these options. The same options give the same engine, also across bundles of one process; `fallback`, `fetch`, `linkTo`,
 * `onError` and `waitUntil` are not part of that: the ones given last are used. A hundred engines are kept at hand, those asked for last.
 *
 * @param {import("./attune.js").EngineOptions} [options] defaults come from `ATTUNE_URL` and `ATTUNE_API_KEY`
 * @returns {import("./attune.js").PersonalizationEngine}
 */
function getPersonalizationEngine(options = {}) {
    const resolved = resolveOptions(options);
    const known = engines();
    let engine = known.get(resolved.identity);
    if (engine) {
        engine.adopt(resolved.hooks);
    } else {
        engine = new PersonalizationEngine(resolved, () => {
            if (known.get(resolved.identity) === engine) known.delete(resolved.identity);
        });
        watchHost();
    }
    keepEngine(resolved.identity, engine);
    return engine;
}
return { AttuneError, default: getPersonalizationEngine, getPersonalizationEngine };
})();
Object.defineProperty(exports, "__esModule", { value: true });
Object.assign(exports, modules["attune.js"]);
