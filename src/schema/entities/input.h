/* input.h - what came in: the bytes, the documents read from them, the data problems, the jobs,   \
      repeated requests. */
#ifndef TM_SCHEMA_ENTITIES_INPUT_H
#define TM_SCHEMA_ENTITIES_INPUT_H
#include "schema/entities/common.h"
#include "schema/entities/parts.h"

#define TM_RAW_INPUT_INDEX_(number, ctype, name, flags, extra, doc) TM_RAW_INPUT_##name,
#define TM_RAW_INPUT_FIELDS(F)                                                                     \
    TM_COMMON_FIELDS(F, "in")                                                                      \
    F(10, tm_str_t, source, TM_F_REQUIRED, TM_LIMIT(1, 50), "name of the source")                  \
    F(11, tm_str_t, sha256, TM_F_REQUIRED | TM_F_INDEX, TM_LIMIT(64, 64), "of the bytes, hex")     \
    F(12, tm_str_t, filename, 0, TM_LIMIT(1, 255), "as uploaded; folders are evidence")            \
    F(13, tm_str_t, external_id, 0, TM_LIMIT(1, 200), "the source's own id")                       \
    F(14, tm_str_t, media_type, 0, TM_LIMIT(1, 100), "as found in the bytes")                      \
    F(15, int64_t, bytes, 0, TM_LIMIT(0, 1099511627776), "size")                                   \
    F(16, tm_str_t, storage_key, TM_F_NOJSON, TM_LIMIT(1, 200), "where the bytes lie")             \
    F(17, tm_ms_t, received_ms, 0, TM_PLAIN, "when they came")                                     \
    F(18, tm_ms_t, published_ms, 0, TM_PLAIN, "when the source showed them")                       \
    F(19, tm_enum_t, status, TM_F_REQUIRED, TM_WORDS(&tm_input_status_words), "how far it is")     \
    F(20, tm_str_t, reason, 0, TM_LIMIT(1, 100), "why unreadable or ignored")                      \
    F(21, int32_t, documents, 0, TM_LIMIT(0, 1000000), "documents found in it")                    \
    F(22, int32_t, lines, 0, TM_LIMIT(0, 1000000), "buy lines made from it,                        \
      pending ones included")                                                                      \
    F(23, int32_t, exceptions, 0, TM_LIMIT(0, 1000000), "exceptions opened by it")                 \
    F(24, tm_id_t, campaign_id, 0, TM_REF("cmp"), "every line goes there too")                     \
    F(25, tm_id_t, parent_id, 0, TM_REF("in"), "the mail an attachment came with")                 \
    F(26, int32_t, waits, TM_F_READONLY | TM_F_NOJSON, TM_PLAIN,                                   \
      "campaigns that have not taken its lines yet")                                               \
    F(27, tm_enum_t, outcome, TM_F_READONLY | TM_F_NOJSON, TM_WORDS(&tm_input_status_words),       \
      "status once nobody waits")                                                                  \
    F(28, tm_id_t, job_id, TM_F_READONLY, TM_REF("job"), "the job that gave up reading it")
TM_RECORD(tm_raw_input, TM_RAW_INPUT);

#define TM_EXCEPTION_INDEX_(number, ctype, name, flags, extra, doc) TM_EXCEPTION_##name,
#define TM_EXCEPTION_FIELDS(F)                                                                     \
    TM_COMMON_FIELDS(F, "exc")                                                                     \
    F(10, tm_id_t, campaign_id, TM_F_INDEX, TM_REF("cmp"), "absent: of no single campaign")        \
    F(11, tm_str_t, kind, TM_F_REQUIRED, TM_LIMIT(1, 50), "missing_amount, line_sum_mismatch ...") \
    F(12, tm_str_t, subject, 0, TM_LIMIT(0, 300), "what it is about, for a person")                \
    F(13, tm_id_t, input_id, 0, TM_REF("in"), "the bytes")                                         \
    F(14, tm_id_t, document_id, 0, TM_REF("doc"), "the document")                                  \
    F(15, tm_id_t, buy_line_id, 0, TM_REF("bl"), "the line")                                       \
    F(16, tm_str_t, details, 0, TM_LIMIT(0, 2000), "numbers and words of the case")                \
    F(17, tm_enum_t, status, TM_F_REQUIRED, TM_WORDS(&tm_open_status_words), "open or closed")     \
    F(18, tm_str_t, closed_by, 0, TM_LIMIT(0, 100), "principal")                                   \
    F(19, tm_ms_t, closed_ms, 0, TM_PLAIN, "when")                                                 \
    F(20, tm_str_t, closed_reason, 0, TM_LIMIT(0, 500), "why nothing more is to do")               \
    F(21, tm_id_t, job_id, 0, TM_REF("job"), "job_failed: the job")
