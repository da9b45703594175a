// A proxy that does to each request what the test says, then lets it through.
import { createServer, request } from "node:http";

const passOn = (target, { method, url, headers }, body) =>
    new Promise((resolve, reject) => {
        const onward = request(target + url, { method, headers: { ...headers, host: new URL(target).host } }, (answer) => {
            const chunks = [];
            answer.on("data", (chunk) => chunks.push(chunk));
            answer.on("end", () => resolve({ status: answer.statusCode, headers: answer.headers, body: Buffer.concat(chunks) }));
            answer.on("error", reject);
        });
        onward.on("error", reject);
        onward.end(body);
    });

const problem = (status, headers = {}) => (response) => {
    response.writeHead(status, { "content-type": "application/problem+json", ...headers });
    response.end(JSON.stringify({ type: "about:blank", title: "Fault", status }));
};

/** Faults before the server sees the request, and faults after it has done what was asked. */
export const faults = {
    refused: (response) => response.socket.destroy(),
    tooMany: problem(429, { "retry-after": "0" }),
    tooManyForOneSecond: problem(429, { "retry-after": "1" }),
    unavailable: problem(503),
    badGateway: problem(502),
    hanging: () => {},
    lostAnswer: async (response, forward) => {
        await forward();
        response.socket.destroy();
    },
    halfAnswer: async (response, forward) => {
        const { body } = await forward();
        response.writeHead(202, { "content-type": "application/json", "content-length": body.length + 10 });
        response.write(body.subarray(0, 5), () => response.socket?.destroy());
    },
    unavailableAfterwards: async (response, forward) => {
        await forward();
        problem(503)(response);
    },
    hangingAfterwards: (_, forward) => forward(),
};

/** What tells a batch of uses and content results from another: its ids. */
const keyOfBatch = (url, body) => (url === "/api/personalization/batch" ? JSON.parse(body).items.map(({ id }) => id).join() : undefined);

/** @param {string} target @param {(seen: {method: string, url: string, count: number}) => keyof typeof faults | undefined} plan */
export async function startProxy(target, plan = () => undefined) {
    const seen = [];
    const proxy = { plan, seen };
    const server = createServer(async (incoming, response) => {
        const chunks = [];
        for await (const chunk of incoming) chunks.push(chunk);
        const body = Buffer.concat(chunks);
        const { method, url, headers } = incoming;
        const entry = { method, url, key: headers["idempotency-key"] ?? keyOfBatch(url, body), body: body.toString(), at: Date.now(), count: seen.length };
        seen.push(entry);
        const forward = () => passOn(target, incoming, body);
        const fault = proxy.plan(entry);
        entry.fault = fault;
        if (fault) return faults[fault](response, forward);
        const answer = await forward();
        response.writeHead(answer.status, answer.headers);
        response.end(answer.body);
    });
    await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
    proxy.url = `http://127.0.0.1:${server.address().port}`;
    proxy.stop = () => {
        server.closeAllConnections();
        return new Promise((resolve) => server.close(resolve));
    };
    return proxy;
}
