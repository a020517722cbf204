// days.mjs - calendar days as whole numbers (days since 1970), so that no time zone can move one.
export const DAY_MS = 86400000;
export const day = (iso) => Math.round(Date.parse(`${iso}T00:00:00Z`) / DAY_MS);
export const iso = (d) => new Date(d * DAY_MS).toISOString().slice(0, 10);
export const weekday = (d) => (((d + 3) % 7) + 7) % 7; // 0 Monday .. 6 Sunday
export const monday = (d) => d - weekday(d);

// "09/14/26", and without leading zeros and with the whole year where a layout prints it so.
export function short(d) {
  const [y, m, dd] = iso(d).split('-');
  return `${m}/${dd}/${y.slice(2)}`;
}

export function long(d) {
  const [y, m, dd] = iso(d).split('-');
  return `${Number(m)}/${Number(dd)}/${y}`;
}

export function monthDay(d) {
  const [, m, dd] = iso(d).split('-');
  return `${Number(m)}/${Number(dd)}`;
}

export function dollars(cents) {
  const whole = Math.floor(Math.abs(cents) / 100).toString().replace(/\B(?=(\d{3})+$)/g, ',');
  const text = `$${whole}.${String(Math.abs(cents) % 100).padStart(2, '0')}`;
  return cents < 0 ? `(${text})` : text;
}
