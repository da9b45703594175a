// What a page gets, whatever happens; and what the surroundings give.
import assert from "node:assert/strict";
import { test } from "node:test";
import defaultExport, { AttuneError, getPersonalizationEngine } from "../attune.js";
import { engineFor, pause, scriptedFetch } from "./support/engine.js";
import { startFake } from "./support/fake.js";
import { faults, startProxy } from "./support/proxy.js";

const SECRET = "att_sk_0123456789abcdefghijABCDEFGHIJ_secret";

function checkDashboard(dashboard, userId) {
    assert.equal(dashboard.source, "fallback");
    assert.equal(dashboard.userId, userId);
    assert.ok(Date.parse(dashboard.generatedAt));
    for (const section of ["priorityActions", "suggestedContent", "marketInsights", "nextBestActions"]) assert.ok(dashboard[section].length, section);
    for (const { title, description, action, priority, reason, href } of dashboard.priorityActions) {
        assert.ok(title && description && action && reason);
        assert.equal(href, "", "nobody has said where it leads");
        assert.ok(["high", "medium", "low"].includes(priority));
    }
    for (const { contentType, title, reason, description } of dashboard.suggestedContent) assert.ok(contentType && title && reason && description);
    for (const { title, description, category } of dashboard.marketInsights) {
        assert.ok(title && description && ["opportunity", "trend", "tip", "warning"].includes(category));
    }
    for (const { action, title, context, basedOn } of dashboard.nextBestActions) assert.ok(action && title && context && basedOn);
}

async function checkReads(engine) {
    checkDashboard(await engine.getPersonalizedDashboard("ada"), "ada");
    assert.ok((await engine.getAISuggestions("ada", { timeOfDay: 9 })).every(({ source }) => source === "fallback"));
    assert.ok((await engine.getNextBestActions({ userId: "ada" })).length);
    assert.deepEqual(await engine.getFrequentFeatures("ada"), []);
    assert.deepEqual(await engine.getFrequentFeatures(""), []);
    assert.deepEqual((await engine.getProfile("ada")).workflowPatterns, { commonSequences: [], timeOfDayUsage: {} });
}

test("every fault on the way gives the fallback, in time", async (context) => {
    const target = await startFake();
    context.after(() => target.stop());
    for (const fault of Object.keys(faults)) {
        const proxy = await startProxy(target.url, () => fault);
        const { engine, errors } = engineFor(context, { url: proxy.url, deadlineMilliseconds: 120 });
        const start = Date.now();
        await checkReads(engine);
        assert.ok(Date.now() - start < 5 * 120 + 400, fault);
        assert.equal(errors.length, 6, fault);
        await proxy.stop();
    }
});

for (const [name, body] of Object.entries({ "no JSON": "<html>", "null": "null", "a number": "7", "another shape": '{"priorityActions":7}', "nothing": "" })) {
    test(`an answer that is ${name} gives the fallback`, async (context) => {
        const { fetch } = scriptedFetch([200, {}, body]);
        const { engine } = engineFor(context, { url: "http://reading.test", fetch, deadlineMilliseconds: 60, flushAt: name.length });
        checkDashboard(await engine.getPersonalizedDashboard("ada"), "ada");
        assert.ok((await engine.getAISuggestions("ada")).length);
        assert.equal((await engine.getProfile("ada")).userId, "ada");
    });
}

test("ids that no path can carry reach no route", async (context) => {
    const { fetch, calls } = scriptedFetch([200, {}, "{}"]);
    const { engine, errors } = engineFor(context, { url: "http://ids.test", fetch });
    for (const id of ["", ".", "..", "\udc00", null, undefined, {}, 1.5, NaN, true]) {
        assert.equal((await engine.getPersonalizedDashboard(id)).source, "fallback");
        for (const method of ["resetProfile", "eraseUser", "exportUser", "getConsent", "setConsent", "createToken", "updateGoals"]) {
            if (id === "\udc00" && method === "createToken") continue; // In a body, not in a path: the server judges it.
            await assert.rejects(engine[method](id, {}), { name: "AttuneError", reason: "invalid_argument", status: 0 }, `${method}(${String(id)})`);
        }
    }
    assert.equal(calls.length, 0);
    assert.equal(errors.length, 10);
});

