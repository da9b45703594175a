// SPDX-License-Identifier: Apache-2.0
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

/** The profile of a user about whom nothing is known. @param {string} userId */
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
