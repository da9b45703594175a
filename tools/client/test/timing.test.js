// Back-off, deadlines and intervals, with a clock of the test's.
import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { retryAfterSeconds, waitMilliseconds } from "../lib/backoff.js";
import { getPersonalizationEngine } from "../attune.js";
import { engines } from "../lib/host.js";
import { engineFor, scriptedFetch, settle } from "./support/engine.js";

let base = 0;
/** A mocked clock, and an engine whose `fetch` answers from a list. */
function set(context, answers, options) {
    mock.timers.enable({ apis: ["setTimeout", "Date"], now: 1_800_000_000_000 });
    context.after(() => mock.timers.reset());
    const { fetch, calls } = scriptedFetch(...answers);
    return { calls, ...engineFor(context, { url: `http://timing.test/${(base += 1)}`, fetch, ...options }) };
}

async function advance(milliseconds, step = 100) {
    for (let passed = 0; passed < milliseconds; passed += step) {
        mock.timers.tick(step);
        await settle();
    }
}

test("full jitter: between nothing and a ceiling that doubles, up to 30 s", () => {
    for (const [failures, ceiling] of [[1, 1_000], [2, 2_000], [5, 16_000], [6, 30_000], [60, 30_000]]) {
        const waits = Array.from({ length: 500 }, () => waitMilliseconds(failures));
        assert.ok(Math.max(...waits) <= ceiling && Math.max(...waits) > ceiling * 0.9);
        assert.ok(Math.min(...waits) < ceiling * 0.1);
    }
    assert.ok(waitMilliseconds(1, { retryAfterSeconds: 60 }) >= 60_000);
    assert.ok(waitMilliseconds(1, { retryAfterSeconds: 1e9 }) <= 24 * 3_600_000);
});

test("Retry-After in seconds, as a date, and as nonsense", () => {
    assert.equal(retryAfterSeconds("120"), 120);
    assert.ok(Math.abs(retryAfterSeconds(new Date(Date.now() + 60_000).toUTCString()) - 60) < 2);
    assert.equal(retryAfterSeconds("Wed, 21 Oct 2015 07:28:00 GMT"), 0);
    assert.equal(retryAfterSeconds("soon"), undefined);
    assert.equal(retryAfterSeconds(null), undefined);
});

test("events wait ten seconds for a full batch", async (context) => {
    const { engine, calls } = set(context, [[202]]);
    await engine.track({ userId: "ada", event: "a" });
    await advance(9_900);
    assert.equal(calls.length, 0);
    await advance(200);
    assert.equal(calls.length, 1);
    await engine.track({ userId: "ada", event: "b" });
    await advance(9_900);
    assert.equal(calls.length, 1);
    await advance(200);
    assert.equal(calls.length, 2);
});

test("two minutes of Retry-After are waited for, for all users", async (context) => {
    const { engine, calls } = set(context, [[429, { "retry-after": "120" }], [202]]);
    await engine.trackFeatureUsage("ada", "a");
    await settle();
    await engine.trackFeatureUsage("grace", "a");
    await advance(119_000, 1_000);
    assert.equal(calls.length, 1);
    await advance(3_000);
    assert.equal(calls.length, 3);
});

for (const status of [408, 425, 429, 500, 502, 503, 504, 0]) {
    test(`${status || "no answer"}: the same request again, with the same key`, async (context) => {
        const { engine, calls, errors } = set(context, [[status], [status], [202]]);
        await engine.trackFeatureUsage("ada", "a");
        await advance(4_000);
        assert.equal(calls.length, 3);
        assert.equal(new Set(calls.map(({ headers }) => headers["Idempotency-Key"])).size, 1);
        assert.equal(new Set(calls.map(({ body }) => body)).size, 1);
        assert.deepEqual(errors, []);
    });
}

for (const status of [301, 400, 403, 404, 409, 412, 413, 415, 422]) {
    test(`${status}: not again`, async (context) => {
        const { engine, calls, errors } = set(context, [[status]]);
        await engine.trackFeatureUsage("ada", "a");
        await engine.track({ userId: "ada", event: "a" });
        void engine.flush();
        await advance(60_000, 1_000);
        assert.equal(calls.length, 2);
        assert.deepEqual(errors.map((error) => [error.reason, error.status]), [["refused", status], ["refused", status]]);
    });
}

