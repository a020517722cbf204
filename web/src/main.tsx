/* main.tsx - starts the application in #root. */
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { ProblemError } from "./api/problem.ts";
import { App } from "./app.tsx";
import { CrashBoundary } from "./ui/crash.tsx";
import "./styles/base.css";
import "./styles/screens.css";
import "./styles/matrix.css";
import "./styles/panel.css";
import "./styles/review.css";

/* What the server answered will not change by asking again; only busy or dead is worth another try. */
function worthRetry(count: number, error: Error): boolean {
    if (!(error instanceof ProblemError)) return count < 2;
    const { status } = error.problem;
    return count < 2 && (status === 502 || status === 503 || status === 504);
}

const queries = new QueryClient({
    defaultOptions: { queries: { retry: worthRetry, refetchOnWindowFocus: false } },
});

const root = document.getElementById("root");
if (root === null) throw new Error("index.html has no #root");
createRoot(root).render(
    <StrictMode>
        <QueryClientProvider client={queries}>
            <CrashBoundary>
                <App />
            </CrashBoundary>
        </QueryClientProvider>
    </StrictMode>,
);
