import Link from "next/link";
import { getDashboard } from "@/app/actions";
import { FeatureTracker } from "@/app/feature-tracker";

export default async function DashboardPage() {
    const dashboard = await getDashboard();
    if (!dashboard) return <p>Please sign in.</p>;
    return (
        <main>
            <FeatureTracker feature="dashboard" />
            <h1>Your day</h1>
            {dashboard.source === "fallback" && <p role="status">These are our general tips; yours are back soon.</p>}
            <section aria-labelledby="actions">
                <h2 id="actions">Do next</h2>
                <ol>
                    {dashboard.priorityActions.map((action) => (
                        <li key={action.action} data-priority={action.priority}>
                            {action.href ? <Link href={action.href}>{action.title}</Link> : <strong>{action.title}</strong>}
                            <p>{action.description}</p>
                            <small>{action.reason}</small>
                        </li>
                    ))}
                </ol>
            </section>
            <section aria-labelledby="content">
                <h2 id="content">Create</h2>
                <ul>
                    {dashboard.suggestedContent.map((content) => (
                        <li key={content.contentType}>
                            {content.title}: {content.reason}
                        </li>
                    ))}
                </ul>
            </section>
            <section aria-labelledby="insights">
                <h2 id="insights">Your market</h2>
                <ul>
                    {dashboard.marketInsights.map((insight) => (
                        <li key={insight.title} data-category={insight.category}>
                            <strong>{insight.title}</strong> {insight.description}
                        </li>
                    ))}
                </ul>
            </section>
        </main>
    );
}