TM_RECORD(tm_exception, TM_EXCEPTION);

#define TM_QUEUE_INDEX_(number, ctype, name, flags, extra, doc) TM_QUEUE_##name,
#define TM_QUEUE_FIELDS(F)                                                                         \
    TM_COMMON_FIELDS(F, "que")                                                                     \
    F(10, tm_str_t, name, TM_F_REQUIRED | TM_F_UNIQUE, TM_LIMIT(1, 50), "input-parse ...")         \
    F(11, bool, paused, 0, TM_PLAIN, "starts no job while true")                                   \
    F(12, int32_t, concurrency, 0, TM_LIMIT(1, 64), "jobs at once")                                \
    F(13, int64_t, timeout_ms, 0, TM_LIMIT(100, 3600000), "30000")                                 \
    F(14, int32_t, retries, 0, TM_LIMIT(0, 10), "after the first run; 3")                          \
    F(15, int64_t, backoff_ms, 0, TM_LIMIT(1, 3600000), "doubles each time; 1000")
TM_RECORD(tm_queue, TM_QUEUE);

#define TM_JOB_INDEX_(number, ctype, name, flags, extra, doc) TM_JOB_##name,
#define TM_JOB_FIELDS(F)                                                                           \
    TM_COMMON_FIELDS(F, "job")                                                                     \
    F(10, tm_id_t, queue_id, TM_F_REQUIRED | TM_F_INDEX, TM_REF("que"), "its queue")               \
    F(11, tm_id_t, input_id, 0, TM_REF("in"), "the input it reads")                                \
    F(12, tm_str_t, payload, TM_F_NOJSON, TM_LIMIT(0, 4000), "what else it needs")                           \
    F(13, tm_str_t, dedupe_key, TM_F_INDEX, TM_LIMIT(1, 200), "one live job a key")                \
    F(14, int32_t, priority, 0, TM_LIMIT(-1000, 1000), "larger first")                             \
    F(15, tm_ms_t, run_at_ms, 0, TM_PLAIN, "not before")                                           \
    F(16, int32_t, attempt, 0, TM_LIMIT(0, 1000), "runs begun in this series")                                    \
    F(17, tm_enum_t, state, TM_F_REQUIRED, TM_WORDS(&tm_job_state_words), "where it is")           \
    F(18, tm_ms_t, lease_until_ms, 0, TM_PLAIN, "a run that is silent longer is lost")             \
    F(19, int64_t, fence, 0, TM_PLAIN, "a result with an older fence is refused")                  \
    F(20, tm_str_t, error, 0, TM_LIMIT(0, 1000), "of the last run")                                \
    F(21, tm_recs_t, runs, 0, TM_SUB_ITEMS(&tm_job_run_desc, 8), "this series, oldest first")
TM_RECORD(tm_job, TM_JOB);

#define TM_IDEMPOTENCY_KEY_INDEX_(number, ctype, name, flags, extra, doc) TM_IDEMPOTENCY_KEY_##name,
#define TM_IDEMPOTENCY_KEY_FIELDS(F)                                                               \
    TM_COMMON_FIELDS(F, "idm")                                                                     \
    F(10, tm_str_t, scope, TM_F_REQUIRED, TM_LIMIT(1, 300), "principal, method, path, campaign")   \
    F(11, tm_str_t, key, TM_F_REQUIRED | TM_F_INDEX, TM_LIMIT(1, 255), "as sent")                  \
    F(12, tm_str_t, fingerprint, TM_F_REQUIRED, TM_LIMIT(64, 64), "SHA-256 of the body")           \
    F(13, int32_t, status, 0, TM_LIMIT(100, 599), "of the answer")                                 \
    F(14, tm_ms_t, expires_ms, TM_F_REQUIRED, TM_PLAIN, "24 h after the first")
TM_RECORD(tm_idempotency_key, TM_IDEMPOTENCY_KEY);
#endif
