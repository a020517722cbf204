/* chain.c - the lines of one order: which is the newest version, which papers only accompany it,
 * which days invoices close.
 *
 * How:     first standings: versions are ranked, each is replaced by the next newer one; invoices
 *          by number; credits stand alone. Then counting, which looks at standings only: a
 *          cancellation leaves earlier days to the line it replaced, an invoice takes its days out
 *          of the order's other lines. Reports of a payment (a notice, its amendments, the periodic
 *          report) are ranked alike, among themselves.
 * Threads: pure. */
#include "domain/order.h"
#include "base/map.h"
#include "schema/record.h"

typedef struct node {
    const tm_buy_line_t *line;
    uint32_t at; /* index in lines and ret */
    tm_paper_t role;
    bool amount, cancelled;
    const char *series; /* of the revision, into the line's text */
    uint32_t series_n;
    int64_t number; /* of the revision, -1 none */
} node_t;

typedef struct chain {
    tm_arena_t *arena;
    const tm_buy_line_t *const *lines;
    uint32_t n;
    tm_verdict_t *ret;
    node_t *nodes;     /* [n], later in order of age */
    tm_keep_t *pieces; /* [n + 1], while days are cut */
    bool full;         /* the arena is */
} chain_t;

static bool has_stage(const tm_buy_line_t *line, int stage)
{
    return TM_HAS(line, TM_BUY_LINE_stage) && line->stage.v == stage;
}

static bool has_type(const tm_buy_line_t *line, int type)
{
    return TM_HAS(line, TM_BUY_LINE_doc_type) && line->doc_type.v == type;
}

static bool is_negative(const tm_buy_line_t *line)
{
    return (TM_HAS(line, TM_BUY_LINE_gross_cents) && line->gross_cents.v < 0) ||
           (TM_HAS(line, TM_BUY_LINE_net_cents) && line->net_cents.v < 0);
}

/* A row of a table: it tells of an order, but is none of its versions (4.4.3). */
static bool is_listed(const tm_buy_line_t *line)
{
    return has_type(line, TM_DOC_TYPE_sheet) || has_type(line, TM_DOC_TYPE_export);
}

static tm_paper_t role_of(const tm_buy_line_t *line, bool amount, bool cancelled)
{
    if (TM_HAS(line, TM_BUY_LINE_archived_ms))
        return TM_PAPER_OUT;
    if (!tm_line_is_airtime(line))
        return TM_HAS(line, TM_BUY_LINE_memo) && line->memo ? TM_PAPER_OUT : TM_PAPER_PAID;
    if (TM_HAS(line, TM_BUY_LINE_adjustment_of) || has_type(line, TM_DOC_TYPE_credit))
        return TM_PAPER_ALONE;
    if (has_stage(line, TM_STAGE_invoiced) || has_type(line, TM_DOC_TYPE_invoice))
        return TM_PAPER_INVOICE;
    if (cancelled)
        return TM_PAPER_VERSION;
    if (is_negative(line))
        return TM_PAPER_ALONE; /* a rebate filed as an order */
    const bool substitutions = has_type(line, TM_DOC_TYPE_confirmation) &&
                               TM_HAS(line, TM_BUY_LINE_changes_only) && line->changes_only;
    if (substitutions || has_type(line, TM_DOC_TYPE_agreement) ||
        has_type(line, TM_DOC_TYPE_inquiry))
        return TM_PAPER_NOTE;
    if (!amount)
        return TM_PAPER_NOTE;
    const bool estimate = TM_HAS(line, TM_BUY_LINE_estimate) && line->estimate;
    return estimate || has_stage(line, TM_STAGE_proposed) ? TM_PAPER_SOFT : TM_PAPER_VERSION;
}

/* "Makegood 4" is number 4 of the series MAKEGOOD; "2", "Rev 2" and "Revision 2" are number 2 of
 * the plain series. */
