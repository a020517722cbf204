/* link.tsx - an anchor that changes screens without loading the page again. */
import type { AnchorHTMLAttributes, MouseEvent } from "react";
import { navigate } from "./route.ts";

interface Props extends AnchorHTMLAttributes<HTMLAnchorElement> {
    href: string;
}

export function Link({ href, ...rest }: Props) {
    const go = (event: MouseEvent) => {
        if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey || event.button !== 0) return;
        event.preventDefault();
        navigate(href);
    };
    return <a href={href} onClick={go} {...rest} />;
}
