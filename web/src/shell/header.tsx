/* header.tsx - the bar on top of every screen: where am I, and out. */
import type { ReactNode } from "react";
import { closeSession } from "../api/client.ts";
import { useSetPrincipal } from "../session/session.ts";
import { Link } from "./link.tsx";
import { campaignPath, navigate, type CampaignTab } from "./route.ts";

const TABS: readonly [CampaignTab, string][] = [
    ["matrix", "Matrix"],
    ["review", "Review"],
    ["decisions", "Decisions"],
    ["pending", "Pending lines"],
    ["exceptions", "Exceptions"],
    ["names", "Names"],
    ["sheets", "Sheets"],
];

interface Props {
    /** `tab` null: a screen below one of them. */
    campaign?: { id: string; name: string; tab: CampaignTab | null };
    children?: ReactNode;
}

function SignOut() {
    const setPrincipal = useSetPrincipal();
    const leave = () => {
        /* The cookie is the server's; if it cannot be reached the screen still closes. */
        sessionStorage.clear(); /* what the next person at this tab has no business with */
        void closeSession()
            .catch(() => undefined)
            .then(() => {
                navigate("/sign-in");
                setPrincipal(null);
            });
    };
    return (
        <button type="button" className="quiet" onClick={leave}>
            Sign out
        </button>
    );
}

export function Header({ campaign, children }: Props) {
    return (
        <header className="header">
            <Link href="/" className="brand" aria-label="TrailMix, all campaigns">
                <img src="/icon.svg" alt="" width="22" height="22" />
                <span>TrailMix</span>
            </Link>
            {campaign && (
                <>
                    <h1 title={campaign.name}>{campaign.name}</h1>
                    <nav aria-label="Campaign">
                        {TABS.map(([tab, word]) => (
                            <Link
                                key={tab}
                                href={campaignPath(campaign.id, tab)}
                                aria-current={tab === campaign.tab ? "page" : undefined}
                            >
                                {word}
                            </Link>
                        ))}
                    </nav>
                </>
            )}
            <div className="header-end">
                {children}
                <SignOut />
            </div>
        </header>
    );
}
