/* help.tsx - the keys of the review. */
import { Dialog } from "../ui/dialog.tsx";
import { HELP } from "./keys.ts";

export function Help({ close }: { close: () => void }) {
    return (
        <Dialog title="Keys" close={close}>
            <dl className="keys">
                {HELP.map(([key, words]) => (
                    <div key={key}>
                        <dt>
                            <kbd>{key}</kbd>
                        </dt>
                        <dd>{words}</dd>
                    </div>
                ))}
            </dl>
        </Dialog>
    );
}