static void read_revision(node_t *node)
{
    node->number = -1;
    node->series = "";
    if (!TM_HAS(node->line, TM_BUY_LINE_revision))
        return;
    const tm_str_t s = tm_str_trim(node->line->revision);
    uint32_t i = s.n;
    while (i > 0 && s.p[i - 1] >= '0' && s.p[i - 1] <= '9') {
        i--;
    }
    if (i == s.n || s.n - i > 9)
        return;
    node->number = 0;
    for (uint32_t k = i; k < s.n; k++) {
        node->number = node->number * 10 + (s.p[k] - '0');
    }
    while (i > 0 && strchr(" .#:-_/", s.p[i - 1]) != NULL) {
        i--;
    }
    static const char *const plain[] = {"revision", "rev", "r",  "version",
                                        "ver",      "v",   "no", "number"};
    const tm_str_t word = {s.p, i};
    for (size_t w = 0; w < TM_COUNT(plain); w++) {
        if (tm_str_case_eq(word, tm_str(plain[w])))
            return;
    }
    if (i > 0) {
        node->series = word.p;
        node->series_n = word.n;
    }
}

/* ---- which is newer ---- */

/* 1: a is newer, -1: b is, 0: not decided here. */
static int by_number(int64_t a, int64_t b)
{
    return (a > b) - (a < b);
}

static int by_revision(const node_t *a, const node_t *b)
{
    const tm_buy_line_t *x = a->line, *y = b->line;
    const bool sx = TM_HAS(x, TM_BUY_LINE_system), sy = TM_HAS(y, TM_BUY_LINE_system);
    if (sx && sy && !tm_str_case_eq(x->system, y->system))
        return 0;
    if (!tm_same_number(x, y))
        return 0; /* joined by an alternate: two systems count differently */
    int64_t p = a->number, q = b->number;
    tm_str_t u = {a->series, a->series_n}, v = {b->series, b->series_n};
    if (sx && sy && (p < 0) != (q < 0) && u.n == 0 && v.n == 0 &&
        !TM_HAS(p < 0 ? x : y, TM_BUY_LINE_revision) && !(p < 0 ? a : b)->cancelled) {
        p = TM_MAX(p, 0); /* the system prints the field: blank is the first version */
        q = TM_MAX(q, 0);
    }
    if (p < 0 || q < 0 || !tm_str_case_eq(u, v))
        return 0;
    return by_number(p, q);
}

static int64_t seen_ms(const tm_buy_line_t *line)
{
    if (TM_HAS(line, TM_BUY_LINE_published_ms))
        return line->published_ms.v;
    return TM_HAS(line, TM_BUY_LINE_created_ms) ? line->created_ms.v : -1;
}

/* Upload, input, line: always decided for two different lines. */
static int by_arrival(const node_t *a, const node_t *b)
{
    const tm_buy_line_t *x = a->line, *y = b->line;
    const int64_t p = seen_ms(x), q = seen_ms(y);
    int c = p >= 0 && q >= 0 ? by_number(p, q) : 0;
    if (c == 0 && TM_HAS(x, TM_BUY_LINE_input_id) && TM_HAS(y, TM_BUY_LINE_input_id)) {
        c = (x->input_id.v > y->input_id.v) - (x->input_id.v < y->input_id.v);
    }
    if (c == 0) {
        c = (x->id.v > y->id.v) - (x->id.v < y->id.v);
    }
    return c != 0 ? c : (a->at > b->at) - (a->at < b->at);
}

static int newer(const node_t *a, const node_t *b)
{
    const tm_buy_line_t *x = a->line, *y = b->line;
    int c = by_revision(a, b);
    if (c == 0 && TM_HAS(x, TM_BUY_LINE_revision_date) && TM_HAS(y, TM_BUY_LINE_revision_date)) {
        c = by_number(x->revision_date.v, y->revision_date.v);
    }
    if (c == 0 && TM_HAS(x, TM_BUY_LINE_print_ms) && TM_HAS(y, TM_BUY_LINE_print_ms)) {
        c = by_number(x->print_ms.v, y->print_ms.v);
    }
    return c != 0 ? c : by_arrival(a, b);
}

/* Stable merge sort, oldest first. Our own because "newer" skips what one of two lines lacks and so
 * is no total order: the result must depend on the lines alone, not on the library's algorithm. */
