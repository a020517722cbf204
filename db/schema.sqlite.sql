-- The tables of TrailMix for SQLite, made from src/schema by `trailmix dump sql`. Do not edit.

-- one tracked race
CREATE TABLE IF NOT EXISTS "campaign" (
    "id" INTEGER PRIMARY KEY,
    "version" BIGINT,
    "created_ms" BIGINT,
    "updated_ms" BIGINT,
    "archived_ms" BIGINT,
    "name" TEXT,
    "kind" TEXT,
    "slug" TEXT,
    "client" TEXT,
    "office" TEXT,
    "state" TEXT,
    "district" TEXT,
    "election_date" DATE,
    "status" TEXT,
    "tz" TEXT,
    "week_basis" TEXT,
    "broadcast_day_start_min" INTEGER,
    "commission_bp" INTEGER,
    "media" TEXT,
    "keywords" TEXT,
    "markets" TEXT,
    "advertisers" TEXT,
    "eod_local_min" INTEGER,
    "eod_enabled" INTEGER,
    "actor" INTEGER,
    "applied_seq" BIGINT NOT NULL
);
CREATE INDEX IF NOT EXISTS "campaign_slug" ON "campaign" ("slug");

-- side of an advertiser in a campaign
CREATE TABLE IF NOT EXISTS "campaign_advertiser" (
    "id" INTEGER PRIMARY KEY,
    "version" BIGINT,
    "created_ms" BIGINT,
    "updated_ms" BIGINT,
    "archived_ms" BIGINT,
    "campaign_id" BIGINT,
    "advertiser_id" BIGINT,
    "side" TEXT,
    "applied_seq" BIGINT NOT NULL
);
CREATE INDEX IF NOT EXISTS "campaign_advertiser_campaign_id" ON "campaign_advertiser" ("campaign_id");

-- who pays
CREATE TABLE IF NOT EXISTS "advertiser" (
    "id" INTEGER PRIMARY KEY,
    "version" BIGINT,
    "created_ms" BIGINT,
    "updated_ms" BIGINT,
    "archived_ms" BIGINT,
    "name" TEXT,
    "type" TEXT,
    "party" TEXT,
    "committee_id" TEXT,
    "parent_id" BIGINT,
    "applied_seq" BIGINT NOT NULL
);

-- a spelling of an advertiser
CREATE TABLE IF NOT EXISTS "advertiser_alias" (
    "id" INTEGER PRIMARY KEY,
    "version" BIGINT,
    "created_ms" BIGINT,
    "updated_ms" BIGINT,
    "archived_ms" BIGINT,
    "advertiser_id" BIGINT,
    "text" TEXT,
    "norm" TEXT,
    "source" TEXT,
    "confirmed_by" TEXT,
    "confirmed_ms" BIGINT,
    "applied_seq" BIGINT NOT NULL
);
CREATE INDEX IF NOT EXISTS "advertiser_alias_advertiser_id" ON "advertiser_alias" ("advertiser_id");
CREATE INDEX IF NOT EXISTS "advertiser_alias_norm" ON "advertiser_alias" ("norm");

-- who buys for the advertiser
CREATE TABLE IF NOT EXISTS "agency" (
    "id" INTEGER PRIMARY KEY,
    "version" BIGINT,
    "created_ms" BIGINT,
    "updated_ms" BIGINT,
    "archived_ms" BIGINT,
    "name" TEXT,
    "aliases" TEXT,
    "commission_bp" INTEGER,
    "applied_seq" BIGINT NOT NULL
);

-- a TV market
CREATE TABLE IF NOT EXISTS "market" (
    "id" INTEGER PRIMARY KEY,
    "version" BIGINT,
    "created_ms" BIGINT,
    "updated_ms" BIGINT,
    "archived_ms" BIGINT,
    "dma_code" INTEGER,
    "name" TEXT,
    "rank" INTEGER,
    "tv_homes" BIGINT,
    "tz" TEXT,
    "applied_seq" BIGINT NOT NULL
);
CREATE INDEX IF NOT EXISTS "market_dma_code" ON "market" ("dma_code");

