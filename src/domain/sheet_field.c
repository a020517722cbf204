/* sheet_field.c - see sheet_field.h. */
#include "domain/sheet_field.h"

static const char *const names[TM_SHEET_FIELDS] = {
#define TM_SHEET_FIELD(name, doc) #name,
#include "domain/sheet_fields.def"
#undef TM_SHEET_FIELD
};

const char *tm_sheet_field_name(tm_sheet_field_t field)
{
    assert(field >= 0 && field < TM_SHEET_FIELDS);
    return names[field];
}

int tm_sheet_field_find(tm_str_t name)
{
    static const struct {
        const char *name;
        tm_sheet_field_t field;
    } shorter[] = {
        {"gross", TM_SHEET_gross_cents},
        {"net", TM_SHEET_net_cents},
        {"grp", TM_SHEET_grp_x10},
        {"length", TM_SHEET_length_s},
        {"low", TM_SHEET_low_cents},
        {"high", TM_SHEET_high_cents},
        {"from", TM_SHEET_flight_from},
        {"to", TM_SHEET_flight_to},
        {"commission", TM_SHEET_commission_bp},
    };
    for (int i = 0; i < TM_SHEET_FIELDS; i++) {
        if (tm_str_eq(name, tm_str(names[i])))
            return i;
    }
    for (size_t i = 0; i < TM_COUNT(shorter); i++) {
        if (tm_str_eq(name, tm_str(shorter[i].name)))
            return (int)shorter[i].field;
    }
    return -1;
}
