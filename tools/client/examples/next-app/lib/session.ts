import { cookies } from "next/headers";

/** Stands for the application's own sign-in. */
export async function getCurrentUserId(): Promise<string | null> {
    const jar = await cookies();
    return jar.get("demo-user")?.value ?? null;
}
