// A page that goes away. Runs in a process of its own, so that the page can be put up before the client is loaded.
import assert from "node:assert/strict";
import { test } from "node:test";
import { pause, scriptedFetch } from "./support/engine.js";

const page = Object.assign(new EventTarget(), { visibilityState: "visible" });
globalThis.document = page;
const { getPersonalizationEngine } = await import("../attune.js");
const { busyEngines } = await import("../lib/host.js");

function hide() {
    page.visibilityState = "hidden";
    page.dispatchEvent(new Event("visibilitychange"));
    page.visibilityState = "visible";
}

const bytes = (calls) => calls.reduce((sum, { body }) => sum + Buffer.byteLength(body), 0);
const batchOf = ({ body }) => JSON.parse(body).batch.map(({ event }) => event);

test("what is queued goes at once, in requests that outlive the page", async () => {
    const { fetch, calls } = scriptedFetch([202]);
    const engine = getPersonalizationEngine({ url: "http://page.test/1", apiKey: "token", fetch });
    await engine.track({ userId: "me", event: "a" });
    await engine.track({ userId: "me", event: "b" });
    assert.equal(calls.length, 0);
    page.dispatchEvent(new Event("visibilitychange"));
    assert.equal(calls.length, 0);
    hide();
    assert.equal(calls.length, 1);
    assert.deepEqual(batchOf(calls[0]), ["a", "b"]);
    assert.equal(calls[0].keepalive, true);
    await pause(10);
    hide();
    assert.equal(calls.length, 1);
    await engine.close();
});

test("what was tracked through an engine that is no longer at hand goes, too", async () => {
    const { fetch, calls } = scriptedFetch([202]);
    const engine = getPersonalizationEngine({ url: "http://page.test/6", apiKey: "token", fetch });
    const others = Array.from({ length: 100 }, (_, number) => getPersonalizationEngine({ url: "http://page.test/6", apiKey: `token-${number}` }));
    await engine.track({ userId: "me", event: "a" });
    hide();
    assert.deepEqual(calls.map(batchOf), [["a"]]);
    assert.equal(await engine.flush(), true);
    // Who has nothing to send is not held.
    assert.equal(busyEngines().size, 0);
    await Promise.all([engine, ...others].map((each) => each.close()));
});

test("all requests of a hidden page together stay under 64 KiB; the rest is sent when it is seen again", async () => {
    const answers = [];
    const calls = [];
    const fetch = (url, init) => {
        calls.push({ url, ...init });
        return new Promise((resolve) => answers.push(() => resolve(new Response("{}", { status: 202 }))));
    };
    const engine = getPersonalizationEngine({ url: "http://page.test/2", apiKey: "token", fetch, flushAt: 10 });
    const text = "x".repeat(9_000);
    for (let index = 0; index < 9; index += 1) await engine.track({ userId: "me", event: `${index}`, context: { text } });
    for (let index = 0; index < 30; index += 1) await engine.trackFeatureUsage("me", `feature-${index}`);
    hide();
    assert.ok(calls.every(({ keepalive }) => keepalive));
    assert.ok(bytes(calls) < 64 * 1024 && bytes(calls) > 40 * 1024, `${bytes(calls)} bytes`);
    const before = calls.length;
    hide();
    assert.equal(calls.length, before);
    const flushed = engine.flush(5_000);
    while (answers.length) {
        answers.shift()();
        await pause(1);
    }
    assert.equal(await flushed, true);
    const sent = calls.filter(({ url }) => url.endsWith("/batch")).flatMap(batchOf);
    assert.deepEqual(sent, ["0", "1", "2", "3", "4", "5", "6", "7", "8"]);
    assert.equal(calls.length - calls.filter(({ url }) => url.endsWith("/batch")).length, 30);
    await engine.close();
});

test("a request that is larger than the budget goes without it", async () => {
    const { fetch, calls } = scriptedFetch([202]);
    const engine = getPersonalizationEngine({ url: "http://page.test/5", apiKey: "token", fetch, flushAt: 10 });
    const text = "x".repeat(9_000);
    for (let index = 0; index < 10; index += 1) await engine.track({ userId: "me", event: `${index}`, context: { text } });
    assert.ok(bytes(calls) > 64 * 1024);
    assert.equal(calls[0].keepalive, undefined);
    await engine.trackFeatureUsage("me", "a");
    assert.equal(calls[1].keepalive, true);
    await engine.close();
});

test("a pause after a failure does not hold a page that goes away", async () => {
    const { fetch, calls } = scriptedFetch([503, { "retry-after": "60" }], [202]);
    const engine = getPersonalizationEngine({ url: "http://page.test/3", apiKey: "token", fetch });
    await engine.trackFeatureUsage("me", "a");
    await engine.trackFeatureUsage("me", "b");
    await pause(10);
    assert.equal(calls.length, 1);
    hide();
    assert.equal(calls.length, 3);
    assert.equal(calls[0].headers["Idempotency-Key"], calls[1].headers["Idempotency-Key"]);
    await pause(10);
    assert.equal(await engine.close(), true);
});

test("a page without HTTPS has no randomUUID", async (context) => {
    const { randomUUID } = crypto;
    crypto.randomUUID = undefined;
    context.after(() => (crypto.randomUUID = randomUUID));
    const { fetch, calls } = scriptedFetch([202]);
    const engine = getPersonalizationEngine({ url: "http://page.test/4", apiKey: "token", fetch });
    await engine.trackFeatureUsage("me", "a");
    assert.match(calls[0].headers["Idempotency-Key"], /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    await engine.close();
});