test("401: everything waits for a key that is taken, in its order and with the same ids", async (context) => {
    const { engine, calls, errors } = set(context, [[401], [401], [401], [202]]);
    for (const feature of ["a", "b"]) await engine.trackFeatureUsage("ada", feature);
    await settle();
    await engine.trackFeatureUsage("grace", "a");
    assert.equal(calls.length, 1);
    await advance(30_000);
    assert.equal(calls.length, 6);
    assert.equal(new Set(calls.map(({ headers }) => headers["Idempotency-Key"])).size, 3);
    const sent = calls.slice(3).filter(({ url }) => url.includes("/ada/")).map(({ body }) => JSON.parse(body).feature);
    assert.deepEqual(sent, ["a", "b"]);
    // Told once, not at each try.
    assert.deepEqual(errors.map(({ reason, status }) => [reason, status]), [["refused", 401]]);
    assert.equal(await engine.flush(), true);
});

test("401 for two minutes with a key that is text: a handful of tries, then given up, and each item told once", async (context) => {
    const { engine, calls, errors } = set(context, [[401]]);
    for (const feature of ["a", "b", "c"]) await engine.trackFeatureUsage("ada", feature);
    for (const name of ["a", "b"]) await engine.track({ userId: "grace", event: name });
    await advance(1_000);
    assert.deepEqual(errors.map(({ reason, status }) => [reason, status]), [["refused", 401]]);
    await advance(118_000, 1_000);
    assert.equal(errors.length, 1);
    await advance(70_000, 1_000);
    assert.deepEqual(errors.map(({ reason, status }) => [reason, status]), Array(5).fill(["refused", 401]));
    assert.ok(calls.length >= 4 && calls.length <= 20, `${calls.length} requests`);
    const tries = calls.length;
    await advance(3_600_000, 10_000);
    assert.equal(calls.length, tries);
    assert.equal(await engine.flush(), true);
    // What comes later has its own two minutes, and is told at once, too.
    await engine.trackFeatureUsage("ada", "d");
    await advance(1_000);
    assert.ok(calls.length > tries);
    assert.equal(errors.length, 6);
    await advance(190_000, 1_000);
    assert.equal(await engine.flush(), true);
    assert.equal(errors.length, 6);
});

test("401 for less than two minutes with a key that is text loses nothing, whatever fails between", async (context) => {
    const end = 1_800_000_000_000 + 110_000;
    const seen = [];
    const fetch = async (_, { body }) => {
        const status = Date.now() >= end ? 202 : seen.length % 2 ? 503 : 401;
        seen.push([status, body]);
        return new Response("{}", { status });
    };
    const { engine, errors } = set(context, [[202]], { fetch });
    await engine.trackFeatureUsage("ada", "a");
    await advance(60_000, 1_000);
    await engine.trackFeatureUsage("ada", "b");
    await advance(120_000, 1_000);
    const taken = seen.filter(([status]) => status === 202).map(([, body]) => JSON.parse(body).feature);
    assert.deepEqual(taken, ["a", "b"]);
    assert.equal(errors.filter(({ status }) => status === 401).length, 1);
    assert.equal(await engine.flush(), true);
});

test("401 with a key that is text: flush without a timeout ends, with one it uses the time", async (context) => {
    const { engine, calls, errors } = set(context, [[401], [401], [401], [202]]);
    for (const feature of ["a", "b"]) await engine.trackFeatureUsage("ada", feature);
    // Nothing moves the clock here: one ends with the first answer, the other at once.
    assert.equal(await engine.flush(), false);
    assert.equal(await engine.flush(), false);
    assert.equal(calls.length, 1);
    const flushed = engine.flush(45_000);
    await advance(45_000);
    assert.equal(await flushed, true);
    assert.equal(calls.length, 5);
    assert.equal(errors.length, 1);
});

test("401 with a key that is text: close ends in its time, and tells what is left", async (context) => {
    const { engine, errors } = set(context, [[401]]);
    for (const feature of ["a", "b"]) await engine.trackFeatureUsage("ada", feature);
    assert.equal(await Promise.race([engine.close(), advance(5_200).then(() => "late")]), false);
    assert.deepEqual(errors.map(({ reason }) => reason), ["refused", "closed", "closed"]);
});

test("401 for hours with a key of a function: seldom tried, and the queue keeps its bound", async (context) => {
    const { engine, calls, errors } = set(context, [[401]], { maxQueueSize: 5, flushAt: 2, apiKey: () => "att_sk_old" });
    for (let number = 0; number < 10; number += 1) await engine.track({ userId: "ada", event: "a" });
    await advance(3_600_000, 10_000);
    assert.ok(calls.length > 20 && calls.length < 500, `${calls.length} requests in an hour`);
    assert.deepEqual(errors.map(({ reason }) => reason).sort(), [...Array(5).fill("queue_full"), "refused"]);
    assert.equal(await Promise.race([engine.flush(1), advance(1_000).then(() => "late")]), false);
});

