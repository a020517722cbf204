/* screen.tsx - sheets of this campaign: taking them in, what their columns mean, comparing whole lists. */
import type { Campaign } from "../api/shapes.ts";
import { InputDrop } from "../inputs/drop.tsx";
import { Header } from "../shell/header.tsx";
import { Mappings } from "./mapping.tsx";
import { Reconciliations } from "./reconcile.tsx";

export function SheetsScreen({ campaign }: { campaign: Campaign }) {
    return (
        <InputDrop campaign={campaign.id}>
            {(addButton) => (
                <div className="matrix-screen">
                    <Header campaign={{ id: campaign.id, name: campaign.name ?? campaign.id, tab: "sheets" }}>
                        {addButton}
                    </Header>
                    <main className="scrolling">
                        <div className="page wide">
                            <div className="page-head">
                                <h2>Sheets</h2>
                                <p className="faint">
                                    Drop CSV or XLSX files anywhere on this page; each row becomes a line
                                </p>
                            </div>
                            <Mappings />
                            <Reconciliations campaign={campaign} />
                        </div>
                    </main>
                </div>
            )}
        </InputDrop>
    );
}
