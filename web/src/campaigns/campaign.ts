/* campaign.ts - one campaign's record. */
import { useQuery } from "@tanstack/react-query";
import { readCampaign } from "../api/client.ts";

export function useCampaign(id: string) {
    return useQuery({ queryKey: ["campaign", id], queryFn: () => readCampaign(id), staleTime: 60_000 });
}
