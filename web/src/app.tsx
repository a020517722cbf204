/* app.tsx - which screen the address and the session call for. */
import { lazy, Suspense, useEffect } from "react";
import { CampaignForm } from "./campaigns/form.tsx";
import { CampaignList } from "./campaigns/list.tsx";
import { useCampaign } from "./campaigns/campaign.ts";
import { ExceptionsScreen } from "./exceptions/screen.tsx";
import { PendingScreen } from "./pending/screen.tsx";
import { hasToken, useSession } from "./session/session.ts";
import { SignIn } from "./session/sign-in.tsx";
import { Header } from "./shell/header.tsx";
import { Link } from "./shell/link.tsx";
import { navigate, useRoute, type CampaignTab } from "./shell/route.ts";
import { Empty, Failed, Loading } from "./ui/notice.tsx";

/* The grid is the largest part by far; the other screens do not wait for it. */
const MatrixScreen = lazy(() => import("./matrix/screen.tsx"));

function CampaignScreen({ id, tab }: { id: string; tab: CampaignTab }) {
    const { data: campaign, error, refetch } = useCampaign(id);
    const name = campaign?.name ?? id;
    useEffect(() => {
        document.title = `${name} · TrailMix`;
    }, [name]);
    if (error || !campaign) {
        return (
            <>
                <Header />
                {error ? <Failed error={error} retry={() => void refetch()} /> : <Loading what="the campaign" />}
            </>
        );
    }
    if (tab === "pending") return <PendingScreen campaign={campaign} />;
    if (tab === "exceptions") return <ExceptionsScreen campaign={campaign} />;
    return (
        <Suspense fallback={<Loading what="the matrix" />}>
            <MatrixScreen key={campaign.id} campaign={campaign} />
        </Suspense>
    );
}

function UnknownScreen() {
    return (
        <>
            <Header />
            <Empty title="There is no such page">
                <p>
                    <Link href="/">All campaigns</Link>
                </p>
            </Empty>
        </>
    );
}

export function App() {
    const route = useRoute();
    const session = useSession();
    const isBack = route.screen === "sign-in" && !hasToken() && typeof session.data === "string";
    useEffect(() => {
        if (isBack) navigate("/", { replace: true });
    }, [isBack]);
    if (route.screen === "sign-in") return isBack ? null : <SignIn />;
    if (session.isPending) return <Loading what="TrailMix" />;
    if (session.error) return <Failed error={session.error} retry={() => void session.refetch()} />;
    if (session.data === null) return <SignIn />;
    switch (route.screen) {
        case "campaigns":
            return <CampaignList />;
        case "new-campaign":
            return <CampaignForm />;
        case "campaign":
            return <CampaignScreen id={route.id} tab={route.tab} />;
        case "unknown":
            return <UnknownScreen />;
    }
}
