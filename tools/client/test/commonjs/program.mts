// What must compile in an ES module. Checked by tsc; never run.
import { AttuneError, getPersonalizationEngine, type PersonalizedDashboard } from "@attune/client";

export async function dashboard(): Promise<PersonalizedDashboard | AttuneError> {
    return getPersonalizationEngine({ url: "http://127.0.0.1:8080", apiKey: "key" }).getPersonalizedDashboard("ada");
}