test("409 after a 401 is final: what was turned away at the door was not tried", async (context) => {
    const { engine, calls, errors } = set(context, [[401], [409]]);
    await engine.trackFeatureUsage("ada", "a");
    await advance(10_000);
    assert.equal(calls.length, 2);
    assert.deepEqual(errors.map(({ status }) => status), [401, 409]);
});

for (const isAsync of [false, true]) {
    test(`a rotated key is taken up (${isAsync ? "a promise" : "at once"})`, async (context) => {
        let key = "att_sk_old";
        const apiKey = isAsync ? async () => key : () => key;
        const { engine, calls, errors } = set(context, [[401], [202]], { apiKey });
        await engine.trackFeatureUsage("ada", "a");
        await settle();
        key = "att_sk_new";
        await advance(2_000);
        assert.deepEqual(calls.map(({ headers }) => headers.Authorization), ["Bearer att_sk_old", "Bearer att_sk_new"]);
        assert.equal(errors.length, 1);
    });
}

test("a read asks once more for a key that was refused", async (context) => {
    const keys = ["att_sk_old", "att_sk_new"];
    const { engine, calls, errors } = set(context, [[401], [200, {}, '["a"]']], { apiKey: async () => keys.shift() });
    assert.deepEqual(await engine.getFrequentFeatures("ada"), ["a"]);
    assert.equal(calls[1].headers.Authorization, "Bearer att_sk_new");
    assert.deepEqual(errors, []);
});

test("without a key for a while, nothing is lost", async (context) => {
    const answers = [() => { throw new Error("att_sk_secret"); }, () => Promise.reject(new Error("att_sk_secret")), () => undefined, () => " ", () => "att_sk_a "];
    const { engine, calls, errors } = set(context, [[202]], { apiKey: () => (answers.length > 1 ? answers.shift() : answers[0])() });
    await engine.trackFeatureUsage("ada", "a");
    await advance(60_000);
    assert.deepEqual(calls.map(({ headers }) => headers.Authorization), ["Bearer att_sk_a"]);
    // Told once, not at each try.
    assert.deepEqual(errors.map(({ reason }) => reason), ["no_credential"]);
});

test("without a key, a read gives the fallback and a command fails at once", async (context) => {
    const { engine, calls, errors } = set(context, [[200, {}, "[]"]], { apiKey: () => settle().then(() => "") });
    // Nothing here moves the clock.
    await engine.trackFeatureUsage("ada", "a");
    assert.equal((await engine.getPersonalizedDashboard("ada")).source, "fallback");
    await assert.rejects(engine.updateMarketFocus("ada", []), { reason: "no_credential" });
    assert.deepEqual(errors.map(({ reason }) => reason), ["no_credential", "no_credential"]);
    assert.equal(calls.length, 0);
});

test("by what a key's function throws, a framework steers reads and commands, and not what is tracked", async (context) => {
    const signal = Object.assign(new Error("NEXT_REDIRECT"), { digest: "NEXT_REDIRECT;replace;/sign-in;307;" });
    let isSignedIn = false;
    const apiKey = async () => {
        if (!isSignedIn) throw signal;
        return "att_sk_a";
    };
    const { engine, calls, errors } = set(context, [[202]], { apiKey });
    await assert.rejects(engine.getPersonalizedDashboard("ada"), signal);
    await assert.rejects(engine.updateMarketFocus("ada", []), signal);
    assert.deepEqual(errors, []);
    await engine.trackFeatureUsage("ada", "a");
    await advance(30_000);
    assert.deepEqual(errors.map(({ reason }) => reason), ["no_credential"]);
    isSignedIn = true;
    await advance(30_000);
    assert.equal(calls.length, 1);
    assert.equal(await engine.flush(), true);
});

test("engines do not pile up, and one that leaves delivers what it has", async (context) => {
    const { engine, calls } = set(context, [[202]]);
    await engine.track({ userId: "ada", event: "a" });
    const url = `http://timing.test/${base}`;
    const others = Array.from({ length: 300 }, (_, number) => getPersonalizationEngine({ url, apiKey: `att_sk_${number}` }));
    // The one that has something to send stays longer than the idle ones.
    assert.equal(getPersonalizationEngine({ url, apiKey: "att_ut_test", fetch: scriptedFetch([202]).fetch }), engine);
    assert.ok(engines().size <= 100);
    assert.equal(getPersonalizationEngine({ url, apiKey: "att_sk_299" }), others[299]);
    assert.notEqual(getPersonalizationEngine({ url, apiKey: "att_sk_0" }), others[0]);
    assert.equal(calls.length, 0);
    const busy = await Promise.all(
        Array.from({ length: 101 }, async (_, number) => {
            const { fetch, calls } = scriptedFetch([202]);
            await getPersonalizationEngine({ url, apiKey: `att_sk_busy_${number}`, fetch }).track({ userId: "ada", event: "a" });
            return calls;
        }),
    );
    await settle();
    assert.equal(busy[0].length, 1);
    assert.equal(busy[100].length, 0);
    await Promise.all([...engines().values()].map((each) => each.close(1)));
});

