/* tables.h - tables that others publish: the FCC's facility table and lists of markets with their
 * spellings.
 *
 * Source:  facility.dat of the FCC's CDBS: one station a line, fields separated by '|'; counted
 *          from 1: 1 community city,
 *          2 community state, 6 call sign, 11 service, 15 facility id, 27 network, 28 market name.
 * Threads: pure. */
#ifndef TM_FEEDS_TABLES_H
#define TM_FEEDS_TABLES_H
#include "base/memory.h"
#include "base/why.h"
#include "schema/entities.h"

/* One line. false: no station of a service we know (deleted call signs `D...` too). Strings point
 * into `line`. market p NULL: none. */
bool tm_facility_line(tm_str_t line, tm_station_t *ret, tm_str_t *ret_market);

/* Markets from JSON: a list of {dma_code, name, rank, tv_homes, aliases[]} or an object "504":
 * "NAME" / "504": {..}; or CSV with a
 * header naming such columns. Keys `code`, `dma`, `homes` are understood too. Errors:
 * TM_EMALFORMED, TM_EINVALID with the line. */
typedef struct tm_market_table {
    tm_market_t *markets;
    tm_market_alias_t *aliases;
    uint32_t n_markets, n_aliases;
} tm_market_table_t;
TM_MUST_CHECK tm_err_t tm_markets_read(tm_str_t text, tm_arena_t *arena, tm_market_table_t *ret,
                                       tm_why_t *why);
#endif
