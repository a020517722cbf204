/* mapping.tsx - which column of a source's sheets holds what; once for each source. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useRef, useState, type FormEvent } from "react";
import { saveMapping } from "../api/sheets.ts";
import type { ColumnMapping } from "../api/shapes.ts";
import { Failed, InlineError, Loading } from "../ui/notice.tsx";
import { useRepeatable } from "../ui/repeatable.ts";
import { fieldFor, FIELDS, headingsOf, mappingFaults, type ColumnDraft } from "./fields.ts";
import { SourceField, useMappings } from "./sources.tsx";

const HEAD_BYTES = 64 * 1024; /* headings stand at the beginning */
const EMPTY_COLUMN: ColumnDraft = { field: "", header: "" };

interface RowProps {
    column: ColumnDraft;
    index: number;
    change: (column: ColumnDraft) => void;
    remove: () => void;
}

function ColumnRow({ column, index, change, remove }: RowProps) {
    const which = `column ${index + 1}`;
    return (
        <div className="mapping-row" role="group" aria-label={`Column ${index + 1}`}>
            <input
                aria-label={`Heading of ${which}`}
                value={column.header}
                maxLength={200}
                placeholder="Heading in the sheet"
                onChange={({ target }) => {
                    const guess = column.field === "" ? fieldFor(target.value) : column.field;
                    change({ field: guess, header: target.value });
                }}
            />
            <span aria-hidden="true">→</span>
            <select
                aria-label={`What ${which} holds`}
                value={column.field}
                onChange={({ target }) => change({ ...column, field: target.value })}
            >
                <option value="">not used</option>
                {FIELDS.map(([field, words]) => (
                    <option key={field} value={field}>
                        {field} – {words}
                    </option>
                ))}
            </select>
            <button type="button" className="quiet" aria-label={`Remove ${which}`} onClick={remove}>
                ✕
            </button>
        </div>
    );
}

function HeadingsButton({ take }: { take: (headings: string[]) => void }) {
    const input = useRef<HTMLInputElement>(null);
    const read = async (file: File | undefined) => {
        if (file) take(headingsOf(await file.slice(0, HEAD_BYTES).text()));
    };
    return (
        <>
            <button type="button" onClick={() => input.current?.click()}>
                Take headings from a CSV file
            </button>
            <input
                ref={input}
                type="file"
                accept=".csv,text/csv"
                hidden
                aria-label="CSV file with headings"
                onChange={(event) => {
                    void read(event.target.files?.[0]);
                    event.target.value = "";
                }}
            />
        </>
    );
}

function draftOf(mapping: ColumnMapping | undefined): ColumnDraft[] {
    const columns = mapping?.columns ?? [];
    return columns.length > 0 ? columns.map(({ field, header }) => ({ field, header })) : [EMPTY_COLUMN];
}

function Editor({ mapping, done }: { mapping: ColumnMapping | undefined; done: () => void }) {
    const queries = useQueryClient();
    const repeatable = useRepeatable();
    const [source, setSource] = useState(mapping?.source ?? "");
    const [columns, setColumns] = useState<ColumnDraft[]>(() => draftOf(mapping));
    const [faults, setFaults] = useState<string[]>([]);
    const save = useMutation({
        mutationFn: () => {
            const used = columns.filter((each) => each.field !== "" && each.header.trim() !== "");
            const sent = used.map(({ field, header }) => ({ field, header: header.trim() }));
            return saveMapping(source.trim(), sent, repeatable.keyFor([source, sent]));
        },
        onSuccess: () => {
            repeatable.done();
            void queries.invalidateQueries({ queryKey: ["mappings"] });
            done();
        },
    });
    const submit = (event: FormEvent) => {
        event.preventDefault();
        const found = mappingFaults(source, columns);
        setFaults(found);
        if (found.length === 0) save.mutate();
    };
    const replace = (index: number, column: ColumnDraft) =>
        setColumns((all) => all.map((each, at) => (at === index ? column : each)));
    const take = (headings: string[]) =>
        setColumns(headings.length > 0 ? headings.map((header) => ({ header, field: fieldFor(header) })) : [EMPTY_COLUMN]);
    return (
        <form className="mapping" onSubmit={submit} noValidate aria-label="Column mapping">
            <div className="mapping-head">
                <SourceField label="Source" value={source} change={setSource} />
                <HeadingsButton take={take} />
            </div>
            {columns.map((column, index) => (
                <ColumnRow
                    key={index}
                    column={column}
                    index={index}
                    change={(next) => replace(index, next)}
                    remove={() => setColumns((all) => all.filter((_, at) => at !== index))}
                />
            ))}
            {faults.length > 0 && (
                <p className="fault" role="alert">
                    {faults.join(" ")}
                </p>
            )}
            {save.error && <InlineError error={save.error} />}
            <div className="mapping-end">
                <button type="button" onClick={() => setColumns((all) => [...all, EMPTY_COLUMN])}>
                    Add column
                </button>
                <button type="button" onClick={done}>
                    Cancel
                </button>
                <button type="submit" className="primary" disabled={save.isPending}>
                    {save.isPending ? "Saving…" : "Save mapping"}
                </button>
            </div>
        </form>
    );
}

function MappingItem({ mapping, edit }: { mapping: ColumnMapping; edit: () => void }) {
    const columns = mapping.columns ?? [];
    return (
        <li>
            <strong>{mapping.source}</strong>
            <span className="details">{columns.map(({ header, field }) => `${header} → ${field}`).join(" · ")}</span>
            <button type="button" aria-label={`Change the mapping of ${mapping.source}`} onClick={edit}>
                Change
            </button>
        </li>
    );
}

export function Mappings() {
    const { data, error, refetch } = useMappings();
    const [edited, setEdited] = useState<string | null>(null); /* a mapping's id, "" for a new one */
    if (error) return <Failed error={error} retry={() => void refetch()} />;
    if (!data) return <Loading what="mappings" />;
    const { items } = data;
    return (
        <section className="sheet-part" aria-label="Column mappings">
            <div className="page-head">
                <h3>Column mappings</h3>
                <p className="faint">Usual headings are understood without one</p>
                {edited === null && (
                    <button type="button" onClick={() => setEdited("")}>
                        New mapping
                    </button>
                )}
            </div>
            {edited !== null && (
                <Editor
                    key={edited}
                    mapping={items.find((mapping) => mapping.id === edited)}
                    done={() => setEdited(null)}
                />
            )}
            <ul className="mappings">
                {items.map((mapping) => (
                    <MappingItem key={mapping.id} mapping={mapping} edit={() => setEdited(mapping.id)} />
                ))}
            </ul>
            {items.length === 0 && edited === null && <p className="faint">No source has a mapping of its own.</p>}
        </section>
    );
}
