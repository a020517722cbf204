/* side.tsx - the side of an advertiser: word and colour, never colour alone. */
const WORDS: Record<string, string> = { for: "For", against: "Against", neutral: "Neutral" };

export function Side({ side }: { side: string | null | undefined }) {
    if (!side) return <span className="faint">–</span>;
    return <span className={`side side-${side}`}>{WORDS[side] ?? side}</span>;
}
