// SPDX-License-Identifier: Apache-2.0
// The client of Attune. Times are RFC 3339 in UTC.

/** The engine for these options; the same options give the same engine, of which the hundred asked for last are kept at hand. */
export function getPersonalizationEngine(options?: EngineOptions): PersonalizationEngine;
export default getPersonalizationEngine;

export interface EngineOptions {
    /** Where Attune is; otherwise `ATTUNE_URL`, otherwise `http://127.0.0.1:8080`. */
    url?: string;
    /**
     * A secret key on servers; in browsers a user's token, or a publishable key for events. Otherwise `ATTUNE_API_KEY`. A function is asked
     * before each request, so that a rotated key is taken up; keep the function, for another one is another engine. While a key is refused
     * (401), what is tracked waits: with a function as in an outage, with text for two to three minutes.
     */
    apiKey?: string | (() => string | Promise<string>);
    /** For one read, with all its tries. Default 3,000. */
    deadlineMilliseconds?: number;
    /** For one command with all its tries, and for one try of a delivery. Default 10,000. */
    requestTimeoutMilliseconds?: number;
    /** How many events make a batch. Default 20. */
    flushAt?: number;
    /** How long an event waits for a full batch. Default 10,000. */
    flushIntervalMilliseconds?: number;
    /** How many items may wait; further ones are refused and reported. Default 10,000. */
    maxQueueSize?: number;
    /** How many deliveries run at a time. Default 4. */
    concurrency?: number;
    /** For how long delivery is tried, where the key is not refused. Default 23 hours, for the server knows idempotency keys for 24. */
    maxAgeMilliseconds?: number;
    /**
     * Called with every failure that no caller sees. Without it, failures go to the console, the same one at most once a minute.
     */
    onError?: (error: AttuneError) => void;
    /**
     * Keeps the server alive until a promise is settled: `after` of `next/server`, `ctx.waitUntil` of Cloudflare. Found by itself where
     * the platform has a request context (Vercel).
     */
    waitUntil?: (promise: Promise<unknown>) => void;
    /** The page of a feature in your application, for `href`. Without it, or where it returns nothing, `href` is the playbook's link. */
    linkTo?: (feature: string, link?: string) => string | undefined;
    /** What to show while Attune cannot be asked. */
    fallback?: Fallback;
    /** Another `fetch` than the platform's. */
    fetch?: typeof globalThis.fetch;
}

export interface Fallback {
    priorityActions?: Omit<PriorityAction, "href">[];
    suggestedContent?: Omit<SuggestedContent, "description">[];
    marketInsights?: MarketInsight[];
    nextBestActions?: Omit<NextBestAction, "href" | "context">[];
}

/** A whole number is taken as its decimal text. `.` and `..` cannot be ids here: no URL can carry them. */
export type UserId = string | number;

export interface PersonalizationEngine {
    /** Records that the user used a feature just now: queued, then sent in the background. Never fails. */
    trackFeatureUsage(userId: UserId, feature: string): Promise<void>;
    /** Records whether a piece of content worked for the user: queued, then sent in the background. Never fails. */
    trackContentPreference(userId: UserId, contentType: string, success: boolean): Promise<void>;
    /** Queues an event, Segment-shaped. Never fails. */
    track(event: AttuneEvent): Promise<void>;
    /** Queues traits of a user. Never fails. */
    identify(userId: UserId, traits?: Record<string, unknown>): Promise<void>;
    /**
     * Sends what is queued. Without a timeout it goes on through outages, and ends where a key that is text is refused.
     *
     * @returns whether everything was settled in time
     */
    flush(timeoutMilliseconds?: number): Promise<boolean>;
    /** Sends what is queued, for 5,000 ms by default, and ends. What is left is reported. @returns whether nothing was left */
    close(timeoutMilliseconds?: number): Promise<boolean>;