-- a spelling of a market
CREATE TABLE IF NOT EXISTS "market_alias" (
    "id" INTEGER PRIMARY KEY,
    "version" BIGINT,
    "created_ms" BIGINT,
    "updated_ms" BIGINT,
    "archived_ms" BIGINT,
    "norm" TEXT,
    "dma_code" INTEGER,
    "text" TEXT,
    "applied_seq" BIGINT NOT NULL
);
CREATE INDEX IF NOT EXISTS "market_alias_norm" ON "market_alias" ("norm");

-- a vendor with a call sign
CREATE TABLE IF NOT EXISTS "station" (
    "id" INTEGER PRIMARY KEY,
    "version" BIGINT,
    "created_ms" BIGINT,
    "updated_ms" BIGINT,
    "archived_ms" BIGINT,
    "call_sign" TEXT,
    "service" TEXT,
    "facility_id" BIGINT,
    "network" TEXT,
    "city" TEXT,
    "state" TEXT,
    "dma_code" INTEGER,
    "tz" TEXT,
    "known_from_ms" BIGINT,
    "known_to_ms" BIGINT,
    "applied_seq" BIGINT NOT NULL
);
CREATE INDEX IF NOT EXISTS "station_call_sign" ON "station" ("call_sign");
CREATE INDEX IF NOT EXISTS "station_facility_id" ON "station" ("facility_id");

-- where evidence comes from
CREATE TABLE IF NOT EXISTS "source" (
    "id" INTEGER PRIMARY KEY,
    "version" BIGINT,
    "created_ms" BIGINT,
    "updated_ms" BIGINT,
    "archived_ms" BIGINT,
    "name" TEXT,
    "kind" TEXT,
    "trust_rank" INTEGER,
    "applied_seq" BIGINT NOT NULL
);
CREATE INDEX IF NOT EXISTS "source_name" ON "source" ("name");

-- bytes as they came
CREATE TABLE IF NOT EXISTS "raw_input" (
    "id" INTEGER PRIMARY KEY,
    "version" BIGINT,
    "created_ms" BIGINT,
    "updated_ms" BIGINT,
    "archived_ms" BIGINT,
    "source" TEXT,
    "sha256" TEXT,
    "filename" TEXT,
    "external_id" TEXT,
    "media_type" TEXT,
    "bytes" BIGINT,
    "storage_key" TEXT,
    "received_ms" BIGINT,
    "published_ms" BIGINT,
    "status" TEXT,
    "reason" TEXT,
    "documents" INTEGER,
    "lines" INTEGER,
    "exceptions" INTEGER,
    "campaign_id" BIGINT,
    "parent_id" BIGINT,
    "waits" INTEGER,
    "outcome" TEXT,
    "job_id" BIGINT,
    "applied_seq" BIGINT NOT NULL
);
CREATE INDEX IF NOT EXISTS "raw_input_sha256" ON "raw_input" ("sha256");

-- a document as it was read
CREATE TABLE IF NOT EXISTS "document" (
    "id" INTEGER PRIMARY KEY,
    "version" BIGINT,
    "created_ms" BIGINT,
    "updated_ms" BIGINT,
    "archived_ms" BIGINT,
    "input_id" BIGINT,
    "filename" TEXT,
    "sha256" TEXT,
    "part" INTEGER,
    "parts" INTEGER,
    "pages" TEXT,
    "status" TEXT,
    "reason" TEXT,
    "doc_type" TEXT,
    "stage" TEXT,
    "contract_num" TEXT,
    "order_no" TEXT,
    "order_no_norm" TEXT,
    "invoice_no" TEXT,
    "revision" TEXT,
    "alt_order_no" TEXT,
    "original_date" DATE,
    "revision_date" DATE,
    "print_ms" BIGINT,
    "billing_from" DATE,
    "billing_to" DATE,
    "advertiser" TEXT,
    "agency" TEXT,
    "station" TEXT,
    "stations" TEXT,
    "market" TEXT,
    "medium" TEXT,
    "product" TEXT,
    "gross_cents" BIGINT,
    "net_cents" BIGINT,
    "commission_bp" INTEGER,
    "flight_from" DATE,
    "flight_to" DATE,
    "spots" INTEGER,
    "market_budget_cents" BIGINT,
    "shares" TEXT,
    "confidence_bp" INTEGER,
    "at" TEXT,
    "lines" TEXT,
    "airings" TEXT,
    "exceptions" TEXT,
    "parser" TEXT,
    "parser_version" INTEGER,
    "changes_only" INTEGER,
    "system" TEXT,
    "campaigns" TEXT,
    "row" INTEGER,
    "external_id" TEXT,
    "hiatus" TEXT,
    "daypart" TEXT,
    "length_s" INTEGER,
    "grp_x10" INTEGER,
    "amount_basis" TEXT,
    "layer" TEXT,
    "estimate" INTEGER,
    "low_cents" BIGINT,
    "high_cents" BIGINT,
    "market_code" INTEGER,
    "source" TEXT,
    "applied_seq" BIGINT NOT NULL
);
CREATE INDEX IF NOT EXISTS "document_input_id" ON "document" ("input_id");
CREATE INDEX IF NOT EXISTS "document_order_no" ON "document" ("order_no");

