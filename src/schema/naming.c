/* naming.c - names of types in other languages.
 *
 * Threads: pure. */
#include "schema/naming.h"

void tm_name_pascal(const char *name, tm_buf_t *out)
{
    bool upper = true;
    for (const char *c = name; *c != '\0'; c++) {
        if (*c == '_') {
            upper = true;
            continue;
        }
        tm_buf_add_char(out, upper && *c >= 'a' && *c <= 'z' ? (char)(*c - 32) : *c);
        upper = false;
    }
}
