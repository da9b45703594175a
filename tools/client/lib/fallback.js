// SPDX-License-Identifier: Apache-2.0
// What to show while Attune cannot be asked: the first steps of the default playbook. `options.fallback` puts other texts in.

const FEATURES = [
    {
        action: "goal-planner",
        title: "Set your first goals",
        description: "Set what you want to reach this quarter and this year, and see how far you have come.",
        priority: "high",
    },
    {
        action: "agent-profile",
        title: "Name the market you work in",
        description: "Tell who you are and which part of the market you work in; everything else is tuned to it.",
        priority: "high",
    },
    {
        action: "marketing-plan",
        title: "Make your marketing plan",
        description: "A twelve-week plan with audiences, channels and a budget that you can keep to.",
        priority: "medium",
    },
];

const CONTENT = [
    {
        contentType: "social-post",
        title: "Social post",
        reason: "Short, visual and quick to make: a good way to be seen every week.",
    },
    {
        contentType: "email-campaign",
        title: "Email campaign",
        reason: "Reaches the people who know you already, where most repeat business comes from.",
    },
    {
        contentType: "market-report",
        title: "Market report",
        reason: "Local figures with your reading of them: what sellers save and pass on.",
    },
];

const INSIGHTS = [
    {
        title: "One message everywhere",
        description: "Where website, profile and yard sign say three different things, none is remembered. Choose one sentence.",
        category: "tip",
    },
    {
        title: "Local beats national",
        description: "Buyers can read national headlines anywhere. Figures for their own few streets they can read only with you.",
        category: "trend",
    },
];

const REASON = "A good place to start, whatever you work on.";

/** @template T @param {T[] | undefined} own @param {T[]} usual @returns {T[]} copies, never none */
const pick = (own, usual) => (Array.isArray(own) && own.length ? own : usual).map((item) => ({ ...item }));

/** @param {import("../attune.js").Fallback} [own] */
export function fallbackActions(own) {
    return pick(own?.priorityActions, FEATURES.map((feature) => ({ ...feature, reason: REASON })));
}

/** @param {import("../attune.js").Fallback} [own] */
export function fallbackNextActions(own) {
    const toNext = ({ action, title, description }) => ({ action, title, description, confidence: 0, basedOn: [] });
    return pick(own?.nextBestActions, fallbackActions(own).map(toNext));
}

/** @param {import("../attune.js").Fallback} [own] */
export function fallbackSuggestions(own) {
    const toSuggestion = ({ action, title, description, priority }) => ({ title, description, action, priority, source: "fallback" });
    return fallbackActions(own).map(toSuggestion);
}

/** @param {import("../attune.js").Fallback} [own] */
export function fallbackFeatures(own) {
    return [...new Set(fallbackActions(own).map(({ action }) => action))];
}

/** @param {string} userId @param {import("../attune.js").Fallback} [own] */
export function fallbackDashboard(userId, own) {
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

/** The profile of somebody of whom nothing is known. @param {string} userId */
export function fallbackProfile(userId) {
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