-- one statement of a buy
CREATE TABLE IF NOT EXISTS "buy_line" (
    "id" INTEGER PRIMARY KEY,
    "version" BIGINT,
    "created_ms" BIGINT,
    "updated_ms" BIGINT,
    "archived_ms" BIGINT,
    "campaign_id" BIGINT,
    "document_id" BIGINT,
    "input_id" BIGINT,
    "locator" TEXT,
    "advertiser_id" BIGINT,
    "advertiser" TEXT,
    "advertiser_text" TEXT,
    "side" TEXT,
    "agency_id" BIGINT,
    "agency" TEXT,
    "station_id" BIGINT,
    "station" TEXT,
    "stations" TEXT,
    "market" INTEGER,
    "medium" TEXT,
    "product" TEXT,
    "flight_from" DATE,
    "flight_to" DATE,
    "hiatus" TEXT,
    "gross_cents" BIGINT,
    "net_cents" BIGINT,
    "amount_basis" TEXT,
    "commission_bp" INTEGER,
    "low_cents" BIGINT,
    "high_cents" BIGINT,
    "spots" INTEGER,
    "grp_x10" INTEGER,
    "length_s" INTEGER,
    "daypart" TEXT,
    "stage" TEXT,
    "layer" TEXT,
    "estimate" INTEGER,
    "source" TEXT,
    "doc_type" TEXT,
    "order_no" TEXT,
    "order_no_norm" TEXT,
    "alt_order_no" TEXT,
    "invoice_no" TEXT,
    "revision" TEXT,
    "revision_date" DATE,
    "print_ms" BIGINT,
    "published_ms" BIGINT,
    "billing_from" DATE,
    "billing_to" DATE,
    "line_weeks" TEXT,
    "airings" TEXT,
    "standing" TEXT,
    "standing_why" TEXT,
    "superseded_by" BIGINT,
    "adjustment_of" BIGINT,
    "known_from_ms" BIGINT,
    "known_to_ms" BIGINT,
    "confidence_bp" INTEGER,
    "changes_only" INTEGER,
    "system" TEXT,
    "reason" TEXT,
    "market_rank" INTEGER,
    "decision_id" BIGINT,
    "external_id" TEXT,
    "stated_basis" TEXT,
    "filled" TEXT,
    "row" INTEGER,
    "made_by" BIGINT,
    "title_no" TEXT,
    "memo" INTEGER,
    "applied_seq" BIGINT NOT NULL
);
CREATE INDEX IF NOT EXISTS "buy_line_campaign_id" ON "buy_line" ("campaign_id");

-- a data problem a person must look at
CREATE TABLE IF NOT EXISTS "exception" (
    "id" INTEGER PRIMARY KEY,
    "version" BIGINT,
    "created_ms" BIGINT,
    "updated_ms" BIGINT,
    "archived_ms" BIGINT,
    "campaign_id" BIGINT,
    "kind" TEXT,
    "subject" TEXT,
    "input_id" BIGINT,
    "document_id" BIGINT,
    "buy_line_id" BIGINT,
    "details" TEXT,
    "status" TEXT,
    "closed_by" TEXT,
    "closed_ms" BIGINT,
    "closed_reason" TEXT,
    "job_id" BIGINT,
    "applied_seq" BIGINT NOT NULL
);
CREATE INDEX IF NOT EXISTS "exception_campaign_id" ON "exception" ("campaign_id");

