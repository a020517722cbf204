/* session.ts - who is signed in, and the one-time token of the sign-in link.
 *
 * Why:  the token must be posted exactly once and must not stay in the address bar or the history.
 * How:  it is taken out of the fragment when this module loads, before anything renders; the promise of its
 *       exchange is kept, so that a second render waits for the same answer. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { openSession, readSession } from "../api/client.ts";
import { ProblemError } from "../api/problem.ts";
import { onSignedOut } from "../api/wire.ts";

const SESSION_KEY = ["session"] as const;
const RETURN_TO = "trailmix.return_to";

let token = takeToken();
let exchange: Promise<void> | null = null;

function takeToken(): string | null {
    if (location.pathname !== "/sign-in") return null;
    const found = decodeURIComponent(location.hash.slice(1));
    if (location.hash) history.replaceState(null, "", "/sign-in");
    return found || null;
}

/* The same tab may get another link pasted in; that changes only the fragment. */
addEventListener("hashchange", () => {
    const found = takeToken();
    if (found === null) return;
    token = found;
    exchange = null;
    dispatchEvent(new Event("trailmix:token"));
});

/** Where to go after signing in: the screen that asked for it, else the list. */
export function takeReturnPath(): string {
    const path = sessionStorage.getItem(RETURN_TO);
    sessionStorage.removeItem(RETURN_TO);
    return path && path.startsWith("/") && !path.startsWith("//") ? path : "/";
}

export function keepReturnPath(): void {
    if (location.pathname === "/sign-in") return;
    sessionStorage.setItem(RETURN_TO, location.pathname + location.search);
}

export function hasToken(): boolean {
    return token !== null;
}

/** Posts the link's token; the same promise for each caller. */
export function exchangeToken(): Promise<void> {
    exchange ??= openSession(token ?? "").then(() => {
        token = null; /* spent; signing out must not try it again */
    });
    return exchange;
}

async function readPrincipal(): Promise<string | null> {
    try {
        return (await readSession()).principal;
    } catch (error) {
        if (error instanceof ProblemError && error.problem.status === 401) return null;
        throw error;
    }
}

/** data: the principal, or null when nobody is signed in. */
export function useSession() {
    const queries = useQueryClient();
    useEffect(() => {
        onSignedOut(() => queries.setQueryData(SESSION_KEY, null));
    }, [queries]);
    return useQuery({
        queryKey: SESSION_KEY,
        queryFn: readPrincipal,
        enabled: !hasToken(), /* the exchange decides; an earlier 401 must not overtake it */
        staleTime: Infinity,
        retry: 1,
        /* Somebody may have signed in in another tab meanwhile. */
        refetchOnWindowFocus: (query) => (query.state.data === null ? "always" : false),
    });
}

export function useSetPrincipal(): (principal: string | null) => void {
    const queries = useQueryClient();
    return (principal) => {
        if (principal === null) queries.clear();
        queries.setQueryData(SESSION_KEY, principal);
    };
}
