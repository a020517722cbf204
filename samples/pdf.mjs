// pdf.mjs - writes small PDF files: text at absolute places in the standard fonts, lines, filled boxes, one grey image.
//
// Why:  the sample papers must be real documents with a text layer, the same bytes on every machine.
// How:  PDF 1.4, no compression, no dates; object 1 is the catalog, 2 the list of pages, 3..5 the fonts.
//       Places are points from the upper left corner of a letter page.
const WIDTH = 612, HEIGHT = 792;
const FONTS = { plain: ['F1', 'Helvetica'], bold: ['F2', 'Helvetica-Bold'], mono: ['F3', 'Courier'] };

// Widths of the characters 32..126 in Helvetica, thousandths of the size; the bold ones differ little and are treated alike.
const HELVETICA = [
  278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556, 556, 556, 556, 556, 556, 556, 556, 278, 278,
  584, 584, 584, 556, 1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833, 722, 778, 667, 778, 722, 667, 611, 722, 667, 944,
  667, 667, 611, 278, 278, 278, 469, 556, 333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556, 556, 556, 333, 500,
  278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584,
];

export function textWidth(text, size, font) {
  if (font === 'mono') return text.length * 0.6 * size;
  let sum = 0;
  for (const c of text) sum += HELVETICA[c.charCodeAt(0) - 32];
  return (sum * size) / 1000;
}

const n = (v) => String(Math.round(v * 100) / 100);

export class Paper {
  constructor() {
    this.pages = [];
  }

  page() {
    this.pages.push([]);
    return this;
  }

  put(op) {
    this.pages.at(-1).push(op);
  }

  // Text with its upper edge at y; `right` aligns its end to x, `middle` its centre.
  text(x, y, text, { size = 8.5, font = 'plain', align = 'left', grey = 0 } = {}) {
    const s = String(text);
    if (!/^[\x20-\x7e]*$/.test(s)) throw new Error(`only plain characters: ${s}`);
    const width = textWidth(s, size, font);
    const at = align === 'right' ? x - width : align === 'middle' ? x - width / 2 : x;
    const escaped = s.replace(/[\\()]/g, '\\$&');
    this.put(`${n(grey)} g BT /${FONTS[font][0]} ${n(size)} Tf ${n(at)} ${n(HEIGHT - y - size * 0.78)} Td (${escaped}) Tj ET`);
  }

  line(x0, y0, x1, y1, width = 0.5) {
    this.put(`${n(width)} w 0.45 G ${n(x0)} ${n(HEIGHT - y0)} m ${n(x1)} ${n(HEIGHT - y1)} l S`);
  }

  box(x, y, w, h, grey) {
    this.put(`${n(grey)} g ${n(x)} ${n(HEIGHT - y - h)} ${n(w)} ${n(h)} re f`);
  }

  // A grey picture over the whole page: what a scanner without text recognition makes.
  picture() {
    this.put('q 540 0 0 700 36 46 cm /I Do Q');
    this.hasPicture = true;
  }

  bytes() {
    const objects = [];
    const add = (number, text) => objects.push([number, text]);
    const first = 7;
    add(1, '<< /Type /Catalog /Pages 2 0 R >>');
    const kids = this.pages.map((_, i) => `${first + 2 * i} 0 R`).join(' ');
    add(2, `<< /Type /Pages /Kids [${kids}] /Count ${this.pages.length} >>`);
    Object.values(FONTS).forEach(([, base], i) =>
      add(3 + i, `<< /Type /Font /Subtype /Type1 /BaseFont /${base} /Encoding /WinAnsiEncoding >>`));
    const side = 48;
    let pixels = '';
    for (let y = 0; y < side; y++) {
      for (let x = 0; x < side; x++) pixels += y % 4 < 2 && (x * 7 + y * 3) % 11 > 2 && x > 3 && x < 44 ? '5' : '~';
    }
    add(6, `<< /Type /XObject /Subtype /Image /Width ${side} /Height ${side} /ColorSpace /DeviceGray /BitsPerComponent 8 ` +
      `/Length ${pixels.length} >>\nstream\n${pixels}\nendstream`);
    const fonts = Object.values(FONTS).map(([name], i) => `/${name} ${3 + i} 0 R`).join(' ');
    this.pages.forEach((ops, i) => {
      const content = ops.join('\n');
      const resources = `/Resources << /Font << ${fonts} >>${this.hasPicture ? ' /XObject << /I 6 0 R >>' : ''} >>`;
      add(first + 2 * i, `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 ${WIDTH} ${HEIGHT}] /Contents ${first + 2 * i + 1} 0 R ${resources} >>`);
      add(first + 2 * i + 1, `<< /Length ${content.length} >>\nstream\n${content}\nendstream`);
    });
    let out = '%PDF-1.4\n';
    const places = [];
    for (const [number, text] of objects) {
      places[number] = out.length;
      out += `${number} 0 obj\n${text}\nendobj\n`;
    }
    const table = out.length;
    out += `xref\n0 ${places.length}\n0000000000 65535 f \n`;
    for (let i = 1; i < places.length; i++) out += `${String(places[i]).padStart(10, '0')} 00000 n \n`;
    out += `trailer\n<< /Size ${places.length} /Root 1 0 R >>\nstartxref\n${table}\n%%EOF\n`;
    return Buffer.from(out, 'latin1');
  }
}