-- a line of jobs
CREATE TABLE IF NOT EXISTS "queue" (
    "id" INTEGER PRIMARY KEY,
    "version" BIGINT,
    "created_ms" BIGINT,
    "updated_ms" BIGINT,
    "archived_ms" BIGINT,
    "name" TEXT,
    "paused" INTEGER,
    "concurrency" INTEGER,
    "timeout_ms" BIGINT,
    "retries" INTEGER,
    "backoff_ms" BIGINT,
    "applied_seq" BIGINT NOT NULL
);
CREATE INDEX IF NOT EXISTS "queue_name" ON "queue" ("name");

-- one piece of work
CREATE TABLE IF NOT EXISTS "job" (
    "id" INTEGER PRIMARY KEY,
    "version" BIGINT,
    "created_ms" BIGINT,
    "updated_ms" BIGINT,
    "archived_ms" BIGINT,
    "queue_id" BIGINT,
    "input_id" BIGINT,
    "payload" TEXT,
    "dedupe_key" TEXT,
    "priority" INTEGER,
    "run_at_ms" BIGINT,
    "attempt" INTEGER,
    "state" TEXT,
    "lease_until_ms" BIGINT,
    "fence" BIGINT,
    "error" TEXT,
    "runs" TEXT,
    "applied_seq" BIGINT NOT NULL
);
CREATE INDEX IF NOT EXISTS "job_queue_id" ON "job" ("queue_id");
CREATE INDEX IF NOT EXISTS "job_dedupe_key" ON "job" ("dedupe_key");

-- a request that may be repeated
CREATE TABLE IF NOT EXISTS "idempotency_key" (
    "id" INTEGER PRIMARY KEY,
    "version" BIGINT,
    "created_ms" BIGINT,
    "updated_ms" BIGINT,
    "archived_ms" BIGINT,
    "scope" TEXT,
    "key" TEXT,
    "fingerprint" TEXT,
    "status" INTEGER,
    "expires_ms" BIGINT,
    "applied_seq" BIGINT NOT NULL
);
CREATE INDEX IF NOT EXISTS "idempotency_key_key" ON "idempotency_key" ("key");

-- a setting changed at run time
CREATE TABLE IF NOT EXISTS "setting" (
    "id" INTEGER PRIMARY KEY,
    "version" BIGINT,
    "created_ms" BIGINT,
    "updated_ms" BIGINT,
    "archived_ms" BIGINT,
    "key" TEXT,
    "value" TEXT,
    "updated_by" TEXT,
    "applied_seq" BIGINT NOT NULL
);
CREATE INDEX IF NOT EXISTS "setting_key" ON "setting" ("key");

-- what a campaign's actor keeps of its record
CREATE TABLE IF NOT EXISTS "campaign_state" (
    "id" INTEGER PRIMARY KEY,
    "version" BIGINT,
    "created_ms" BIGINT,
    "updated_ms" BIGINT,
    "archived_ms" BIGINT,
    "campaign" TEXT,
    "today" DATE,
    "keeper" TEXT,
    "eod_date" DATE,
    "eod_next" DATE,
    "eod_due_ms" BIGINT,
    "applied_seq" BIGINT NOT NULL
);

-- lines that may be one buy
CREATE TABLE IF NOT EXISTS "dedupe_group" (
    "id" INTEGER PRIMARY KEY,
    "version" BIGINT,
    "created_ms" BIGINT,
    "updated_ms" BIGINT,
    "archived_ms" BIGINT,
    "campaign_id" BIGINT,
    "status" TEXT,
    "score_x100" INTEGER,
    "proposed" INTEGER,
    "reasons" TEXT,
    "vetoes" TEXT,
    "members" TEXT,
    "suggested_winner" BIGINT,
    "decision_id" BIGINT,
    "rule_version" INTEGER,
    "applied_seq" BIGINT NOT NULL
);
CREATE INDEX IF NOT EXISTS "dedupe_group_campaign_id" ON "dedupe_group" ("campaign_id");

