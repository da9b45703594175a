// A real server with a tenant of its own, on a free port and in a temporary folder.
import { execFile, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);
const build = fileURLToPath(new URL("../../../../.build", import.meta.url));
const candidates = [process.env.ATTUNE_BINARY, join(build, "release/attune"), join(build, "debug/attune")];
const binary = candidates.find((path) => path && existsSync(path));

/** For `test`'s options: false, or why it is skipped. */
export const skip = binary ? false : "no attune binary: build it, or set ATTUNE_BINARY";

export async function startAttune() {
    const data = await mkdtemp(join(tmpdir(), "attune-client-"));
    // Of Attune's own variables the server takes those alone that it knows.
    const inherited = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("ATTUNE_")));
    const env = { ...inherited, ATTUNE_DATA: data, ATTUNE_PORT: "0", ATTUNE_LOG_LEVEL: "error" };
    await run(binary, ["tenant", "create", "client", "--grant", "ai", "--json"], { env });
    const { stdout } = await run(binary, ["key", "create", "--tenant", "client", "--kind", "secret", "--json"], { env });
    let server = await serve(env);
    return {
        url: server.url,
        apiKey: JSON.parse(stdout).key,
        /** Kills it in the middle of its work, and starts it again in the same place. */
        async crash() {
            await end(server, "SIGKILL");
            server = await serve({ ...env, ATTUNE_PORT: new URL(server.url).port });
        },
        async stop() {
            await end(server, "SIGTERM");
            await rm(data, { recursive: true, force: true });
        },
    };
}

async function serve(env) {
    const process = spawn(binary, ["serve"], { env, stdio: ["ignore", "pipe", "inherit"] });
    const url = await new Promise((resolve, reject) => {
        let text = "";
        process.once("exit", () => reject(new Error("the server ended before it listened")));
        process.stdout.on("data", (chunk) => {
            text += chunk;
            const [, found] = /listening on (http:\S+)/.exec(text) ?? [];
            if (found) resolve(found);
        });
    });
    return { process, url };
}

async function end({ process }, signal) {
    const ended = new Promise((resolve) => process.once("exit", resolve));
    process.kill(signal);
    await ended;
}