static void sort_nodes(node_t *v, node_t *spare, uint32_t n,
                       int (*order)(const node_t *, const node_t *))
{
    for (uint32_t width = 1; width < n; width *= 2) {
        for (uint32_t lo = 0; lo < n; lo += 2 * width) {
            const uint32_t mid = TM_MIN(lo + width, n), hi = TM_MIN(lo + 2 * width, n);
            uint32_t a = lo, b = mid;
            for (uint32_t k = lo; k < hi; k++) {
                const bool left = a < mid && (b >= hi || order(&v[a], &v[b]) <= 0);
                spare[k] = left ? v[a++] : v[b++];
            }
        }
        memcpy(v, spare, n * sizeof *v);
    }
}

/* ---- words ---- */

static tm_str_t name_of(chain_t *c, const tm_buy_line_t *line)
{
    char id[TM_ID_TEXT_MAX];
    tm_id_format("bl", line->id, id);
    tm_str_t s;
    if (has_stage(line, TM_STAGE_cancelled)) {
        s = tm_arena_printf(c->arena, "the cancellation (line %s)", id);
    } else if (has_stage(line, TM_STAGE_invoiced) && TM_HAS(line, TM_BUY_LINE_invoice_no)) {
        s = tm_arena_printf(c->arena, "invoice %.*s (line %s)",
                            (int)TM_MIN(line->invoice_no.n, 64U), line->invoice_no.p, id);
    } else if (TM_HAS(line, TM_BUY_LINE_revision)) {
        const tm_str_t r = line->revision;
        const bool bare = r.n > 0 && r.p[0] >= '0' && r.p[0] <= '9';
        s = tm_arena_printf(c->arena, "%s%.*s (line %s)", bare ? "revision " : "",
                            (int)TM_MIN(r.n, 32U), r.p, id);
    } else {
        s = tm_arena_printf(c->arena, "a newer version (line %s)", id);
    }
    c->full |= s.p == NULL;
    return s;
}

/* before, the line's name, after: the sentence of a standing. */
static void explain(chain_t *c, tm_verdict_t *v, const char *before, const tm_buy_line_t *line,
                    const char *after)
{
    if (line == NULL) {
        v->why = tm_str(before);
        return;
    }
    const tm_str_t name = name_of(c, line);
    if (name.p == NULL)
        return;
    v->why = tm_arena_printf(c->arena, "%s%s%s", before, name.p, after);
    c->full |= v->why.p == NULL;
}

static void replaced(chain_t *c, const node_t *old, const node_t *by, const char *after)
{
    tm_verdict_t *v = &c->ret[old->at];
    v->standing = TM_STANDING_superseded;
    v->superseded_by = by->line->id;
    explain(c, v, "replaced by ", by->line, after);
}

/* ---- standings ---- */

/* The cancellation in force: of the cancellations at the end of the chain the one that begins first
 * (without a date: at once), for a later print of a cancellation does not bring back days that were
 * taken back before. */
static uint32_t cancellation_in_force(const node_t *v, uint32_t n)
{
    uint32_t best = n - 1;
    for (uint32_t i = n; i-- > 0 && v[i].cancelled;) {
        const bool dated = TM_HAS(v[i].line, TM_BUY_LINE_revision_date);
        const bool best_dated = TM_HAS(v[best].line, TM_BUY_LINE_revision_date);
        if (best_dated && (!dated || v[i].line->revision_date.v < v[best].line->revision_date.v)) {
            best = i;
        }
    }
    return best;
}

/* v[n]: firm versions, oldest first. Each is replaced by the next; the last one stands. Returns the
 * one that stands. */
static const node_t *stand_versions(chain_t *c, const node_t *v, uint32_t n)
{
    if (n == 0)
        return NULL;
    uint32_t best = n - 1;
    if (v[best].cancelled) {
        best = cancellation_in_force(v, n);
    }
    uint32_t run = best; /* first of the cancellations at the end */
    while (v[best].cancelled && run > 0 && v[run - 1].cancelled) {
        run--;
    }
    for (uint32_t i = 0; i < n; i++) {
        tm_verdict_t *verdict = &c->ret[v[i].at];
        if (i > best) {
            verdict->standing = TM_STANDING_copy;
            verdict->superseded_by = v[best].line->id;
            explain(c, verdict, "the order is cancelled already by ", v[best].line, "");
        } else if (i == best) {
            verdict->standing = TM_STANDING_winner;
            const bool alone = n == 1;
            explain(c, verdict,
                    v[i].cancelled ? "the order is cancelled"
                    : alone        ? "the only version of the order"
                                   : "the newest version of the order",
                    NULL, "");
        } else if (i + 1 >= run && v[best].cancelled && i < run) {
            const bool part = TM_HAS(v[best].line, TM_BUY_LINE_revision_date);
            replaced(c, &v[i], &v[best], part ? "; days before its date still count" : "");
        } else {
            replaced(c, &v[i], v[best].cancelled && i >= run ? &v[best] : &v[i + 1], "");
        }
    }
    return &v[best];
}

