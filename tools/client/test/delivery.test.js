// Against the real server, with faults between: nothing is lost and nothing is counted twice.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { skip, startAttune } from "./support/attune.js";
import { engineFor, pause } from "./support/engine.js";
import { startProxy } from "./support/proxy.js";

const BEFORE = ["refused", "tooMany", "unavailable", "badGateway", "hanging"];
const AFTER = ["lostAnswer", "halfAnswer", "unavailableAfterwards", "hangingAfterwards"];

/** The same faults in every run. */
function random(seed) {
    let state = seed;
    return () => {
        state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
        return state / 2 ** 32;
    };
}

const counts = ({ featureUsage }) => Object.fromEntries(featureUsage.map(({ feature, count }) => [feature, count]));

describe("delivery", { skip, concurrency: false }, () => {
    let attune;
    before(async () => (attune = await startAttune()));
    after(() => attune?.stop());

    /** A proxy and an engine through it, and one engine without faults to look with. */
    async function set(context, plan, options) {
        const proxy = await startProxy(attune.url, plan);
        context.after(() => proxy.stop());
        const shared = { url: proxy.url, apiKey: attune.apiKey, requestTimeoutMilliseconds: 400 };
        const { engine, errors } = engineFor(context, { ...shared, ...options });
        const { engine: direct } = engineFor(context, { url: attune.url, apiKey: attune.apiKey });
        return { proxy, engine, errors, direct };
    }

    for (const fault of [...BEFORE, ...AFTER]) {
        test(`each request meets "${fault}" once, and counts once`, async (context) => {
            const met = new Set();
            const plan = ({ key }) => {
                if (!key || met.has(key)) return undefined;
                met.add(key);
                return fault;
            };
            // Long enough that on a busy machine no request is given up that would have been answered.
            const requestTimeoutMilliseconds = fault.startsWith("hanging") ? 2_000 : 20_000;
            const { proxy, engine, errors, direct } = await set(context, plan, { requestTimeoutMilliseconds });
            const user = `user of ${fault}`;
            for (let turn = 0; turn < 3; turn += 1) await engine.trackFeatureUsage(user, "marketing-plan");
            await engine.trackContentPreference(user, "blog-post", true);
            assert.equal(await engine.flush(60_000), true);
            const profile = await direct.getProfile(user);
            assert.deepEqual(counts(profile), { "marketing-plan": 3 });
            assert.deepEqual(profile.contentPreferences.map(({ successes, failures }) => [successes, failures]), [[1, 0]]);
            assert.ok(met.size >= 1 && proxy.seen.length >= met.size);
            assert.deepEqual(errors, []);
        });
    }

    test("a storm: 400 items of 20 users, two of five requests meet a fault, every count is exact", async (context) => {
        const next = random(20_26);
        const kinds = [...BEFORE, ...AFTER].filter((fault) => !fault.startsWith("hanging"));
        let requests = 0;
        // The first two of each five requests meet a fault, so that enough do however few the requests are.
        const plan = ({ key }) => (key && requests++ % 5 < 2 ? kinds[Math.floor(next() * kinds.length)] : undefined);
        const { proxy, engine, errors, direct } = await set(context, plan, { concurrency: 8 });
        // Jitter of at most 8 ms instead of a second: the storm is about counting, not about waiting.
        const { random: real } = Math;
        context.after(() => (Math.random = real));
        Math.random = () => real() / 128;
        const expected = {};
        for (let index = 0; index < 400; index += 1) {
            const user = `storm-${index % 20}`;
            const feature = `feature-${index % 7}`;
            expected[user] ??= {};
            expected[user][feature] = (expected[user][feature] ?? 0) + 1;
            await engine.trackFeatureUsage(user, feature);
            // At least 20 requests, however fast the items come.
            if (index % 20 === 19) assert.equal(await engine.flush(60_000), true);
        }
        for (const [user, features] of Object.entries(expected)) assert.deepEqual(counts(await direct.getProfile(user)), features);
        const faulty = proxy.seen.filter(({ fault }) => fault).length;
        assert.deepEqual(errors, []);
        assert.ok(faulty >= 12, `only ${faulty} faults`);
        context.diagnostic(`${proxy.seen.length} requests for 400 items, ${faulty} with a fault`);
    });

    test("the server is down at first, and comes back", async (context) => {
        let isDown = true;
        const { engine, errors, direct } = await set(context, () => (isDown ? "refused" : undefined));
        for (let turn = 0; turn < 50; turn += 1) await engine.trackFeatureUsage(`late-${turn % 5}`, "brand-audit");
        await pause(700);
        isDown = false;
        assert.equal(await engine.flush(30_000), true);
        for (let user = 0; user < 5; user += 1) assert.deepEqual(counts(await direct.getProfile(`late-${user}`)), { "brand-audit": 10 });
        assert.deepEqual(errors, []);
    });

    test("the server is killed in the middle, twice", async (context) => {
        const own = await startAttune();
        context.after(() => own.stop());
        const { engine, errors } = engineFor(context, { url: own.url, apiKey: own.apiKey, requestTimeoutMilliseconds: 2_000 });
        for (let round = 0; round < 3; round += 1) {
            for (let index = 0; index < 200; index += 1) await engine.trackFeatureUsage(`crash-${index % 10}`, "brand-audit");
            await pause(20);
            if (round < 2) await own.crash();
        }
        assert.equal(await engine.flush(60_000), true);
        for (let user = 0; user < 10; user += 1) assert.deepEqual(counts(await engine.getProfile(`crash-${user}`)), { "brand-audit": 60 });
        assert.deepEqual(errors, []);
    });

    test("Retry-After holds for everything that is queued", async (context) => {
        const { proxy, engine } = await set(context, ({ count }) => (count === 0 ? "tooManyForOneSecond" : undefined), { concurrency: 1 });
        await engine.trackFeatureUsage("patient-1", "brand-audit");
        await engine.trackFeatureUsage("patient-2", "brand-audit");
        assert.equal(await engine.flush(10_000), true);
        const [first, ...rest] = proxy.seen;
        assert.ok(rest.length >= 1);
        for (const { at } of rest) assert.ok(at - first.at >= 1_000, `sent again after ${at - first.at} ms`);
    });

    test("a user's items arrive in their order, also through faults", async (context) => {
        const next = random(7);
        const faultsInTurn = ["lostAnswer", "badGateway"];
        let turn = 0;
        const { proxy, engine, direct } = await set(context, ({ key }) => (key && next() < 0.4 ? faultsInTurn[(turn += 1) % 2] : undefined));
        const steps = Array.from({ length: 12 }, (_, index) => `step-${index}`);
        for (const step of steps) await engine.trackFeatureUsage("ordered", step);
        await engine.flush(30_000);
        const arrived = proxy.seen.filter(({ key, fault }) => key && fault !== "badGateway");
        const features = ({ feature, items }) => items?.map((item) => item.feature) ?? [feature];
        const order = [...new Set(arrived.flatMap(({ body }) => features(JSON.parse(body))))];
        assert.deepEqual(order, steps);
        const { featureUsage } = await direct.getProfile("ordered");
        assert.deepEqual(featureUsage.map(({ count }) => count), steps.map(() => 1));
        const times = [...featureUsage].sort((a, b) => a.feature.slice(5) - b.feature.slice(5)).map(({ firstUsedAt }) => firstUsedAt);
        assert.deepEqual(times, [...times].sort());
    });

    test("a read knows of what was tracked before it", async (context) => {
        const { engine } = await set(context);
        await engine.trackFeatureUsage("reader", "content-engine");
        await engine.trackFeatureUsage("reader", "content-engine");
        await engine.trackFeatureUsage("reader", "brand-audit");
        assert.deepEqual(await engine.getFrequentFeatures("reader"), ["content-engine", "brand-audit"]);
        assert.deepEqual(counts(await engine.getProfile("reader")), { "content-engine": 2, "brand-audit": 1 });
    });

    test("a clock that goes ahead loses nothing: the time of arrival stands", async (context) => {
        const { engine, errors, direct } = await set(context);
        const { toISOString } = Date.prototype;
        context.after(() => (Date.prototype.toISOString = toISOString));
        Date.prototype.toISOString = function () {
            return toISOString.call(new Date(this.getTime() + 3_600_000));
        };
        await engine.trackFeatureUsage("ahead", "brand-audit");
        await engine.flush(5_000);
        assert.deepEqual(counts(await direct.getProfile("ahead")), { "brand-audit": 1 });
        assert.deepEqual(errors, []);
    });

    test("what the server refuses is told once and does not stop what follows", async (context) => {
        const { proxy, engine, errors, direct } = await set(context);
        await engine.trackFeatureUsage("mixed", "x".repeat(200));
        await engine.trackFeatureUsage("mixed", "brand-audit");
        assert.equal(await engine.flush(5_000), true);
        assert.equal(errors.length, 1);
        assert.ok(["refused", "rejected"].includes(errors[0].reason));
        assert.deepEqual(counts(await direct.getProfile("mixed")), { "brand-audit": 1 });
    });

    test("a reset forgets what is queued, and only that", async (context) => {
        let isDown = true;
        const { engine, direct } = await set(context, ({ method }) => (isDown && method === "POST" ? "unavailable" : undefined));
        await engine.trackFeatureUsage("reset", "old");
        await pause(50);
        await engine.resetProfile("reset");
        isDown = false;
        await engine.trackFeatureUsage("reset", "new");
        await engine.flush(10_000);
        assert.deepEqual(counts(await direct.getProfile("reset")), { new: 1 });
    });

    test("a reset that fails forgets nothing", async (context) => {
        let isDown = true;
        const { engine, direct } = await set(context, () => (isDown ? "unavailable" : undefined));
        await engine.trackFeatureUsage("kept", "old");
        await pause(50);
        await assert.rejects(engine.resetProfile("kept"), { name: "AttuneError", status: 503 });
        isDown = false;
        await engine.flush(10_000);
        assert.deepEqual(counts(await direct.getProfile("kept")), { old: 1 });
    });

    test("ids of every kind are encoded exactly once", async (context) => {
        const { engine, errors, direct } = await set(context);
        // The last two look the same and are two users.
        const ids = ["a/b", "a%2Fb", "ü ñ", "100%", "a?b#c", "☃", "a+b", "....", "%2e%2e", "x@y.example", "a\\b", "é", "e\u0301"];
        for (const id of ids) await engine.trackFeatureUsage(id, "brand-audit");
        assert.equal(await engine.flush(10_000), true);
        for (const id of ids) {
            const profile = await direct.getProfile(id);
            assert.equal(profile.userId, id);
            assert.deepEqual(counts(profile), { "brand-audit": 1 });
        }
        assert.deepEqual(errors, []);
    });

    test("commands and reads, as they are on the server", async (context) => {
        const { engine, errors } = await set(context);
        const goals = await engine.updateGoals("ada", { shortTerm: ["Run a brand audit"], longTerm: ["Be known"] });
        assert.deepEqual([goals.shortTerm, goals.longTerm], [["Run a brand audit"], ["Be known"]]);
        assert.deepEqual(await engine.updateMarketFocus("ada", ["Luxury homes"]), ["Luxury homes"]);
        const dashboard = await engine.getPersonalizedDashboard("ada");
        assert.ok(["ai", "cache", "rules"].includes(dashboard.source));
        for (const section of ["priorityActions", "suggestedContent", "marketInsights", "nextBestActions"]) {
            assert.ok(dashboard[section].length, section);
        }
        const now = { currentPage: "dashboard", recentActions: ["x"], timeOfDay: 9, profileCompletion: 75 };
        const suggestions = await engine.getAISuggestions("ada", now);
        assert.ok(suggestions.length && suggestions.every(({ title, action, priority }) => title && action && priority));
        const profile = await engine.getProfile("ada");
        assert.deepEqual(await engine.getNextBestActions(profile), await engine.getNextBestActions("ada"));
        const { token, tokenType, expiresIn } = await engine.createToken("ada", { scope: ["personalization:read"], ttlSeconds: 60 });
        assert.deepEqual([tokenType, expiresIn], ["Bearer", 60]);
        const { engine: own, errors: refused } = engineFor(context, { url: attune.url, apiKey: token });
        assert.equal((await own.getProfile("me")).userId, "ada");
        await own.getProfile("grace");
        assert.deepEqual(refused.map(({ status }) => status), [403]);
        const isInvalid = ({ status, problem }) => status === 422 && problem.errors.length === 1;
        await assert.rejects(engine.createToken("ada", { ttlSeconds: 1e9 }), isInvalid);
        await engine.resetProfile("ada");
        assert.deepEqual((await engine.getProfile("ada")).marketFocus, []);
        assert.deepEqual(errors, []);
    });

    test("a wrong key: reads fall back, commands are refused, what is tracked waits", async (context) => {
        const { proxy, engine, errors } = await set(context, undefined, { apiKey: "att_sk_wrong" });
        assert.equal((await engine.getPersonalizedDashboard("ada")).source, "fallback");
        await assert.rejects(engine.updateMarketFocus("ada", []), { status: 401, reason: "refused" });
        await engine.trackFeatureUsage("ada", "x");
        assert.equal(await engine.flush(1_000), false);
        assert.deepEqual(errors.map(({ status }) => status), [401, 401]);
        assert.ok(proxy.seen.length >= 3 && proxy.seen.length < 10);
    });
});
