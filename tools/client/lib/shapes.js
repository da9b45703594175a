// SPDX-License-Identifier: Apache-2.0
// Answers as programs of engines in the application's own process read them: with links, and with the names that they use.
import { AttuneError } from "./errors.js";
import { fallbackProfile } from "./fallback.js";

/** @typedef {(feature: string) => string} LinkTo */

/** @type {LinkTo} */
export const defaultLink = (feature) => `/${encodeURIComponent(feature)}`;

function list(value) {
    if (!Array.isArray(value)) throw new AttuneError("invalid_answer");
    return value;
}

function filledList(value) {
    if (!list(value).length) throw new AttuneError("invalid_answer");
    return value;
}

/** @param {LinkTo} linkTo */
export const withLinks = (actions, linkTo) => filledList(actions).map((action) => ({ ...action, href: linkTo(action.action) }));

/** @param {LinkTo} linkTo */
export const nextActions = (actions, linkTo) => withLinks(actions, linkTo).map((action) => ({ ...action, context: action.description }));

/** @param {LinkTo} linkTo */
export function dashboard(answer, linkTo) {
    return {
        ...answer,
        priorityActions: withLinks(answer?.priorityActions, linkTo),
        suggestedContent: list(answer.suggestedContent).map((content) => ({ ...content, description: content.reason })),
        marketInsights: list(answer.marketInsights),
        nextBestActions: list(answer.nextBestActions).length ? nextActions(answer.nextBestActions, linkTo) : [],
    };
}

export function featureNames(answer) {
    if (!list(answer).every((name) => typeof name === "string")) throw new AttuneError("invalid_answer");
    return answer;
}

/** Every list of the profile is there, whatever the server's version. */
export function profile(answer) {
    if (!answer || typeof answer.userId !== "string") throw new AttuneError("invalid_answer");
    const { workflowPatterns, goals, ...rest } = fallbackProfile(answer.userId);
    return {
        ...rest,
        ...answer,
        workflowPatterns: { ...workflowPatterns, ...answer.workflowPatterns },
        goals: { ...goals, ...answer.goals },
    };
}
