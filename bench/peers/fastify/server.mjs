// server.mjs - a durable POST of a buy line as one writes it with Fastify and MySQL: schema, prepared INSERT, 201.
//
// Why:  what our durable write is measured against.
// How:  server.mjs PORT mysql://... POOL; the route, its fields and its key are those of POST /api/v1/buy-lines. The answer is sent
//       when MariaDB has committed, which is when the line is on stable storage. No logging; Fastify compiles both schemas.
import { randomUUID } from 'node:crypto';
import Fastify from 'fastify';
import mysql from 'mysql2/promise';

const [port, uri, connectionLimit] = process.argv.slice(2);
const pool = mysql.createPool({ uri, connectionLimit: Number(connectionLimit) });
const fields = {
  campaign_id: { type: 'string', pattern: '^cmp_[0-9A-Za-z]{1,18}$' },
  advertiser: { type: 'string', minLength: 1, maxLength: 200 },
  station: { type: 'string', minLength: 3, maxLength: 20 },
  market: { type: 'integer', minimum: 100, maximum: 999 },
  medium: { type: 'string', enum: ['broadcast', 'cable', 'radio', 'digital', 'ctv', 'satellite', 'print', 'outdoor', 'other'] },
  flight_from: { type: 'string', format: 'date' },
  flight_to: { type: 'string', format: 'date' },
  gross_cents: { type: 'integer' },
  order_no: { type: 'string', minLength: 1, maxLength: 50 },
};
const names = ['id', 'created_ms', ...Object.keys(fields)];
const types = {
  id: 'CHAR(36) PRIMARY KEY', created_ms: 'BIGINT', campaign_id: 'VARCHAR(22)', advertiser: 'VARCHAR(200)', station: 'VARCHAR(20)', market: 'INT',
  medium: 'VARCHAR(32)', flight_from: 'DATE', flight_to: 'DATE', gross_cents: 'BIGINT', order_no: 'VARCHAR(50)',
};
await pool.query(`CREATE TABLE IF NOT EXISTS buy_line (${names.map((n) => `${n} ${types[n]}`)}, KEY (campaign_id), KEY (order_no)) ENGINE=InnoDB`);
const insert = `INSERT INTO buy_line (${names}) VALUES (${names.map(() => '?')})`;

const app = Fastify();
app.addHook('onRequest', async (request, reply) => {
  if (request.headers['x-api-key'] !== process.env.SYSTEM_API_KEY) return reply.code(401).send({ title: 'unauthorized' });
});
app.post('/api/v1/buy-lines', {
  schema: {
    body: { type: 'object', properties: fields, required: Object.keys(fields), additionalProperties: false },
    response: { 201: { type: 'object', properties: { id: { type: 'string' }, created_ms: { type: 'integer' }, ...fields } } },
  },
}, async (request, reply) => {
  const line = { id: randomUUID(), created_ms: Date.now(), ...request.body };
  await pool.execute(insert, names.map((n) => line[n]));
  return reply.code(201).send(line);
});
await app.listen({ host: '127.0.0.1', port: Number(port) });
