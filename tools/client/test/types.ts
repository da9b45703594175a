// What must compile, and, after @ts-expect-error, what must not. Checked by tsc; never run.
import getEngine, { AttuneError, getPersonalizationEngine, type PersonalizationEngine, type PriorityAction } from "@attune/client";

const engine: PersonalizationEngine = getPersonalizationEngine({ url: "http://127.0.0.1:8080", apiKey: "key", onError: (error) => error.reason });
getPersonalizationEngine({ apiKey: () => "key" });
getPersonalizationEngine({ apiKey: async () => "key" });
// @ts-expect-error: a key is text
getPersonalizationEngine({ apiKey: () => 42 });
const same: PersonalizationEngine = getEngine();

async function everything(): Promise<void> {
    await engine.trackFeatureUsage("ada", "marketing-plan");
    await engine.trackFeatureUsage(42, "marketing-plan");
    await engine.trackContentPreference("ada", "blog-post", true);
    await engine.track({ userId: "ada", event: "product_view", properties: { product_id: "12" } });
    await engine.track({ anonymousId: "a1", type: "page", name: "Home", timestamp: new Date() });
    await engine.identify("ada", { plan: "pro" });
    const dashboard = await same.getPersonalizedDashboard("ada");
    const first: PriorityAction | undefined = dashboard.priorityActions[0];
    const href: string = first?.href ?? "/";
    const suggestions = await engine.getAISuggestions("ada", { timeOfDay: 9, currentPage: href });
    const titles: string[] = suggestions.map(({ title }) => title);
    const features: string[] = await engine.getFrequentFeatures("ada", titles.length);
    const profile = await engine.getProfile(features[0] ?? "ada");
    const hour: number | undefined = profile.workflowPatterns.timeOfDayUsage["9"];
    const next = await engine.getNextBestActions(profile);
    const confidence: number = (next[0]?.confidence ?? 0) + (hour ?? 0);
    await engine.updateGoals("ada", { shortTerm: [String(confidence)], longTerm: [] });
    const areas: string[] = await engine.updateMarketFocus("ada", ["Luxury homes"]);
    const { token } = await engine.createToken("ada", { scope: ["profile:read"], ttlSeconds: areas.length });
    const { purposes } = await engine.setConsent(token, { ai: true });
    await engine.setConsent("ada", { ai: !purposes.ai }, { source: "banner" });
    const receipt = await engine.eraseUser("ada");
    const isDone: boolean = (await engine.flush(100)) && (await engine.close()) && receipt.id !== "";
    try {
        await engine.resetProfile("ada");
    } catch (error) {
        if (error instanceof AttuneError) console.log(error.status, error.problem?.errors?.[0]?.pointer, error.retryAfterSeconds, isDone);
    }

    // @ts-expect-error: an event needs a name
    await engine.track({ userId: "ada" });
    // @ts-expect-error: an event needs a subject
    await engine.track({ event: "product_view" });
    // @ts-expect-error: `success` says whether it worked
    await engine.trackContentPreference("ada", "blog-post");
    // @ts-expect-error: an unknown scope
    await engine.createToken("ada", { scope: ["everything"] });
    // @ts-expect-error: an unknown purpose
    await engine.setConsent("ada", { telepathy: true });
    // @ts-expect-error: goals have two horizons
    await engine.updateGoals("ada", { shortTerm: [] });
}

void everything;
