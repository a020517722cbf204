/** Folder of the standard fonts for pdf.js, set by vite.config.ts. */
declare const PDF_FONTS_URL: string;
