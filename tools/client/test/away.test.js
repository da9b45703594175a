// While the server is out of reach: nobody waits for it twice, and what was said meanwhile arrives in few requests, once.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { test } from "node:test";
import { engineFor, pause, scriptedFetch } from "./support/engine.js";

const SECRET = "att_sk_0123456789abcdefghijABCDEFGHIJ";

/** A server that takes batches of uses and content results, or does with a request what the test says. */
async function startTaker(context, handle = () => undefined) {
    const taken = { requests: [], items: [] };
    const known = new Set();
    const server = createServer(async (request, response) => {
        let text = "";
        for await (const chunk of request) text += chunk;
        taken.requests.push({ url: request.url, body: text && JSON.parse(text), key: request.headers["idempotency-key"] });
        const results = (JSON.parse(text || "{}").items ?? []).map((item) => {
            if (item.feature === "bad") return { id: item.id, status: "rejected", reason: "invalid" };
            if (known.has(item.id)) return { id: item.id, status: "duplicate" };
            known.add(item.id);
            taken.items.push(item);
            return { id: item.id, status: "accepted" };
        });
        const status = handle(request, taken.requests.length);
        if (status === 0) return void request.socket.destroy();
        response.writeHead(status ?? 202, { "content-type": "application/json" });
        response.end(JSON.stringify({ results }));
    });
    await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
    context.after(() => {
        server.closeAllConnections();
        return new Promise((resolve) => server.close(resolve));
    });
    return Object.assign(taken, { url: `http://127.0.0.1:${server.address().port}` });
}

test("ten dashboards while the server is away take less than three seconds", async (context) => {
    const { engine, errors } = engineFor(context, { url: "http://127.0.0.1:9" });
    const start = Date.now();
    const times = [];
    for (let turn = 0; turn < 10; turn += 1) {
        const begun = Date.now();
        assert.equal((await engine.getPersonalizedDashboard("ada")).source, "fallback");
        times.push(Date.now() - begun);
    }
    assert.ok(Date.now() - start < 3_000, `${times}`);
    assert.ok(times.slice(1).every((time) => time < 50), `${times}`);
    assert.equal(errors.length, 10);
});

test("a command fails fast while the server is away, whether a read has noticed it or not", async (context) => {
    for (const noticed of [false, true]) {
        const { engine } = engineFor(context, { url: `http://127.0.0.1:9/${noticed}` });
        if (noticed) await engine.getProfile("ada");
        const start = Date.now();
        await assert.rejects(engine.updateGoals("ada", { shortTerm: [], longTerm: [] }), { reason: "network", call: "updateGoals" });
        assert.ok(Date.now() - start < 1_500);
    }
});

test("after five seconds one read looks whether the server is back, and then all go again", async (context) => {
    context.mock.timers.enable({ apis: ["Date"], now: 1_800_000_000_000 });
    const answers = { isUp: false };
    let calls = 0;
    const fetch = async () => {
        calls += 1;
        if (!answers.isUp) throw new TypeError("fetch failed");
        return new Response('["a"]', { status: 200 });
    };
    const { engine } = engineFor(context, { url: "http://away.test", fetch });
    assert.deepEqual(await engine.getFrequentFeatures("ada"), []);
    const tries = calls;
    assert.deepEqual(await engine.getFrequentFeatures("ada"), []);
    assert.equal(calls, tries);
    answers.isUp = true;
    context.mock.timers.tick(4_900);
    assert.deepEqual(await engine.getFrequentFeatures("ada"), []);
    context.mock.timers.tick(200);
    const [probe, other] = await Promise.all([engine.getFrequentFeatures("ada"), engine.getFrequentFeatures("ben")]);
    assert.deepEqual([probe, other], [["a"], []]);
    assert.deepEqual(await engine.getFrequentFeatures("ben"), ["a"]);
});

test("what one user's request is refused does not open it", async (context) => {
    const { fetch, calls } = scriptedFetch([404], [500], [401], [200, {}, '["a"]']);
    const { engine } = engineFor(context, { url: "http://refused.test", fetch, deadlineMilliseconds: 200 });
    for (let turn = 0; turn < 3; turn += 1) await engine.getFrequentFeatures("ada");
    assert.deepEqual(await engine.getFrequentFeatures("ada"), ["a"]);
    assert.ok(calls.length >= 4);
});

