// Events, consent and privacy, as the contract has them.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { promisify } from "node:util";
import { engineFor, pause } from "./support/engine.js";
import { startFake } from "./support/fake.js";

async function set(context, plan, options) {
    const fake = await startFake(plan);
    context.after(() => fake.stop());
    return { fake, ...engineFor(context, { url: fake.url, requestTimeoutMilliseconds: 400, ...options }) };
}

const event = (index, userId = "ada") => ({ userId, event: "product_view", properties: { product_id: String(index) } });
const ids = (events) => events.map(({ properties }) => Number(properties.product_id));
const run = promisify(execFile);
const numbers = (length) => Array.from({ length }, (_, index) => index);

test("twenty events make a batch; the rest waits for its time", async (context) => {
    const { fake, engine } = await set(context, undefined, { flushIntervalMilliseconds: 300 });
    for (const index of numbers(45)) await engine.track(event(index));
    await pause(150);
    assert.deepEqual(fake.batches().map(({ length }) => length), [20, 20]);
    await pause(400);
    assert.deepEqual(fake.batches().map(({ length }) => length), [20, 20, 5]);
    assert.deepEqual(ids(fake.events), numbers(45));
});

test("flush sends what is there, and reads do not", async (context) => {
    const { fake, engine } = await set(context);
    await engine.track(event(1));
    await engine.getProfile("ada");
    assert.equal(fake.batches().length, 0);
    assert.equal(await engine.flush(), true);
    const [{ type, messageId, timestamp }] = fake.events;
    assert.equal(type, "track");
    assert.match(messageId, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    assert.ok(Math.abs(Date.parse(timestamp) - Date.now()) < 5_000);
    assert.equal(fake.requests.at(-1).headers.authorization, "Bearer att_ut_test");
    assert.ok(Date.parse(fake.requests.at(-1).body.sentAt));
});

const BEFORE = ["refused", "tooMany", "unavailable", "hanging"];
const AFTER = ["lostAnswer", "halfAnswer", "unavailableAfterwards", "hangingAfterwards"];

for (const fault of [...BEFORE, ...AFTER]) {
    test(`batches that meet "${fault}" arrive once and in order`, async (context) => {
        const plan = ({ url, count }) => (url === "/api/track/batch" && count % 2 === 0 ? fault : undefined);
        const { fake, engine, errors } = await set(context, plan, { requestTimeoutMilliseconds: 150 });
        for (const index of numbers(50)) await engine.track(event(index, `user-${index % 3}`));
        assert.equal(await engine.flush(30_000), true);
        assert.deepEqual(ids(fake.events), numbers(50));
        assert.deepEqual(errors, []);
    });
}

test("identify and track keep their order, and an event is as it was when it was tracked", async (context) => {
    const { fake, engine } = await set(context);
    const properties = { product_id: "1" };
    await engine.identify("ada", { plan: "free" });
    await engine.track({ userId: "ada", event: "product_view", properties, messageId: "m-1", timestamp: new Date(0) });
    properties.product_id = "2";
    await engine.identify(7, { plan: "pro" });
    await engine.flush();
    const [first, second, third] = fake.events;
    assert.deepEqual([first.type, first.userId, first.traits], ["identify", "ada", { plan: "free" }]);
    assert.deepEqual([second.messageId, second.timestamp, second.properties.product_id], ["m-1", "1970-01-01T00:00:00.000Z", "1"]);
    assert.deepEqual([third.type, third.userId], ["identify", "7"]);
});

test("large events go in batches of less than 512 KB; one over 32 KB is not taken", async (context) => {
    const { fake, engine, errors } = await set(context);
    const large = (index, size) => ({ ...event(index), context: { text: "ü".repeat(size / 2) } });
    for (const index of numbers(20)) await engine.track(large(index, 31_000));
    await engine.track(large(99, 33_000));
    await engine.flush();
    assert.deepEqual(ids(fake.events), numbers(20));
    for (const { text } of fake.requests) assert.ok(Buffer.byteLength(text) < 512 * 1024);
    assert.deepEqual(errors.map(({ reason }) => reason), ["too_large"]);
});

test("an event that is rejected is told, the others are taken", async (context) => {
    const { fake, engine, errors } = await set(context);
    await engine.setConsent("grace", { analytics: false }, { source: "banner" });
    await engine.track({ ...event(1, "grace"), messageId: "m-1" });
    await engine.track(event(2));
    await engine.flush();
    assert.deepEqual(ids(fake.events), [2]);
    assert.deepEqual(errors.map(({ reason, detail, messageId }) => [reason, detail, messageId]), [["rejected", "consent", "m-1"]]);
});

test("what is no event is told, not thrown", async (context) => {
    const { fake, engine, errors } = await set(context);
    const circle = {};
    circle.self = circle;
    const whole = { userId: "a", event: "x" };
    for (const bad of [null, 7, {}, { event: "x" }, { userId: "a" }, { ...whole, type: "y" }, { ...whole, circle }, { ...whole, userId: 1n }]) {
        assert.equal(await engine.track(bad), undefined);
    }
    await engine.identify("", {});
    await engine.trackFeatureUsage(undefined, "x");
    await engine.trackFeatureUsage("..", "x");
    await engine.trackFeatureUsage("\ud800", "x");
    await engine.trackFeatureUsage("ada", undefined);
    await engine.trackContentPreference("ada", 7, true);
    await engine.flush();
    assert.equal(fake.requests.length, 0);
    assert.deepEqual([...new Set(errors.map(({ reason }) => reason))], ["invalid_argument"]);
    assert.equal(errors.length, 14);
});

test("the queue has a bound; what does not fit is told", async (context) => {
    const { fake, engine, errors } = await set(context, undefined, { maxQueueSize: 30, flushAt: 100 });
    for (const index of numbers(40)) await engine.track(event(index));
    await engine.flush();
    assert.deepEqual(ids(fake.events), numbers(30));
    assert.deepEqual(errors.map(({ reason }) => reason), Array(10).fill("queue_full"));
    await engine.track(event(40));
    await engine.flush();
    assert.equal(fake.events.length, 31);
});

test("close sends what is there, tells what is left, and ends", async (context) => {
    const { fake, engine, errors } = await set(context);
    await engine.track(event(1));
    assert.equal(await engine.close(), true);
    assert.deepEqual(ids(fake.events), [1]);
    await engine.track(event(2));
    assert.deepEqual(errors.map(({ reason }) => reason), ["closed"]);

    const { engine: other, errors: left } = engineFor(context, { url: "http://127.0.0.1:1" });
    for (const index of numbers(3)) await other.track(event(index));
    const start = Date.now();
    assert.equal(await other.close(200), false);
    assert.ok(Date.now() - start < 1_000);
    assert.deepEqual(left.map(({ reason }) => reason), ["closed", "closed", "closed"]);
});

test("an erased user does not come back with what was queued; others lose nothing", async (context) => {
    let isDown = true;
    const { fake, engine } = await set(context, ({ url }) => (isDown && url === "/api/track/batch" ? "unavailable" : undefined));
    for (const index of numbers(6)) await engine.track(event(index, index % 2 ? "ada" : "grace"));
    void engine.flush();
    await pause(50);
    const receipt = await engine.eraseUser("ada");
    assert.equal(receipt.id, "receipt-1");
    isDown = false;
    assert.equal(await engine.flush(10_000), true);
    assert.deepEqual(ids(fake.events), [0, 2, 4]);
    assert.deepEqual(fake.erased, ["ada"]);
});

test("consent, export, tokens", async (context) => {
    const { fake, engine } = await set(context, ({ count }) => (count % 2 === 0 ? "unavailable" : undefined));
    const consent = await engine.setConsent("a/b", { ai: true }, { source: "banner" });
    assert.deepEqual([consent.purposes.ai, consent.source], [true, "banner"]);
    assert.equal((await engine.getConsent("a/b")).purposes.ai, true);
    assert.deepEqual(await engine.exportUser("a/b"), { userId: "a/b", events: [] });
    assert.equal((await engine.createToken(7, { ttlSeconds: 60 })).token, "token-of-7");
    assert.equal(fake.requests.length, 8);
    assert.ok(fake.requests.slice(0, 6).every(({ url }) => url.includes("a%2Fb")));
});

/** Runs a script in a process of its own. @returns {Promise<string>} what it printed, once it has ended by itself */
async function runScript(url, script) {
    const program = `import { getPersonalizationEngine } from ${JSON.stringify(new URL("../attune.js", import.meta.url).href)};
        const event = { userId: "ada", event: "product_view", properties: { product_id: "1" } };
        ${script}`;
    const env = { ...process.env, ATTUNE_URL: url, ATTUNE_API_KEY: "att_ut_test" };
    const { stdout } = await run(process.execPath, ["--input-type=module", "-e", program], { env, timeout: 60_000 });
    return stdout;
}

test("an event is sent before the process ends, though nobody waits", async (context) => {
    const { fake } = await set(context);
    await runScript(fake.url, "await getPersonalizationEngine({ flushIntervalMilliseconds: 3_600_000 }).track(event);");
    assert.deepEqual(ids(fake.events), [1]);
});

test("a script whose key is refused ends, with one line about it, whether it waits or not", async (context) => {
    const { fake } = await set(context, () => [401, { status: 401 }]);
    const onError = "onError: ({ reason, status }) => console.log(reason, status)";
    for (const wait of ["", "console.log(await engine.flush());"]) {
        const script = `const engine = getPersonalizationEngine({ ${onError} });
            await engine.track(event);
            await engine.track(event);
            ${wait}`;
        assert.deepEqual((await runScript(fake.url, script)).split("\n").filter(Boolean), ["refused 401", ...(wait ? ["false"] : [])]);
    }
});

test("what is tracked through an engine that is no longer at hand is sent before the process ends", async (context) => {
    const { fake } = await set(context);
    const script = `const engine = getPersonalizationEngine();
        for (let number = 0; number < 200; number += 1) getPersonalizationEngine({ apiKey: "att_sk_" + number });
        if (getPersonalizationEngine() === engine) throw new Error("it is still at hand");
        await engine.track(event);`;
    await runScript(fake.url, script);
    assert.deepEqual(ids(fake.events), [1]);
});