    /** Never fails and is never empty. Knows of what was tracked before. */
    getPersonalizedDashboard(userId: UserId): Promise<PersonalizedDashboard>;
    /** Never fails and is never empty. */
    getAISuggestions(userId: UserId, context?: SuggestionContext): Promise<AISuggestion[]>;
    /** Never fails and is never empty. */
    getNextBestActions(profileOrUserId: UserId | Pick<PersonalizationProfile, "userId">): Promise<NextBestAction[]>;
    /** Most used first; an empty list where none is known. Never fails. */
    getFrequentFeatures(userId: UserId, limit?: number): Promise<string[]>;
    /** Never fails; an empty profile where it cannot be read. */
    getProfile(userId: UserId): Promise<PersonalizationProfile>;

    /** Replaces the goals. @throws {AttuneError} */
    updateGoals(userId: UserId, goals: UserGoals): Promise<UserGoals & { goalProgress: GoalProgress[] }>;
    /** Replaces the areas. @throws {AttuneError} */
    updateMarketFocus(userId: UserId, areas: string[]): Promise<string[]>;
    /** Forgets the user's personalization, also what is still queued of it. @throws {AttuneError} */
    resetProfile(userId: UserId): Promise<void>;
    /** A token for the user's own browser. @throws {AttuneError} */
    createToken(userId: UserId, options?: { scope?: string | Scope[]; ttlSeconds?: number }): Promise<UserToken>;
    /** @throws {AttuneError} */
    getConsent(userId: UserId): Promise<Consent>;
    /** @throws {AttuneError} */
    setConsent(userId: UserId, purposes: Partial<Purposes>, options?: { source?: string }): Promise<Consent>;
    /** All that is held about the user. @throws {AttuneError} */
    exportUser(userId: UserId): Promise<Record<string, unknown>>;
    /** Erases the user, also what is still queued. @returns the signed receipt. @throws {AttuneError} */
    eraseUser(userId: UserId): Promise<ErasureReceipt>;
}

export type Priority = "high" | "medium" | "low";

export interface PriorityAction {
    title: string;
    description: string;
    /** The name of a feature. */
    action: string;
    priority: Priority;
    reason: string;
    /** The playbook's link, where the answer comes from Attune and the playbook has one. */
    link?: string;
    /** Where it leads: what `linkTo` says, or the playbook's link. Empty where neither names a page. */
    href: string;
    /** Not told by Attune; for programs that show it where it is there. */
    estimatedTime?: string;
}

export interface SuggestedContent {
    contentType: string;
    title: string;
    reason: string;
    /** The same as `reason`. */
    description: string;
}

export interface MarketInsight {
    title: string;
    description: string;
    category: "opportunity" | "trend" | "tip" | "warning";
    /** Absent where Attune could not be asked. */
    reason?: string;
    /** Not told by Attune; for programs that show them where they are there. */
    relatedFeatures?: string[];
}

export interface NextBestAction {
    /** The name of a feature. */
    action: string;
    title: string;
    description: string;
    /** 0 to 1. */
    confidence: number;
    basedOn: string[];
    /** Absent, like `link`, where Attune could not be asked. */
    reason?: string;
    link?: string;
    /** `false` where the user does not allow personalization: the action is then a stranger's. */
    personalized?: false;
    /** As in `PriorityAction`. */
    href: string;
    /** The same as `description`. */
    context: string;
}

export interface AISuggestion {
    title: string;
    description: string;
    action: string;
    priority: Priority;
    source: "ai" | "cache" | "rules" | "fallback";
    /** Absent, like `link`, where Attune could not be asked. */
    reason?: string;
    link?: string;
    /** `false` where the user does not allow personalization: the suggestion is then a stranger's. */
    personalized?: false;
    /** As in `PriorityAction`. */
    href: string;
}

export interface PersonalizedDashboard {
    userId: string;
    priorityActions: PriorityAction[];
    suggestedContent: SuggestedContent[];
    marketInsights: MarketInsight[];
    nextBestActions: NextBestAction[];
    /** `fallback`: made here, because Attune could not be asked. */
    source: "ai" | "cache" | "rules" | "fallback";
    generatedAt: string;
    /** `false` where the user does not allow personalization: the dashboard is then a stranger's. */
    personalized?: false;
    /** Why the server's AI was not asked. */
    fallbackReason?: "consent" | "timeout" | "provider_error" | "rate_limited" | "invalid_answer" | "breaker_open" | "budget" | "busy";
}

