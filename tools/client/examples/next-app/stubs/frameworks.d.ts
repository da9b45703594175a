// Just enough of Next.js and React to check the types of this example without installing them. In an application these come from
// the packages `next`, `react` and `@types/react`; delete this file there.

declare module "next/server" {
    export function after(task: Promise<unknown> | (() => unknown)): void;
}

declare module "next/cache" {
    export function revalidatePath(path: string): void;
}

declare module "next/headers" {
    export function cookies(): Promise<{ get(name: string): { name: string; value: string } | undefined }>;
}

declare module "next/link" {
    export default function Link(props: { href: string; children?: unknown }): JSX.Element;
}

declare module "react" {
    export type ReactNode = unknown;
    export function useEffect(effect: () => void | (() => void), dependencies?: readonly unknown[]): void;
}

declare namespace JSX {
    interface Element {
        readonly type: unknown;
    }
    interface IntrinsicElements {
        [name: string]: Record<string, unknown>;
    }
}