test("no key, address or user in any error", async (context) => {
    const echo = { status: 403, title: `no: ${SECRET}` };
    const attempts = [
        { fetch: async (url, { headers }) => { throw new TypeError(`${url} ${headers.Authorization}`); } },
        { fetch: async () => new Response(JSON.stringify(echo), { status: 403 }) },
        { apiKey: `${SECRET}\nx` },
    ];
    for (const options of attempts) {
        const { engine, errors } = engineFor(context, { url: "http://127.0.0.1:9", apiKey: SECRET, deadlineMilliseconds: 60, requestTimeoutMilliseconds: 60, ...options });
        await engine.getProfile("secret-user");
        await engine.updateGoals("secret-user", {}).catch((error) => errors.push(error));
        assert.equal(errors.length, 2);
        for (const error of errors) {
            assert.ok(error instanceof AttuneError);
            const text = [error.stack, JSON.stringify(error), JSON.stringify(error.problem), String(error.cause)].join();
            assert.doesNotMatch(text, /att_sk|secret-user|127\.0\.0\.1/);
        }
    }
});

test("without a key, or with a wrong URL: the page works, and the reason is told", async (context) => {
    for (const options of [{ apiKey: "" }, { url: "not a url" }, { url: "ftp://x" }, { url: "http://user:pass@127.0.0.1" }]) {
        const { engine, errors } = engineFor(context, { ...options, deadlineMilliseconds: 77 });
        await checkReads(engine);
        await engine.trackFeatureUsage("ada", "x");
        await engine.flush();
        await assert.rejects(engine.getConsent("ada"), { reason: "configuration" });
        assert.deepEqual([...new Set(errors.map(({ reason }) => reason))].sort(), ["configuration", "invalid_argument"]);
    }
});

test("a hook that throws does no harm", async (context) => {
    const broken = () => { throw new Error("mine"); };
    const { engine } = engineFor(context, { url: "http://127.0.0.1:1", onError: broken, linkTo: broken, waitUntil: broken, deadlineMilliseconds: 50 });
    await checkReads(engine);
    await engine.trackFeatureUsage("ada", "x");
    const { engine: later } = engineFor(context, { url: "http://127.0.0.1:2", onError: async () => broken(), deadlineMilliseconds: 50 });
    await checkReads(later);
    await pause(10);
});

test("links and fallback are the application's", async (context) => {
    const fallback = { priorityActions: [{ title: "T", description: "D", action: "start", priority: "low", reason: "R" }] };
    const { engine } = engineFor(context, { url: "http://127.0.0.1:1", deadlineMilliseconds: 51, fallback, linkTo: (feature) => `/tools/${feature}` });
    const dashboard = await engine.getPersonalizedDashboard("ada");
    assert.deepEqual(dashboard.priorityActions, [{ ...fallback.priorityActions[0], href: "/tools/start" }]);
    assert.equal(dashboard.nextBestActions[0].href, "/tools/start");
    assert.deepEqual(await engine.getFrequentFeatures("ada"), []);
    dashboard.priorityActions.length = 0;
    assert.equal((await engine.getPersonalizedDashboard("ada")).priorityActions.length, 1);
});

test("what a framework throws to steer passes through", async (context) => {
    const signal = Object.assign(new Error("Dynamic server usage"), { digest: "DYNAMIC_SERVER_USAGE" });
    const { engine } = engineFor(context, { url: "http://127.0.0.1:1", fetch: async () => { throw signal; } });
    await assert.rejects(engine.getPersonalizedDashboard("ada"), signal);
});

test("requests are neither cached nor redirected", async (context) => {
    const { fetch, calls } = scriptedFetch([302, { location: "http://elsewhere.test" }]);
    const { engine } = engineFor(context, { url: "http://init.test/base/", fetch });
    await engine.getProfile("a/b%");
    assert.equal(calls.length, 1);
    assert.equal(calls[0].url, "http://init.test/base/api/personalization/users/a%2Fb%25");
    assert.deepEqual([calls[0].cache, calls[0].redirect, calls[0].keepalive], ["no-store", "manual", undefined]);
});