export interface SuggestionContext {
    currentPage?: string;
    recentActions?: string[];
    /** The hour, 0 to 23. */
    timeOfDay?: number;
    /** Per cent. */
    profileCompletion?: number;
}

export interface FeatureUsage {
    feature: string;
    count: number;
    firstUsedAt: string;
    lastUsedAt: string;
    /** 24 counters from midnight in the user's zone. */
    byHour: number[];
}

export interface WorkflowPatterns {
    /** `count`: how often it was walked; `weight`: that count, halved every 30 days. */
    commonSequences: { sequence: string[]; count: number; weight: number; lastSeenAt: string }[];
    /** Hour of the day → uses. */
    timeOfDayUsage: Record<string, number>;
}

export interface ContentPreference {
    contentType: string;
    successes: number;
    failures: number;
    score: number;
    lastUsedAt: string;
}

export interface UserGoals {
    shortTerm: string[];
    longTerm: string[];
}

export interface GoalProgress {
    goal: string;
    horizon: "shortTerm" | "longTerm";
    /** 0 to 1. */
    progress: number;
    status: string;
    updatedAt: string;
}

export interface PersonalizationProfile {
    userId: string;
    timeZone: string;
    featureUsage: FeatureUsage[];
    workflowPatterns: WorkflowPatterns;
    contentPreferences: ContentPreference[];
    goals: UserGoals;
    goalProgress: GoalProgress[];
    marketFocus: string[];
    /** Null for a user never seen before. */
    createdAt: string | null;
    updatedAt: string | null;
}

interface EventMembers {
    properties?: Record<string, unknown>;
    context?: Record<string, unknown>;
    /** Default: now. */
    timestamp?: string | Date;
    /** Default: a new one. The server takes each id once. */
    messageId?: string;
}

type EventSubject = { userId: UserId; anonymousId?: string } | { userId?: undefined; anonymousId: string };

type EventKind =
    | { type?: "track"; event: string }
    | { type: "page" | "screen"; name?: string }
    | { type: "identify"; traits?: Record<string, unknown> }
    | { type: "group"; groupId: string; traits?: Record<string, unknown> }
    | { type: "alias"; previousId: string };

export type AttuneEvent = EventMembers & EventSubject & EventKind;

export type Scope =
    | "personalization:read"
    | "personalization:write"
    | "events:write"
    | "profile:read"
    | "privacy:export"
    | "privacy:erase";

export interface UserToken {
    token: string;
    tokenType: "Bearer";
    expiresIn: number;
    jti: string;
}

export interface Purposes {
    analytics: boolean;
    personalization: boolean;
    marketing: boolean;
    ai: boolean;
}

export interface Consent {
    purposes: Purposes;
    source: string | null;
    updatedAt: string | null;
}

export interface ErasureReceipt {
    id: string;
    payload: string;
    protected: string;
    signature: string;
    log: Record<string, unknown>;
}

/** RFC 9457. */
export interface Problem {
    type?: string;
    title?: string;
    status?: number;
    detail?: string;
    errors?: { pointer: string; detail: string }[];
}

export type FailureReason =
    | "closed"
    | "configuration"
    | "expired"
    | "invalid_answer"
    | "invalid_argument"
    | "network"
    | "no_credential"
    | "queue_full"
    | "refused"
    | "rejected"
    | "timeout"
    | "too_large"
    | "unavailable";

/** Why a call failed. Carries no key, no address and no user. */
export class AttuneError extends Error {
    constructor(
        reason: FailureReason,
        facts?: Partial<Pick<AttuneError, "status" | "problem" | "retryAfterSeconds" | "detail" | "messageId">>,
    );
    readonly name: "AttuneError";
    readonly reason: FailureReason;
    /** The HTTP status; 0 where there was no answer. */
    readonly status: number;
    /** What the server said, where it said it. */
    readonly problem: Problem | null;
    readonly retryAfterSeconds: number | undefined;
    /** Which argument is not valid, or why an event was rejected. */
    readonly detail: string | undefined;
    /** The event that it is about. */
    readonly messageId: string | undefined;
    /** The method that failed, such as `trackFeatureUsage`; undefined for a delivery of several calls. */
    readonly call: string | undefined;
    readonly isTransient: boolean;
    readonly isOutage: boolean;
}
