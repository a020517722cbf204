/* sign-in.tsx - exchanges the link's token for a session, or says where to get a link. */
import { useEffect, useState, type ReactNode } from "react";
import { readSession } from "../api/client.ts";
import { asProblem, problemText } from "../api/problem.ts";
import type { Problem } from "../api/shapes.ts";
import { navigate } from "../shell/route.ts";
import { exchangeToken, hasToken, keepReturnPath, takeReturnPath, useSetPrincipal } from "./session.ts";

function Card({ title, children }: { title: string; children: ReactNode }) {
    return (
        <main className="sign-in">
            <img src="/icon.svg" alt="" width="48" height="48" />
            <h1>{title}</h1>
            {children}
        </main>
    );
}

function HowToGetLink() {
    return (
        <ol>
            <li>Start the server, or start it again if it is running.</li>
            <li>
                In its terminal, find the line with <code>/sign-in#</code>…
            </li>
            <li>Open that address in this browser. It works once, within 15 minutes.</li>
        </ol>
    );
}

function Refused({ problem }: { problem: Problem }) {
    const dead = problem.status >= 400 && problem.status < 500 && problem.status !== 429;
    return (
        <Card title={dead ? "This sign-in link no longer works" : "Signing in failed"}>
            <p role="alert">
                {dead
                    ? "It was already used, or it is older than 15 minutes. To get a new one:"
                    : problemText(problem)}
            </p>
            {dead && <HowToGetLink />}
            {!dead && (
                <button type="button" className="primary" onClick={() => location.reload()}>
                    Try again
                </button>
            )}
        </Card>
    );
}

export function SignIn() {
    const setPrincipal = useSetPrincipal();
    const [problem, setProblem] = useState<Problem | null>(null);
    const [exchanging, setExchanging] = useState(hasToken());
    const [attempt, setAttempt] = useState(0);

    useEffect(() => {
        const again = () => {
            setProblem(null);
            setExchanging(true);
            setAttempt((before) => before + 1);
        };
        addEventListener("trailmix:token", again);
        return () => removeEventListener("trailmix:token", again);
    }, []);

    useEffect(() => {
        if (!hasToken()) return keepReturnPath();
        let current = true;
        exchangeToken()
            .then(readSession)
            .then(({ principal }) => {
                if (!current) return;
                navigate(takeReturnPath(), { replace: true });
                setPrincipal(principal);
            })
            .catch((error: unknown) => {
                if (!current) return;
                setExchanging(false);
                setProblem(asProblem(error));
            });
        return () => {
            current = false;
        };
    }, [attempt]);

    if (problem) return <Refused problem={problem} />;
    if (exchanging) return <Card title="Signing in…">{null}</Card>;
    return (
        <Card title="Sign in to TrailMix">
            <p>You need the link that the server prints when it starts:</p>
            <HowToGetLink />
        </Card>
    );
}
