// Events, consent, privacy and tokens as the contract has them, in memory; and a plan of faults as in proxy.js.
import { createServer } from "node:http";
import { faults } from "./proxy.js";

const PURPOSES = { analytics: true, personalization: true, marketing: false, ai: false };

export async function startFake(plan = () => undefined) {
    const fake = { plan, requests: [], events: [], consents: new Map(), erased: [] };

    const takeEvent = (event) => {
        const { messageId } = event;
        if (fake.events.some((known) => known.messageId === messageId)) return { messageId, status: "duplicate" };
        const consent = fake.consents.get(String(event.userId));
        if (consent && !consent.purposes.analytics) return { messageId, status: "rejected", reason: "consent" };
        if (!event.type || (!event.userId && !event.anonymousId)) return { messageId, status: "rejected", reason: "invalid" };
        fake.events.push(event);
        return { messageId, status: "accepted" };
    };

    const consentOf = (id) => fake.consents.get(id) ?? { purposes: PURPOSES, source: null, updatedAt: null };

    const routes = {
        "POST /api/track/batch": (_, { batch }) => [202, { results: batch.map(takeEvent) }],
        "POST /api/tokens": (_, { userId, ttlSeconds = 900 }) => [201, { token: `token-of-${userId}`, tokenType: "Bearer", expiresIn: ttlSeconds, jti: "1" }],
        "GET /api/consent/:id": (id) => [200, consentOf(id)],
        "PUT /api/consent/:id": (id, { purposes, source }) => {
            const record = { purposes: { ...consentOf(id).purposes, ...purposes }, source, updatedAt: new Date().toISOString() };
            fake.consents.set(id, record);
            return [200, record];
        },
        "GET /api/privacy/users/:id/export": (id) => [200, { userId: id, events: fake.events.filter(({ userId }) => String(userId) === id) }],
        "DELETE /api/privacy/users/:id": (id) => {
            fake.events = fake.events.filter(({ userId }) => String(userId) !== id);
            fake.erased.push(id);
            return [200, { id: "receipt-1", payload: "e30", protected: "e30", signature: "c2ln", log: {} }];
        },
    };

    const answer = ({ method, url }, body) => {
        for (const [route, handle] of Object.entries(routes)) {
            const [verb, path] = route.split(" ");
            const match = verb === method && new RegExp(`^${path.replace(":id", "([^/]+)")}$`).exec(url.split("?")[0]);
            if (match) return handle(match[1] && decodeURIComponent(match[1]), body);
        }
        return [404, { type: "about:blank", title: "Not Found", status: 404 }];
    };

    const server = createServer(async (incoming, response) => {
        let text = "";
        for await (const chunk of incoming) text += chunk;
        const { method, url, headers } = incoming;
        const entry = { method, url, headers, text, body: text ? JSON.parse(text) : undefined, at: Date.now(), count: fake.requests.length };
        fake.requests.push(entry);
        let done;
        const forward = async () => {
            done ??= answer(incoming, entry.body);
            return { body: Buffer.from(JSON.stringify(done[1])) };
        };
        const fault = fake.plan(entry);
        if (typeof fault === "string") return faults[fault](response, forward);
        const [status, document, extra] = fault ?? answer(incoming, entry.body);
        response.writeHead(status, { "content-type": status < 400 ? "application/json" : "application/problem+json", ...extra });
        response.end(document === undefined ? "" : JSON.stringify(document));
    });
    await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
    fake.url = `http://127.0.0.1:${server.address().port}`;
    fake.batches = () => fake.requests.filter(({ url }) => url === "/api/track/batch").map(({ body }) => body.batch);
    fake.stop = () => {
        server.closeAllConnections();
        return new Promise((resolve) => server.close(resolve));
    };
    return fake;
}