/* A proposal older than the newest firm version is replaced by the next firm one, older proposals
 * by newer ones. */
static void stand_soft(chain_t *c, const node_t *v, uint32_t n, const node_t *firm, uint32_t n_firm)
{
    for (uint32_t i = 0; i < n; i++) {
        const node_t *by = NULL;
        for (uint32_t k = 0; k < n_firm && by == NULL; k++) {
            if (newer(&firm[k], &v[i]) > 0 && c->ret[firm[k].at].standing != TM_STANDING_copy) {
                by = &firm[k];
            }
        }
        if (by == NULL && i + 1 < n) {
            by = &v[i + 1];
        }
        if (by != NULL) {
            replaced(c, &v[i], by, "");
            continue;
        }
        tm_verdict_t *verdict = &c->ret[v[i].at];
        verdict->standing = TM_STANDING_winner;
        explain(c, verdict, "the newest proposal for the order", NULL, "");
    }
}

/* What two papers of one invoice share: its number, else its period; p NULL: neither is known. */
static tm_str_t invoice_key(chain_t *c, const tm_buy_line_t *line)
{
    tm_str_t key = {NULL, 0};
    if (TM_HAS(line, TM_BUY_LINE_invoice_no)) {
        key = tm_order_norm(line->invoice_no, c->arena, NULL);
        c->full |= key.p == NULL;
    } else if (TM_HAS(line, TM_BUY_LINE_billing_from) && TM_HAS(line, TM_BUY_LINE_billing_to)) {
        key = tm_arena_printf(c->arena, "\x01%d %d", (int)line->billing_from.v,
                              (int)line->billing_to.v);
        c->full |= key.p == NULL;
    }
    return key;
}

static void stand_invoice(chain_t *c, const node_t *node, const node_t *by)
{
    tm_verdict_t *verdict = &c->ret[node->at];
    if (by != NULL) {
        replaced(c, node, by, by->cancelled ? "" : ", the same invoice again");
        return;
    }
    if (!node->amount && !node->cancelled && c->n > 1) {
        verdict->standing = TM_STANDING_covered;
        explain(c, verdict, "an invoice without a readable amount closes no days", NULL, "");
        return;
    }
    verdict->standing = TM_STANDING_winner;
    explain(c, verdict,
            node->cancelled ? "the invoice is cancelled"
                            : "an invoice counts for the days it closes",
            NULL, "");
}

/* v[n]: invoices, oldest first: each is replaced by the next newer one of the same key that says an
 * amount. One without readable amount closes no day. */
static void stand_invoices(chain_t *c, const node_t *v, uint32_t n)
{
    tm_smap_t newest = {NULL, 0, 0};
    for (uint32_t i = n; i-- > 0;) {
        const tm_str_t key = invoice_key(c, v[i].line);
        const node_t *by = key.p == NULL ? NULL : tm_smap_get(&newest, key);
        stand_invoice(c, &v[i], by);
        if (key.p != NULL && (v[i].amount || v[i].cancelled)) {
            (void)tm_smap_put(&newest, key, (void *)(uintptr_t)&v[i]); /* read only */
        }
    }
    tm_smap_done(&newest);
}

/* v[n]: reports of one payment, oldest first: each is replaced by the next newer one that says an
 * amount or takes the payment back. */
static void stand_payment(chain_t *c, const node_t *v, uint32_t n)
{
    const node_t *by = NULL;
    for (uint32_t i = n; i-- > 0;) {
        if (by != NULL) {
            replaced(c, &v[i], by, "");
        } else {
            tm_verdict_t *verdict = &c->ret[v[i].at];
            verdict->standing = TM_STANDING_winner;
            verdict->zero = v[i].cancelled;
            explain(c, verdict,
                    n == 1 ? "money paid out, not air time: never added to it"
                           : "the newest report of the payment, never added to air time",
                    NULL, "");
        }
        by = v[i].amount || v[i].cancelled ? &v[i] : by;
    }
}