test("the same options give the same engine, the environment's too", async (context) => {
    const one = getPersonalizationEngine({ url: "http://same.test", apiKey: "k" });
    assert.equal(getPersonalizationEngine({ apiKey: "k", url: "http://same.test/", onError() {} }), one);
    assert.notEqual(getPersonalizationEngine({ url: "http://same.test", apiKey: "other" }), one);
    Object.assign(process.env, { ATTUNE_URL: "http://same.test", ATTUNE_API_KEY: " k\n" });
    context.after(() => ["ATTUNE_URL", "ATTUNE_API_KEY"].forEach((name) => delete process.env[name]));
    assert.equal(getPersonalizationEngine(), one);
    assert.equal(defaultExport, getPersonalizationEngine);
    const again = await import("../attune.js?another-bundle");
    assert.equal(again.getPersonalizationEngine(), one);
    await one.close();
    assert.notEqual(getPersonalizationEngine(), one);
});

test("in a request the framework is asked to stay until all is delivered, and no longer", async (context) => {
    for (const symbol of ["@next/request-context", "@vercel/request-context"].map(Symbol.for)) {
        const { fetch, calls } = scriptedFetch([503], [202]);
        const { engine } = engineFor(context, { url: "http://wait.test", fetch, flushAt: symbol.description.length });
        const kept = [];
        const request = { kept, waitUntil(promise) { this.kept.push(promise); } };
        globalThis[symbol] = { get: () => request };
        await engine.trackFeatureUsage("ada", "x");
        await engine.track({ userId: "ada", event: "a" });
        await engine.track({ userId: "ada", event: "b" });
        delete globalThis[symbol];
        assert.equal(kept.length, 3);
        assert.deepEqual(await Promise.all(kept), [true, true, true]);
        assert.ok(calls.length === 3 || calls.length === 4, `${calls.length}`);
        const [batch] = calls.filter(({ url }) => url.endsWith("/batch")).slice(-1);
        assert.deepEqual(JSON.parse(batch.body).batch.map(({ event }) => event), ["a", "b"]);
        await engine.trackFeatureUsage("ada", "x");
        assert.equal(kept.length, 3);
    }
});

test("`waitUntil` of the options comes first, and may be over", async (context) => {
    const kept = [];
    const { fetch } = scriptedFetch([202]);
    const { engine } = engineFor(context, { url: "http://own.test", fetch, waitUntil: (promise) => kept.push(promise) });
    await engine.trackFeatureUsage("ada", "x");
    assert.equal(kept.length, 1);
    getPersonalizationEngine({ url: "http://own.test", apiKey: "att_ut_test", waitUntil: () => { throw new Error("outside a request"); } });
    await engine.trackFeatureUsage("ada", "x");
    assert.equal(await engine.flush(), true);
});

test("without a hook a failure is one line on the console, which names the call and the argument", async (context) => {
    const lines = [];
    context.mock.method(console, "warn", (line) => lines.push(line));
    const engine = getPersonalizationEngine({ url: "http://127.0.0.1:3", apiKey: SECRET, deadlineMilliseconds: 50 });
    for (let turn = 0; turn < 3; turn += 1) await engine.getProfile("ada");
    assert.deepEqual(lines, ["attune: getProfile: Attune could not be reached.", "attune: getProfile: Attune is unavailable right now."]);
    await engine.trackFeatureUsage("ada", "");
    await engine.trackFeatureUsage("", "x");
    await engine.getFrequentFeatures("");
    assert.deepEqual(lines.slice(2), [
        'attune: trackFeatureUsage: The argument "feature" is not valid.',
        'attune: trackFeatureUsage: The argument "userId" is not valid.',
        'attune: getFrequentFeatures: The argument "userId" is not valid.',
    ]);
    await engine.close(1);
});
