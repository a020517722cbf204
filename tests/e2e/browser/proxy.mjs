/* proxy.mjs - a wire between browser and server that a test can cut.
 *
 * Why:  a browser's offline switch does not end streams that are already open; a cable does. */
import { connect, createServer } from "node:net";

/** Forwards to the server at `url`; `cut()` breaks every connection and refuses new ones until `mend()`. */
export async function startProxy(url) {
    const { hostname, port } = new URL(url);
    const open = new Set();
    let isCut = false;
    const listener = createServer((client) => {
        if (isCut) return client.destroy();
        const server = connect(Number(port), hostname);
        for (const [from, to] of [[client, server], [server, client]]) {
            open.add(from);
            from.on("error", () => to.destroy());
            from.on("close", () => {
                open.delete(from);
                to.destroy();
            });
            from.pipe(to);
        }
    });
    await new Promise((resolve) => listener.listen(0, "127.0.0.1", resolve));
    return {
        url: `http://127.0.0.1:${listener.address().port}`,
        cut() {
            isCut = true;
            for (const socket of open) socket.destroy();
        },
        mend() {
            isCut = false;
        },
        async stop() {
            this.cut();
            await new Promise((resolve) => listener.close(resolve));
        },
    };
}
