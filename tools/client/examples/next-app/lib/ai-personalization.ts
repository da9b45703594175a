// The one file that changes when an application moves from an engine of its own to Attune: everything else goes on importing
// from "@/lib/ai-personalization".
import { after } from "next/server";
import { getPersonalizationEngine as getEngine, type PersonalizationEngine } from "@attune/client";

export * from "@attune/client";

/** ATTUNE_URL and ATTUNE_API_KEY come from the environment. What a server action tracks is delivered after its response. */
export function getPersonalizationEngine(): PersonalizationEngine {
    return getEngine({ waitUntil: (promise) => after(promise) });
}
