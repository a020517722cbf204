/* pager.tsx - "show more" under a list that comes in pages. */
interface Props {
    shown: number;
    hasMore: boolean;
    loading: boolean;
    more: () => void;
}

export function Pager({ shown, hasMore, loading, more }: Props) {
    return (
        <div className="pager">
            <span className="faint">
                {shown} shown{hasMore ? "" : ", that is all"}
            </span>
            {hasMore && (
                <button type="button" onClick={more} disabled={loading}>
                    {loading ? "Loading…" : "Show more"}
                </button>
            )}
        </div>
    );
}
