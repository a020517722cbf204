/* screen.tsx - data problems of a campaign that a person must look at. */
import { listExceptions } from "../api/client.ts";
import type { Campaign, Exception } from "../api/shapes.ts";
import { Header } from "../shell/header.tsx";
import { FileLink } from "../ui/file-link.tsx";
import { Empty, Failed, InlineError, Loading } from "../ui/notice.tsx";
import { Pager } from "../ui/pager.tsx";
import { usePages } from "../ui/pages.ts";
import { detailsText } from "./details.ts";

function ExceptionRow({ exception }: { exception: Exception }) {
    const kind = (exception.kind ?? "unknown").replaceAll("_", " ");
    return (
        <tr>
            <td>
                <span className="kind">{kind}</span>
            </td>
            <td>
                <FileLink input={exception.input_id}>{exception.subject}</FileLink>
            </td>
            <td className="details">{detailsText(exception.details)}</td>
            <td>
                <span className={`status status-${exception.status ?? "unknown"}`}>{exception.status}</span>
            </td>
        </tr>
    );
}

function ExceptionTable({ exceptions }: { exceptions: Exception[] }) {
    return (
        <table className="table">
            <thead>
                <tr>
                    <th scope="col">Kind</th>
                    <th scope="col">Subject</th>
                    <th scope="col">Details</th>
                    <th scope="col">Status</th>
                </tr>
            </thead>
            <tbody>
                {exceptions.map((exception) => (
                    <ExceptionRow key={exception.id} exception={exception} />
                ))}
            </tbody>
        </table>
    );
}

export function ExceptionsScreen({ campaign }: { campaign: Campaign }) {
    const pages = usePages(["exceptions", campaign.id], (cursor) => listExceptions(campaign.id, cursor));
    return (
        <>
            <Header campaign={{ id: campaign.id, name: campaign.name ?? campaign.id, tab: "exceptions" }} />
            <main className="page wide">
                <div className="page-head">
                    <h2>Exceptions</h2>
                    <p className="faint">What the readers and rules could not settle by themselves</p>
                </div>
                {pages.isPending && <Loading what="exceptions" />}
                {pages.error && pages.items.length === 0 && (
                    <Failed error={pages.error} retry={() => void pages.refetch()} />
                )}
                {pages.isSuccess && pages.items.length === 0 && (
                    <Empty title="No exceptions">
                        <p>Nothing in this campaign needs a person.</p>
                    </Empty>
                )}
                {pages.items.length > 0 && (
                    <>
                        <ExceptionTable exceptions={pages.items} />
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
