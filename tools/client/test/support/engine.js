import { getPersonalizationEngine } from "../../attune.js";

/** An engine that keeps its errors, and is closed with its test. */
export function engineFor(context, options) {
    const errors = [];
    const engine = getPersonalizationEngine({ apiKey: "att_ut_test", onError: (error) => errors.push(error), ...options });
    context.after(() => engine.close(50));
    return { engine, errors };
}

export const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Lets promises and (real) I/O that is ready go on, while the clock is mocked. */
export async function settle() {
    for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

/** A `fetch` that answers from a list, the last one for ever. */
export function scriptedFetch(...answers) {
    const calls = [];
    const fetch = async (url, init) => {
        const [status, headers, body] = answers[Math.min(calls.length, answers.length - 1)];
        calls.push({ url, ...init, at: Date.now() });
        if (!status) throw new TypeError("fetch failed");
        return new Response(status === 204 ? null : body ?? "{}", { status, headers });
    };
    return { fetch, calls };
}