test("30 calls made while the server was away arrive in at most three requests, each once and in order", async (context) => {
    let isAway = true;
    const taken = await startTaker(context, () => (isAway ? 0 : undefined));
    const { engine, errors } = engineFor(context, { url: taken.url, apiKey: SECRET });
    for (let turn = 0; turn < 30; turn += 1) {
        if (turn % 3) await engine.trackFeatureUsage(`user-${turn % 4}`, `feature-${turn}`);
        else await engine.trackContentPreference(`user-${turn % 4}`, `content-${turn}`, true);
    }
    await pause(300);
    isAway = false;
    const before = taken.requests.length;
    assert.equal(await engine.flush(20_000), true);
    assert.ok(taken.requests.length - before <= 3, `${taken.requests.length - before}`);
    assert.ok(taken.requests.every(({ url }) => url === "/api/personalization/batch"));
    assert.deepEqual(taken.items.map(({ feature, contentType }) => Number((feature ?? contentType).split("-")[1])), [...Array(30).keys()]);
    assert.ok(taken.items.every(({ id, userId, type }) => id && userId && type));
    assert.deepEqual(errors, []);
});

test("what is said in one turn goes in one request; one bad item costs itself only", async (context) => {
    const taken = await startTaker(context);
    const { engine, errors } = engineFor(context, { url: taken.url, apiKey: SECRET });
    await Promise.all(["a", "bad", "b"].map((feature) => engine.trackFeatureUsage("ada", feature)));
    assert.equal(await engine.flush(5_000), true);
    assert.equal(taken.requests[0].body.items.length, 3);
    assert.ok(taken.requests.length <= 2);
    assert.deepEqual(taken.items.map(({ feature }) => feature), ["a", "b"]);
    // The bad one is sent once more without its time, in case that was what was wrong with it.
    assert.deepEqual(errors.map(({ reason, detail }) => [reason, detail]), [["rejected", "invalid"]]);
});

test("a batch that fails as a whole is halved until the item is found", async (context) => {
    const taken = await startTaker(context);
    const poison = async (url, init) => {
        if (url.endsWith("/batch") && init.body.includes("poison")) return new Response("{}", { status: 422 });
        return globalThis.fetch(url, init);
    };
    const { engine, errors } = engineFor(context, { url: taken.url, apiKey: SECRET, fetch: poison });
    const features = Array.from({ length: 20 }, (_, index) => (index === 13 ? "poison" : `feature-${index}`));
    for (const feature of features) void engine.trackFeatureUsage("ada", feature);
    assert.equal(await engine.flush(10_000), true);
    assert.equal(taken.items.length, 19);
    assert.deepEqual(errors.map(({ status }) => status), [422]);
});

test("whoever has no secret key sends one by one", async (context) => {
    const taken = await startTaker(context, ({ url }) => (url.endsWith("/batch") ? 403 : undefined));
    for (const apiKey of ["token-of-ada", () => "token-of-ada"]) {
        const { engine, errors } = engineFor(context, { url: taken.url, apiKey });
        taken.requests.length = 0;
        for (let turn = 0; turn < 3; turn += 1) void engine.trackFeatureUsage("ada", `feature-${turn}`);
        assert.equal(await engine.flush(5_000), true);
        const single = taken.requests.filter(({ url }) => url.endsWith("/feature-usage"));
        assert.deepEqual(single.map(({ body }) => body.feature), ["feature-0", "feature-1", "feature-2"]);
        assert.equal(new Set(single.map(({ key }) => key)).size, 3);
        assert.deepEqual(errors, []);
    }
});

test("the playbook's link is where an action leads, and nothing else is made up", async (context) => {
    const actions = [{ action: "a", title: "A", description: "A", link: "/goals" }, { action: "b", title: "B", description: "B" }];
    const { fetch } = scriptedFetch([200, {}, JSON.stringify(actions)]);
    const { engine } = engineFor(context, { url: "http://links.test", fetch });
    assert.deepEqual((await engine.getNextBestActions("ada")).map(({ href }) => href), ["/goals", ""]);
    const { engine: own } = engineFor(context, { url: "http://links.test/own", fetch, linkTo: (feature, link) => (link ? `/app${link}` : undefined) });
    assert.deepEqual((await own.getNextBestActions("ada")).map(({ href }) => href), ["/app/goals", ""]);
});
