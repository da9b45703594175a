// SPDX-License-Identifier: Apache-2.0
// Answers as programs of engines in the application's own process read them: with links, and with the names that they use.
import { AttuneError } from "./errors.js";
import { fallbackProfile } from "./fallback.js";

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
export const withLinks = (actions, linkOf) =>
    filledList(actions).map((action) => ({ ...action, href: linkOf(action) || "" }));

/** @param {LinkOf} linkOf */
export const nextActions = (actions, linkOf) => withLinks(actions, linkOf).map((action) => ({ ...action, context: action.description }));

/** @param {LinkOf} linkOf */
export function dashboard(answer, linkOf) {
    return {
        ...answer,
        priorityActions: withLinks(answer?.priorityActions, linkOf),
        suggestedContent: list(answer.suggestedContent).map((content) => ({ ...content, description: content.reason })),
        marketInsights: list(answer.marketInsights),
        nextBestActions: list(answer.nextBestActions).length ? nextActions(answer.nextBestActions, linkOf) : [],
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
