/* vite.config.ts - how the application is built.
 *
 * Why:  the server sends `Content-Security-Policy: default-src 'self'`, so nothing may be inlined as
 *       a data: address, and it treats every name under /assets/ as immutable.
 * How:  no inlining; scripts, the PDF worker and styles get a content hash in their name; the fonts that
 *       pdf.js fetches by name lie in a folder named after the library's version instead. */
import { cpSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";

const PDFJS = "node_modules/pdfjs-dist";
const { version } = JSON.parse(readFileSync(`${PDFJS}/package.json`, "utf8")) as { version: string };
const FONTS_PATH = `assets/pdf-fonts-${version}/`;

/* Documents may name the 14 standard fonts without embedding them; pdf.js then asks for these files. */
function pdfFonts(): Plugin {
    let outDir = "dist";
    return {
        name: "trailmix-pdf-fonts",
        apply: "build",
        configResolved(config) {
            outDir = config.build.outDir;
        },
        closeBundle() {
            const to = join(outDir, FONTS_PATH);
            mkdirSync(to, { recursive: true });
            for (const name of readdirSync(`${PDFJS}/standard_fonts`)) {
                cpSync(`${PDFJS}/standard_fonts/${name}`, join(to, name));
            }
        },
    };
}

const scripts = { entryFileNames: "assets/[name]-[hash].js", chunkFileNames: "assets/[name]-[hash].js" };

export default defineConfig({
    plugins: [react(), pdfFonts()],
    define: { PDF_FONTS_URL: JSON.stringify(`/${FONTS_PATH}`) },
    build: {
        target: "es2022",
        assetsInlineLimit: 0,
        modulePreload: { polyfill: false },
        chunkSizeWarningLimit: 1200,
        rollupOptions: {
            output: {
                ...scripts,
                manualChunks(id: string) {
                    if (id.includes("node_modules/ag-")) return "grid";
                    if (id.includes("node_modules/pdfjs-dist")) return "pdf";
                    if (id.includes("node_modules/uplot")) return "chart";
                    return id.includes("node_modules") ? "vendor" : undefined;
                },
            },
        },
    },
    worker: { format: "es", rollupOptions: { output: scripts } },
    server: { proxy: { "/api": process.env["TRAILMIX_URL"] ?? "http://127.0.0.1:3000" } },
});
