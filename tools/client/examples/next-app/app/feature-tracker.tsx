"use client";

import { useEffect } from "react";
import { trackFeature } from "@/app/actions";

/** Put into a page, says that its feature was used. */
export function FeatureTracker({ feature }: { feature: string }) {
    useEffect(() => {
        void trackFeature(feature);
    }, [feature]);
    return null;
}
