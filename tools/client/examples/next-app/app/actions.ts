"use server";

import { AttuneError, getPersonalizationEngine, type PersonalizedDashboard, type UserGoals } from "@/lib/ai-personalization";
import { getCurrentUserId } from "@/lib/session";
import { revalidatePath } from "next/cache";

/** Called by pages and buttons. Costs the user nothing: it is delivered after the answer. */
export async function trackFeature(feature: string): Promise<void> {
    const userId = await getCurrentUserId();
    if (!userId) return;
    await getPersonalizationEngine().trackFeatureUsage(userId, feature);
}

export async function trackContent(contentType: string, success: boolean): Promise<void> {
    const userId = await getCurrentUserId();
    if (!userId) return;
    await getPersonalizationEngine().trackContentPreference(userId, contentType, success);
}

/** Always has something to show: where Attune cannot be asked, `source` is "fallback". */
export async function getDashboard(): Promise<PersonalizedDashboard | null> {
    const userId = await getCurrentUserId();
    return userId ? getPersonalizationEngine().getPersonalizedDashboard(userId) : null;
}

export interface FormState {
    message: string;
}

/** For `useActionState`. A command can be refused, and says why. */
export async function saveGoals(_previous: FormState, form: FormData): Promise<FormState> {
    const userId = await getCurrentUserId();
    if (!userId) return { message: "Please sign in." };
    const goals: UserGoals = { shortTerm: lines(form.get("shortTerm")), longTerm: lines(form.get("longTerm")) };
    try {
        await getPersonalizationEngine().updateGoals(userId, goals);
    } catch (error) {
        if (!(error instanceof AttuneError)) throw error;
        return { message: error.problem?.errors?.[0]?.detail ?? "Your goals could not be saved. Please try again." };
    }
    revalidatePath("/");
    return { message: "Saved." };
}

/** "Delete my data". The receipt is the proof. */
export async function eraseMe(): Promise<{ receiptId: string } | null> {
    const userId = await getCurrentUserId();
    if (!userId) return null;
    const { id } = await getPersonalizationEngine().eraseUser(userId);
    return { receiptId: id };
}

function lines(value: FormDataEntryValue | null): string[] {
    return typeof value === "string" ? value.split("\n").map((line) => line.trim()).filter(Boolean) : [];
}
