/* list.tsx - all campaigns, newest last changes as the server orders them. */
import { useEffect } from "react";
import { listCampaigns } from "../api/client.ts";
import type { Campaign } from "../api/shapes.ts";
import { longDay } from "../matrix/weeks.ts";
import { Header } from "../shell/header.tsx";
import { Link } from "../shell/link.tsx";
import { campaignPath } from "../shell/route.ts";
import { Empty, Failed, InlineError, Loading } from "../ui/notice.tsx";
import { Pager } from "../ui/pager.tsx";
import { usePages } from "../ui/pages.ts";

const BASIS: Record<string, string> = { broadcast: "Mon – Sun", political: "Tue – Mon" };

function marketsText(campaign: Campaign): string {
    const markets = campaign.markets ?? [];
    if (markets.length === 0) return "all markets";
    return markets.length > 6 ? `${markets.slice(0, 6).join(", ")} +${markets.length - 6}` : markets.join(", ");
}

function CampaignRow({ campaign }: { campaign: Campaign }) {
    return (
        <tr>
            <td>
                <Link href={campaignPath(campaign.id)}>{campaign.name || campaign.id}</Link>
            </td>
            <td>{campaign.election_date ? longDay(campaign.election_date) : <span className="faint">–</span>}</td>
            <td>{BASIS[campaign.week_basis ?? ""] ?? campaign.week_basis}</td>
            <td>{marketsText(campaign)}</td>
            <td className="number">{(campaign.advertisers ?? []).length}</td>
            <td>{campaign.status}</td>
        </tr>
    );
}

function CampaignTable({ campaigns }: { campaigns: Campaign[] }) {
    return (
        <table className="table">
            <thead>
                <tr>
                    <th scope="col">Campaign</th>
                    <th scope="col">Election</th>
                    <th scope="col">Weeks</th>
                    <th scope="col">Markets</th>
                    <th scope="col" className="number">
                        Advertisers
                    </th>
                    <th scope="col">Status</th>
                </tr>
            </thead>
            <tbody>
                {campaigns.map((campaign) => (
                    <CampaignRow key={campaign.id} campaign={campaign} />
                ))}
            </tbody>
        </table>
    );
}

export function CampaignList() {
    const pages = usePages(["campaigns"], listCampaigns);
    useEffect(() => {
        document.title = "Campaigns · TrailMix";
    }, []);
    const create = (
        <Link href="/campaigns/new" className="button primary">
            New campaign
        </Link>
    );
    return (
        <>
            <Header />
            <main className="page">
                <div className="page-head">
                    <h1>Campaigns</h1>
                    {pages.items.length > 0 && create}
                </div>
                {pages.isPending && <Loading what="campaigns" />}
                {pages.error && pages.items.length === 0 && (
                    <Failed error={pages.error} retry={() => void pages.refetch()} />
                )}
                {pages.isSuccess && pages.items.length === 0 && (
                    <Empty title="No campaigns yet">
                        <p>A campaign follows one race: its markets, its advertisers, every dollar by week.</p>
                        {create}
                    </Empty>
                )}
                {pages.items.length > 0 && (
                    <>
                        <CampaignTable campaigns={pages.items} />
                        {pages.error && <InlineError error={pages.error} />}
                        <Pager
                            shown={pages.items.length}
                            hasMore={pages.hasNextPage}
                            loading={pages.isFetchingNextPage}
                            more={() => void pages.fetchNextPage()}
                        />
                    </>
                )}
            </main>
        </>
    );
}