static void stand_paper(chain_t *c, const node_t *node, const node_t *version)
{
    tm_verdict_t *v = &c->ret[node->at];
    if (!node->amount) { /* stays visible as a buy of unknown size until a version follows it */
        if (version != NULL && newer(version, node) > 0) {
            replaced(c, node, version, "");
            return;
        }
        v->standing = TM_STANDING_winner;
        explain(c, v, "no readable amount: it replaces nothing and adds nothing", NULL, "");
        return;
    }
    if (version == NULL) {
        v->standing = TM_STANDING_winner;
        explain(c, v, "the only paper of the order", NULL, "");
        return;
    }
    v->standing = TM_STANDING_copy;
    v->superseded_by = version->line->id;
    explain(c, v,
            is_listed(node->line) ? "a list tells of an order whose own paper is "
                                  : "it lists only changes; the whole order is ",
            version->line, "");
}

static void stand_other(chain_t *c, const node_t *node)
{
    tm_verdict_t *v = &c->ret[node->at];
    v->standing = TM_STANDING_winner;
    if (node->role == TM_PAPER_ALONE) {
        v->alone = true;
        const bool edit = TM_HAS(node->line, TM_BUY_LINE_adjustment_of);
        explain(c, v, edit ? "an edit adds its difference" : "a credit is a line of its own", NULL,
                "");
        return;
    }
    const bool archived = TM_HAS(node->line, TM_BUY_LINE_archived_ms);
    v->standing = archived ? TM_STANDING_copy : TM_STANDING_covered;
    explain(c, v, archived ? "archived" : "a memo: its money is counted elsewhere", NULL, "");
}

/* ---- counting ---- */

static const tm_keep_t ALL_DAYS = {{INT32_MIN}, {INT32_MAX}};

/* Takes [from, to] out of the ranges; there is room for one more. */
static void cut(tm_verdict_t *v, tm_day_t from, tm_day_t to)
{
    for (uint32_t i = 0; i < v->n_keep; i++) {
        tm_keep_t *k = &v->keep[i];
        if (to.v < k->from.v || from.v > k->to.v)
            continue;
        const bool left = k->from.v<from.v, right = k->to.v> to.v;
        const tm_keep_t tail = {{to.v + (right ? 1 : 0)}, k->to};
        if (left && right) {
            memmove(k + 2, k + 1, (v->n_keep - i - 1) * sizeof *k);
            k->to.v = from.v - 1;
            k[1] = tail;
            v->n_keep++;
            return; /* nothing beyond can overlap */
        }
        if (left) {
            k->to.v = from.v - 1;
        } else if (right) {
            *k = tail;
        } else {
            memmove(k, k + 1, (v->n_keep - i - 1) * sizeof *k);
            v->n_keep--;
            i--;
        }
    }
}

static bool closed_days(const tm_buy_line_t *line, tm_day_t *ret_from, tm_day_t *ret_to)
{
    const bool flight =
        TM_HAS(line, TM_BUY_LINE_flight_from) && TM_HAS(line, TM_BUY_LINE_flight_to);
    const bool from = TM_HAS(line, TM_BUY_LINE_billing_from),
               to = TM_HAS(line, TM_BUY_LINE_billing_to);
    if ((!from && !flight) || (!to && !flight))
        return false;
    *ret_from = from ? line->billing_from : line->flight_from;
    *ret_to = to ? line->billing_to : line->flight_to;
    return ret_from->v <= ret_to->v;
}

/* The line that counts and replaced this one, if it is one that leaves it some days: an invoice
 * (its own days only) or a cancellation with a date. heads: the invoices and cancellations that
 * count. */
static const tm_buy_line_t *head_of(const tm_verdict_t *v, const tm_buy_line_t *const *heads,
                                    uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        if (heads[i]->id.v == v->superseded_by.v && (!has_stage(heads[i], TM_STAGE_cancelled) ||
                                                     TM_HAS(heads[i], TM_BUY_LINE_revision_date)))
            return heads[i];
    }
    return NULL;
}

static bool is_order_paper(const node_t *node)
{
    return node->role != TM_PAPER_OUT && node->role != TM_PAPER_PAID;
}