-- a verdict about lines, with its undo
CREATE TABLE IF NOT EXISTS "dedupe_decision" (
    "id" INTEGER PRIMARY KEY,
    "version" BIGINT,
    "created_ms" BIGINT,
    "updated_ms" BIGINT,
    "archived_ms" BIGINT,
    "campaign_id" BIGINT,
    "group_id" BIGINT,
    "action" TEXT,
    "chosen" BIGINT,
    "members" TEXT,
    "automatic" INTEGER,
    "principal" TEXT,
    "reason" TEXT,
    "total_before_cents" BIGINT,
    "total_after_cents" BIGINT,
    "undoes" BIGINT,
    "undone_ms" BIGINT,
    "undone_by" BIGINT,
    "rule_version" INTEGER,
    "filled" TEXT,
    "applied_seq" BIGINT NOT NULL
);
CREATE INDEX IF NOT EXISTS "dedupe_decision_campaign_id" ON "dedupe_decision" ("campaign_id");
CREATE INDEX IF NOT EXISTS "dedupe_decision_group_id" ON "dedupe_decision" ("group_id");

-- an edit of a cell
CREATE TABLE IF NOT EXISTS "adjustment" (
    "id" INTEGER PRIMARY KEY,
    "version" BIGINT,
    "created_ms" BIGINT,
    "updated_ms" BIGINT,
    "archived_ms" BIGINT,
    "campaign_id" BIGINT,
    "key" TEXT,
    "buy_line_id" BIGINT,
    "before_cents" BIGINT,
    "gross_cents" BIGINT,
    "delta_cents" BIGINT,
    "reason" TEXT,
    "principal" TEXT,
    "base_version" BIGINT,
    "undone_ms" BIGINT,
    "applied_seq" BIGINT NOT NULL
);
CREATE INDEX IF NOT EXISTS "adjustment_campaign_id" ON "adjustment" ("campaign_id");

-- our lines against another source's whole list
CREATE TABLE IF NOT EXISTS "reconciliation" (
    "id" INTEGER PRIMARY KEY,
    "version" BIGINT,
    "created_ms" BIGINT,
    "updated_ms" BIGINT,
    "archived_ms" BIGINT,
    "campaign_id" BIGINT,
    "source" TEXT,
    "filename" TEXT,
    "sha256" TEXT,
    "run_ms" BIGINT,
    "matrix_version" BIGINT,
    "equal" INTEGER,
    "differs" INTEGER,
    "missing_here" INTEGER,
    "missing_there" INTEGER,
    "rows" TEXT,
    "applied_seq" BIGINT NOT NULL
);
CREATE INDEX IF NOT EXISTS "reconciliation_campaign_id" ON "reconciliation" ("campaign_id");

-- a spelling that may mean a known name
CREATE TABLE IF NOT EXISTS "name_proposal" (
    "id" INTEGER PRIMARY KEY,
    "version" BIGINT,
    "created_ms" BIGINT,
    "updated_ms" BIGINT,
    "archived_ms" BIGINT,
    "kind" TEXT,
    "text" TEXT,
    "advertiser_id" BIGINT,
    "target_id" BIGINT,
    "target" TEXT,
    "score_bp" INTEGER,
    "why" TEXT,
    "status" TEXT,
    "decided_by" TEXT,
    "decided_ms" BIGINT,
    "dma_code" INTEGER,
    "applied_seq" BIGINT NOT NULL
);

-- columns of a source's sheets
CREATE TABLE IF NOT EXISTS "column_mapping" (
    "id" INTEGER PRIMARY KEY,
    "version" BIGINT,
    "created_ms" BIGINT,
    "updated_ms" BIGINT,
    "archived_ms" BIGINT,
    "source" TEXT,
    "columns" TEXT,
    "applied_seq" BIGINT NOT NULL
);
CREATE INDEX IF NOT EXISTS "column_mapping_source" ON "column_mapping" ("source");

-- what a campaign was told of its changes
CREATE TABLE IF NOT EXISTS "report" (
    "id" INTEGER PRIMARY KEY,
    "version" BIGINT,
    "created_ms" BIGINT,
    "updated_ms" BIGINT,
    "archived_ms" BIGINT,
    "campaign_id" BIGINT,
    "kind" TEXT,
    "local_date" DATE,
    "from_version" BIGINT,
    "to_version" BIGINT,
    "from_ms" BIGINT,
    "to_ms" BIGINT,
    "total_before_cents" BIGINT,
    "total_after_cents" BIGINT,
    "state_hash" TEXT,
    "storage_key" TEXT,
    "sent_ms" BIGINT,
    "applied_seq" BIGINT NOT NULL
);
CREATE INDEX IF NOT EXISTS "report_campaign_id" ON "report" ("campaign_id");
