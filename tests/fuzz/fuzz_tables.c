/* fuzz_tables.c - the FCC's facility table and lists of markets: any bytes. */
#include "feeds/tables.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const tm_str_t text = tm_str_n((const char *)data, size);
    tm_arena_t *arena = tm_arena_new(16 << 20);
    tm_station_t station = {0};
    tm_str_t market;
    tm_market_table_t table;
    (void)tm_facility_line(text, &station, &market);
    const tm_err_t err = tm_markets_read(text, arena, &table, NULL);
    assert(err != TM_OK || table.n_markets == 0 || table.markets != NULL);
    tm_arena_free(arena);
    return 0;
}