test("another function that gives keys is another engine, the same one is the same", () => {
    const keyOf = () => "att_sk_a";
    const one = getPersonalizationEngine({ apiKey: keyOf });
    assert.equal(getPersonalizationEngine({ apiKey: keyOf }), one);
    assert.notEqual(getPersonalizationEngine({ apiKey: () => "att_sk_a" }), one);
});

test("409 after a try whose fate is unknown: that try is still running, so its answer is waited for", async (context) => {
    const { engine, calls, errors } = set(context, [[0], [409], [202]]);
    await engine.trackFeatureUsage("ada", "a");
    await advance(10_000);
    assert.equal(calls.length, 3);
    assert.deepEqual(errors, []);
});

test("an outage is probed with one request at a time, and less and less often", async (context) => {
    const { engine, calls } = set(context, [[503]]);
    for (let user = 0; user < 100; user += 1) await engine.trackFeatureUsage(`user-${user}`, "a");
    await settle();
    assert.equal(calls.length, 4);
    await advance(600_000, 1_000);
    assert.ok(calls.length > 20 && calls.length < 150, `${calls.length} requests in ten minutes`);
});

test("one user's damaged record does not stop the others", async (context) => {
    const { fetch: healthy } = scriptedFetch([202]);
    const sent = [];
    const fetch = async (url, init) => {
        sent.push(url);
        return url.includes("/damaged/") ? new Response("{}", { status: 500 }) : healthy(url, init);
    };
    const { engine } = set(context, [[202]], { fetch, concurrency: 1 });
    await engine.trackFeatureUsage("damaged", "a");
    for (let user = 0; user < 10; user += 1) await engine.trackFeatureUsage(`user-${user}`, "a");
    await settle();
    assert.equal(sent.length, 11);
});

test("delivery is given up when the server could no longer know the key", async (context) => {
    const { engine, errors } = set(context, [[0]], { maxAgeMilliseconds: 60_000 });
    await engine.trackFeatureUsage("ada", "a");
    await advance(120_000, 1_000);
    assert.deepEqual(errors.map(({ reason }) => reason), ["expired"]);
    assert.equal(await engine.flush(), true);
});

test("a read has one deadline over all its tries, whatever fetch does", async (context) => {
    const { engine, errors } = set(context, [[202]], { fetch: () => new Promise(() => {}) });
    let dashboard;
    void engine.getPersonalizedDashboard("ada").then((value) => (dashboard = value));
    await advance(2_900);
    assert.equal(dashboard, undefined);
    await advance(200);
    assert.equal(dashboard.source, "fallback");
    assert.deepEqual(errors.map(({ reason }) => reason), ["timeout"]);
});

test("a body that trickles is late, too", async (context) => {
    let isAborted = false;
    const fetch = async (_, { signal }) => {
        signal.addEventListener("abort", () => (isAborted = true));
        const pull = async (controller) => {
            await settle();
            if (isAborted) controller.error(new Error("aborted"));
            else controller.enqueue(new TextEncoder().encode(" "));
        };
        return new Response(new ReadableStream({ pull }), { status: 200 });
    };
    const { engine } = set(context, [[200]], { fetch });
    let features;
    void engine.getFrequentFeatures("ada").then((value) => (features = value));
    await advance(3_100);
    assert.deepEqual(features, [], "what is not known to have been used is not told as used");
    assert.ok(isAborted);
});

test("a read is tried again inside its deadline", async (context) => {
    const { engine, calls, errors } = set(context, [[503], [0], [200, {}, '["a"]']]);
    let features;
    void engine.getFrequentFeatures("ada").then((value) => (features = value));
    await advance(2_000, 50);
    assert.deepEqual(features, ["a"]);
    assert.equal(calls.length, 3);
    assert.deepEqual(errors, []);
});

test("a read does not wait for a Retry-After beyond its deadline", async (context) => {
    const { engine, calls } = set(context, [[429, { "retry-after": "60" }]]);
    let profile;
    void engine.getProfile("ada").then((value) => (profile = value));
    await settle();
    assert.equal(profile.userId, "ada");
    assert.equal(calls.length, 1);
});

test("during an outage a read does not wait for what is queued", async (context) => {
    const { engine, calls } = set(context, [[0], [200, {}, "[]"]]);
    await engine.trackFeatureUsage("ada", "a");
    await settle();
    let features;
    void engine.getFrequentFeatures("ada").then((value) => (features = value));
    await settle();
    assert.deepEqual(features, []);
    assert.equal(calls.length, 2);
});
