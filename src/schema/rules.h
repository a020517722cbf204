/* rules.h - what must hold between the fields of one record; called by tm_record_validate after
 * every single field is good.
 *
 * Why:     a descriptor knows fields one by one; order of two days or a real time zone is code.
 * How:     tm_<record>_rules adds faults with the names of its own fields. A record that has one
 *          says so with a line `#define tm_<record>_RULES ~, tm_<record>_rules`; any other has
 *          none.
 * Threads: pure. */
#ifndef TM_SCHEMA_RULES_H
#define TM_SCHEMA_RULES_H
#include "base/why.h"

#define tm_span_RULES ~, tm_span_rules
#define tm_line_week_RULES ~, tm_line_week_rules
#define tm_campaign_RULES ~, tm_campaign_rules
#define tm_market_RULES ~, tm_market_rules
#define tm_station_RULES ~, tm_station_rules
#define tm_buy_line_RULES ~, tm_buy_line_rules

void tm_span_rules(const void *record, tm_why_t *why);
void tm_line_week_rules(const void *record, tm_why_t *why);
void tm_campaign_rules(const void *record, tm_why_t *why);
void tm_market_rules(const void *record, tm_why_t *why);
void tm_station_rules(const void *record, tm_why_t *why);
void tm_buy_line_rules(const void *record, tm_why_t *why);
#endif
