/* payloads_inputs.h - payloads on the way of an input: a run ended, what was read, lines for
 * campaigns, taken by them.
 *
 * Threads: constants. */
#ifndef TM_ACTORS_PAYLOADS_INPUTS_H
#define TM_ACTORS_PAYLOADS_INPUTS_H
#include "schema/entities.h"

#define TM_JOB_DONE_INDEX_(number, ctype, name, flags, extra, doc) TM_JOB_DONE_##name,
#define TM_JOB_DONE_FIELDS(F)                                                                      \
    F(1, tm_id_t, job_id, TM_F_REQUIRED, TM_PLAIN, "the job")                                      \
    F(2, int64_t, fence, TM_F_REQUIRED, TM_PLAIN, "of the run")                                    \
    F(3, tm_str_t, error, 0, TM_LIMIT(1, 1000), "absent: it succeeded")                            \
    F(4, tm_recs_t, documents, 0, TM_SUB_ITEMS(&tm_document_desc, 20000), "what was read")         \
    F(5, tm_recs_t, exceptions, 0, TM_SUB_ITEMS(&tm_exception_desc, 20000), "of a sheet's rows")
TM_RECORD(tm_job_done, TM_JOB_DONE);

#define TM_INPUT_PARSED_INDEX_(number, ctype, name, flags, extra, doc) TM_INPUT_PARSED_##name,
#define TM_INPUT_PARSED_FIELDS(F)                                                                  \
    F(1, tm_recs_t, input, TM_F_REQUIRED, TM_SUB_ITEMS(&tm_raw_input_desc, 1), "the input")        \
    F(2, tm_recs_t, documents, 0, TM_SUB_ITEMS(&tm_document_desc, 20000), "what was read")         \
    F(3, tm_str_t, error, 0, TM_LIMIT(1, 1000), "all retries failed")                              \
    F(4, tm_recs_t, exceptions, 0, TM_SUB_ITEMS(&tm_exception_desc, 20000), "of a sheet's rows")   \
    F(5, tm_id_t, job_id, 0, TM_PLAIN, "the job that read it")
TM_RECORD(tm_input_parsed, TM_INPUT_PARSED);

#define TM_INPUT_DONE_INDEX_(number, ctype, name, flags, extra, doc) TM_INPUT_DONE_##name,
#define TM_INPUT_DONE_FIELDS(F)                                                                    \
    F(1, tm_id_t, input_id, TM_F_REQUIRED, TM_PLAIN, "the input")                                  \
    F(2, tm_enum_t, status, TM_F_REQUIRED, TM_WORDS(&tm_input_status_words), "result")             \
    F(3, tm_str_t, reason, 0, TM_LIMIT(1, 100), "why unreadable or ignored")                       \
    F(4, int32_t, documents, 0, TM_PLAIN, "documents in it")                                       \
    F(5, int32_t, lines, 0, TM_PLAIN, "lines made from it")                                        \
    F(6, int32_t, exceptions, 0, TM_PLAIN, "exceptions the directory opened")                      \
    F(7, int32_t, campaigns, 0, TM_PLAIN, "campaigns whose LINES_TAKEN must come first")           \
    F(8, tm_id_t, job_id, 0, TM_PLAIN, "the job that gave up")
TM_RECORD(tm_input_done, TM_INPUT_DONE);

#define TM_LINES_FOUND_INDEX_(number, ctype, name, flags, extra, doc) TM_LINES_FOUND_##name,
#define TM_LINES_FOUND_FIELDS(F)                                                                   \
    F(1, tm_id_t, input_id, 0, TM_PLAIN, "0: nobody counts them")                                  \
    F(2, tm_recs_t, lines, 0, TM_SUB_ITEMS(&tm_buy_line_desc, 2000), "lines, ids absent")          \
    F(3, tm_recs_t, exceptions, 0, TM_SUB_ITEMS(&tm_exception_desc, 10000), "of its documents")
TM_RECORD(tm_lines_found, TM_LINES_FOUND);

#define TM_LINES_TAKEN_INDEX_(number, ctype, name, flags, extra, doc) TM_LINES_TAKEN_##name,
#define TM_LINES_TAKEN_FIELDS(F)                                                                   \
    F(1, tm_id_t, input_id, TM_F_REQUIRED, TM_PLAIN, "the input")                                  \
    F(2, int32_t, exceptions, 0, TM_PLAIN, "exceptions it opened")
TM_RECORD(tm_lines_taken, TM_LINES_TAKEN);

#define TM_LINES_CLOSED_INDEX_(number, ctype, name, flags, extra, doc) TM_LINES_CLOSED_##name,
#define TM_LINES_CLOSED_FIELDS(F)                                                                  \
    F(1, tm_strs_t, documents, 0, TM_ITEMS(1, 24, 100000), "ids of documents")
TM_RECORD(tm_lines_closed, TM_LINES_CLOSED);

#define TM_INPUT_ASSIGN_INDEX_(number, ctype, name, flags, extra, doc) TM_INPUT_ASSIGN_##name,
#define TM_INPUT_ASSIGN_FIELDS(F)                                                                  \
    F(1, tm_id_t, input_id, TM_F_REQUIRED, TM_PLAIN, "the input")                                  \
    F(2, tm_id_t, campaign_id, TM_F_REQUIRED, TM_PLAIN, "the campaign")
TM_RECORD(tm_input_assign, TM_INPUT_ASSIGN);
#endif