static tm_err_t count_line(chain_t *c, const node_t *node, const tm_buy_line_t *const *heads,
                           uint32_t n_heads)
{
    tm_verdict_t *v = &c->ret[node->at];
    if (!is_order_paper(node))
        return TM_OK;
    const bool invoiced = has_stage(node->line, TM_STAGE_invoiced);
    const tm_buy_line_t *head = NULL;
    if (v->standing == TM_STANDING_superseded) {
        head = head_of(v, heads, n_heads);
        if (head != NULL && (has_stage(head, TM_STAGE_invoiced) ? invoiced : node->cancelled)) {
            head = NULL;
        }
    }
    v->counts = v->standing == TM_STANDING_winner || head != NULL;
    v->zero = node->cancelled;
    if (!v->counts)
        return TM_OK;
    v->keep = c->pieces; /* cutting needs room for every invoice, what is left seldom does */
    v->keep[0] = ALL_DAYS;
    v->n_keep = 1;
    if (head != NULL && has_stage(head, TM_STAGE_cancelled)) {
        v->keep[0].to.v = head->revision_date.v - 1;
    }
    for (uint32_t i = 0; i < n_heads && !invoiced; i++) {
        tm_day_t from, to;
        if (has_stage(heads[i], TM_STAGE_invoiced) && closed_days(heads[i], &from, &to) &&
            tm_same_order(node->line, heads[i])) {
            cut(v, from, to);
        }
    }
    v->keep = tm_arena_alloc(c->arena, (v->n_keep + 1) * sizeof *v->keep);
    if (v->keep == NULL)
        return TM_ENOMEM;
    memcpy(v->keep, c->pieces, v->n_keep * sizeof *v->keep);
    return TM_OK;
}

static tm_err_t count_lines(chain_t *c)
{
    const tm_buy_line_t **heads = tm_arena_alloc(c->arena, c->n * sizeof *heads);
    c->pieces = tm_arena_alloc(c->arena, (c->n + 1) * sizeof *c->pieces);
    if (heads == NULL || c->pieces == NULL)
        return TM_ENOMEM;
    uint32_t n = 0;
    for (uint32_t i = 0; i < c->n; i++) {
        const node_t *node = &c->nodes[i];
        const bool closes = has_stage(node->line, TM_STAGE_invoiced) || node->cancelled;
        if (is_order_paper(node) && closes && c->ret[node->at].standing == TM_STANDING_winner) {
            heads[n++] = node->line;
        }
    }
    for (uint32_t i = 0; i < c->n; i++) {
        const tm_err_t err = count_line(c, &c->nodes[i], heads, n);
        if (err != TM_OK)
            return err;
    }
    return TM_OK;
}

/* The printout of changes that stands: the newest full older version whose lines its total is
 * spread by. */
static void find_lines_of(chain_t *c, const node_t *v, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        const tm_buy_line_t *line = v[i].line;
        if (!TM_HAS(line, TM_BUY_LINE_changes_only) || !line->changes_only || v[i].cancelled)
            continue;
        for (uint32_t k = i; k-- > 0;) {
            const tm_buy_line_t *full = v[k].line;
            if ((TM_HAS(full, TM_BUY_LINE_changes_only) && full->changes_only) || v[k].cancelled)
                continue;
            if (TM_HAS(full, TM_BUY_LINE_line_weeks) && full->line_weeks.n > 0) {
                c->ret[v[i].at].lines_of = full->id;
            }
            break; /* the last full version, even if it has no lines: then its header rules */
        }
    }
}

