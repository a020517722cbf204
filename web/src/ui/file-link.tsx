/* file-link.tsx - words that lead to the file they came from, if it is known. */
import type { ReactNode } from "react";
import { contentUrl } from "../api/client.ts";

interface Props {
    input: string | null | undefined;
    children: ReactNode;
}

export function FileLink({ input, children }: Props) {
    if (!input) return children;
    return (
        <a href={contentUrl(input)} download title="Download the file this was read from">
            {children}
        </a>
    );
}
