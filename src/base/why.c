/* why.c - the list of faults of one input.
 *
 * How:     a fixed array; faults beyond it are counted, not kept. Cut texts end at a whole UTF-8
 *          character, because they go into JSON answers.
 * Threads: the owner's. */
#include "base/why.h"
#include <stdarg.h>
#include <stdio.h>

/* Removes an incomplete UTF-8 character from the end of a text of n bytes that was cut. */
static void cut_whole(char *text, size_t n)
{
    size_t lead = n;
    while (lead > 0 && n - lead < 4 && ((unsigned char)text[lead - 1] & 0xc0) == 0x80) {
        lead--;
    }
    if (lead == 0)
        return;
    const unsigned char c = (unsigned char)text[lead - 1];
    const size_t want = c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : c >= 0xc0 ? 2 : 1;
    if (n - (lead - 1) < want)
        text[lead - 1] = '\0';
}

void tm_why_clear(tm_why_t *why)
{
    assert(why != NULL);
    why->n = 0;
    why->dropped = 0;
}

tm_err_t tm_why_add(tm_why_t *why, tm_err_t err, const char *field, const char *fmt, ...)
{
    assert(err != TM_OK);
    assert(fmt != NULL);
    if (why == NULL)
        return err;
    if (why->n == TM_WHY_FAULTS_MAX) {
        why->dropped++;
        return err;
    }
    tm_fault_t *fault = &why->faults[why->n++];
    fault->err = err;
    const int field_n =
        snprintf(fault->field, sizeof(fault->field), "%s", field == NULL ? "" : field);
    if (field_n >= (int)sizeof(fault->field))
        cut_whole(fault->field, sizeof(fault->field) - 1);

    va_list args;
    va_start(args, fmt);
    const int text_n = vsnprintf(fault->text, sizeof(fault->text), fmt, args);
    va_end(args);
    if (text_n >= (int)sizeof(fault->text))
        cut_whole(fault->text, sizeof(fault->text) - 1);
    return err;
}

tm_err_t tm_why_err(const tm_why_t *why)
{
    return why == NULL || why->n == 0 ? TM_OK : why->faults[0].err;
}

const char *tm_why_line(const tm_why_t *why, char *buf, size_t buf_bytes)
{
    assert(buf != NULL && buf_bytes > 0);
    buf[0] = '\0';
    if (why == NULL || why->n == 0)
        return buf;
    const tm_fault_t *fault = &why->faults[0];
    const char *between = fault->field[0] == '\0' ? "" : ": ";
    const int n = snprintf(buf, buf_bytes, "%s%s%s", fault->field, between, fault->text);
    if (n >= (int)buf_bytes)
        cut_whole(buf, buf_bytes - 1);
    return buf;
}