static tm_err_t stand(chain_t *c, node_t *sorted)
{
    /* One list a role, each oldest first. */
    node_t *firm = sorted, *soft, *invoices;
    uint32_t n_firm = 0, n_soft = 0, n_invoices = 0, n_paid = 0, at = 0;
    static const tm_paper_t order[] = {TM_PAPER_VERSION, TM_PAPER_SOFT, TM_PAPER_INVOICE,
                                       TM_PAPER_PAID};
    uint32_t *counts[] = {&n_firm, &n_soft, &n_invoices, &n_paid};
    for (size_t r = 0; r < TM_COUNT(order); r++) {
        for (uint32_t i = 0; i < c->n; i++) {
            if (c->nodes[i].role == order[r]) {
                sorted[at++] = c->nodes[i];
                ++*counts[r];
            }
        }
    }
    soft = firm + n_firm;
    invoices = soft + n_soft;
    const node_t *version = stand_versions(c, firm, n_firm);
    stand_soft(c, soft, n_soft, firm, n_firm);
    stand_invoices(c, invoices, n_invoices);
    stand_payment(c, invoices + n_invoices, n_paid);
    for (uint32_t i = 0; i < c->n; i++) {
        if (c->nodes[i].role == TM_PAPER_NOTE) {
            stand_paper(c, &c->nodes[i], version);
        } else if (c->nodes[i].role == TM_PAPER_ALONE || c->nodes[i].role == TM_PAPER_OUT) {
            stand_other(c, &c->nodes[i]);
        }
    }
    find_lines_of(c, firm, n_firm);
    return c->full ? TM_ENOMEM : count_lines(c);
}

/* Rows of tables are versions among themselves only; beside a paper of the order they add nothing,
 * however new they are, and cancel nothing. */
static void leave_to_papers(node_t *v, uint32_t n)
{
    bool paper = false;
    for (uint32_t i = 0; i < n; i++) {
        paper |= v[i].role == TM_PAPER_VERSION && !is_listed(v[i].line);
    }
    for (uint32_t i = 0; paper && i < n; i++) {
        const bool stands = v[i].role == TM_PAPER_VERSION || v[i].role == TM_PAPER_SOFT ||
                            v[i].role == TM_PAPER_INVOICE;
        if (stands && is_listed(v[i].line)) {
            v[i].role = TM_PAPER_NOTE;
            v[i].cancelled = false;
        }
    }
}

/* Oldest first; room for as many more in *ret_spare. NULL: the arena is full. */
static node_t *nodes_by_age(const tm_buy_line_t *const *lines, uint32_t n, tm_arena_t *arena,
                            node_t **ret_spare)
{
    node_t *nodes = tm_arena_zalloc(arena, n * sizeof *nodes);
    node_t *spare = tm_arena_zalloc(arena, n * sizeof *spare);
    if (nodes == NULL || spare == NULL)
        return NULL;
    for (uint32_t i = 0; i < n; i++) {
        node_t *node = &nodes[i];
        const tm_buy_line_t *line = lines[i];
        *node = (node_t){.line = line, .at = i};
        node->amount = TM_HAS(line, TM_BUY_LINE_gross_cents) || TM_HAS(line, TM_BUY_LINE_net_cents);
        node->cancelled = has_stage(line, TM_STAGE_cancelled);
        node->role = role_of(line, node->amount, node->cancelled);
        read_revision(node);
    }
    leave_to_papers(nodes, n);
    sort_nodes(nodes, spare, n, by_arrival); /* the same beginning, whatever the order of input */
    sort_nodes(nodes, spare, n, newer);
    *ret_spare = spare;
    return nodes;
}

tm_err_t tm_chain_resolve(const tm_buy_line_t *const *lines, uint32_t n, tm_arena_t *arena,
                          tm_verdict_t *ret)
{
    if (n > TM_CHAIN_LINES_MAX)
        return TM_ETOOLARGE;
    if (n == 0)
        return TM_OK;
    chain_t c = {.arena = arena, .lines = lines, .n = n, .ret = ret};
    node_t *spare = NULL;
    c.nodes = nodes_by_age(lines, n, arena, &spare);
    if (c.nodes == NULL)
        return TM_ENOMEM;
    memset(ret, 0, n * sizeof *ret);
    return stand(&c, spare);
}

tm_err_t tm_chain_by_age(const tm_buy_line_t *const *lines, uint32_t n, tm_arena_t *arena,
                         uint32_t *ret_at, tm_paper_t *ret_paper)
{
    if (n > TM_CHAIN_LINES_MAX)
        return TM_ETOOLARGE;
    node_t *spare = NULL;
    const node_t *nodes = nodes_by_age(lines, n, arena, &spare);
    if (nodes == NULL)
        return TM_ENOMEM;
    for (uint32_t i = 0; i < n; i++) {
        ret_at[i] = nodes[i].at;
        ret_paper[i] = nodes[i].role;
    }
    return TM_OK;
}
