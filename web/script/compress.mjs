/* compress.mjs - writes NAME.br and NAME.gz beside every file of a folder that shrinks.
 *
 * Why:  the server sends ready bytes; it compresses nothing itself.
 * How:  node script/compress.mjs FOLDER; a compressed form that saves less than a tenth is not written. */
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const COMPRESSIBLE = /\.(html|js|css|svg|json|txt|ttf)$/;

function* files(folder) {
    for (const name of readdirSync(folder).sort()) {
        const path = join(folder, name);
        if (statSync(path).isDirectory()) yield* files(path);
        else yield path;
    }
}

function write(path, bytes, limit) {
    if (bytes.length < limit) writeFileSync(path, bytes);
}

const folder = process.argv[2];
if (!folder) {
    console.error("usage: node script/compress.mjs FOLDER");
    process.exit(2);
}
for (const path of files(folder)) {
    if (!COMPRESSIBLE.test(path)) continue;
    const bytes = readFileSync(path);
    const limit = bytes.length * 0.9;
    const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length };
    write(`${path}.br`, brotliCompressSync(bytes, { params }), limit);
    write(`${path}.gz`, gzipSync(bytes, { level: 9 }), limit);
}
