/* app.tsx - which screen the address and the session call for. */
import { lazy, Suspense, useEffect } from "react";
import { CampaignForm } from "./campaigns/form.tsx";
import { CampaignList } from "./campaigns/list.tsx";
import { useCampaign } from "./campaigns/campaign.ts";
import type { Campaign } from "./api/shapes.ts";
import { DecisionsScreen } from "./decisions/screen.tsx";
import { ExceptionsScreen } from "./exceptions/screen.tsx";
import { NamesScreen } from "./names/screen.tsx";
import { SheetsScreen } from "./sheets/screen.tsx";
import { PendingScreen } from "./pending/screen.tsx";
import { hasToken, useSession } from "./session/session.ts";
import { SignIn } from "./session/sign-in.tsx";
import { Header } from "./shell/header.tsx";
import { Link } from "./shell/link.tsx";
import { navigate, useRoute, type CampaignTab } from "./shell/route.ts";
import { Empty, Failed, Loading } from "./ui/notice.tsx";

/* The grid is the largest part by far, then come the readers of PDF and the chart; other screens do not wait for them. */
const MatrixScreen = lazy(() => import("./matrix/screen.tsx"));
const ReviewScreen = lazy(() => import("./review/screen.tsx"));
const OrderScreen = lazy(() => import("./orders/screen.tsx"));

const TAB_NAMES: Record<CampaignTab, string> = {
    matrix: "",
    review: "Review · ",
    decisions: "Decisions · ",
    pending: "Pending lines · ",
    exceptions: "Exceptions · ",
    names: "Names · ",
    sheets: "Sheets · ",
};

interface CampaignProps {
    id: string;
    tab: CampaignTab;
    /** An order of the campaign instead of one of its tabs. */
    order?: string;
}

function TabScreen({ campaign, tab, order }: { campaign: Campaign; tab: CampaignTab; order: string | undefined }) {
    if (order !== undefined) return <OrderScreen key={order} campaign={campaign} order={order} />;
    switch (tab) {
        case "matrix":
            return <MatrixScreen key={campaign.id} campaign={campaign} />;
        case "review":
            return <ReviewScreen key={campaign.id} campaign={campaign} />;
        case "decisions":
            return <DecisionsScreen campaign={campaign} />;
        case "pending":
            return <PendingScreen campaign={campaign} />;
        case "exceptions":
            return <ExceptionsScreen campaign={campaign} />;
        case "names":
            return <NamesScreen campaign={campaign} />;
        case "sheets":
            return <SheetsScreen key={campaign.id} campaign={campaign} />;
    }
}

function CampaignScreen({ id, tab, order }: CampaignProps) {
    const { data: campaign, error, refetch } = useCampaign(id);
    const name = campaign?.name ?? id;
    const lead = order === undefined ? TAB_NAMES[tab] : "Order · ";
    useEffect(() => {
        document.title = `${lead}${name} · TrailMix`;
    }, [lead, name]);
    if (error || !campaign) {
        return (
            <>
                <Header />
                {error ? <Failed error={error} retry={() => void refetch()} /> : <Loading what="the campaign" />}
            </>
        );
    }
    return (
        <Suspense fallback={<Loading what="the screen" />}>
            <TabScreen campaign={campaign} tab={tab} order={order} />
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
        case "order":
            return <CampaignScreen id={route.id} tab="matrix" order={route.order} />;
        case "unknown":
            return <UnknownScreen />;
    }
}
