-- The tables of TrailMix for MySQL and MariaDB, made from src/schema by `trailmix dump sql`. Do not edit.

-- one tracked race
CREATE TABLE IF NOT EXISTS `campaign` (
    `id` BIGINT UNSIGNED NOT NULL,
    `version` BIGINT,
    `created_ms` BIGINT,
    `updated_ms` BIGINT,
    `archived_ms` BIGINT,
    `name` VARCHAR(200),
    `kind` VARCHAR(32),
    `slug` VARCHAR(100),
    `client` VARCHAR(200),
    `office` VARCHAR(100),
    `state` VARCHAR(2),
    `district` VARCHAR(50),
    `election_date` DATE,
    `status` VARCHAR(32),
    `tz` VARCHAR(64),
    `week_basis` VARCHAR(32),
    `broadcast_day_start_min` INT,
    `commission_bp` INT,
    `media` LONGTEXT,
    `keywords` LONGTEXT,
    `markets` LONGTEXT,
    `advertisers` LONGTEXT,
    `eod_local_min` INT,
    `eod_enabled` TINYINT,
    `actor` INT,
    `applied_seq` BIGINT NOT NULL,
    PRIMARY KEY (`id`),
    KEY `campaign_slug` (`slug`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- side of an advertiser in a campaign
CREATE TABLE IF NOT EXISTS `campaign_advertiser` (
    `id` BIGINT UNSIGNED NOT NULL,
    `version` BIGINT,
    `created_ms` BIGINT,
    `updated_ms` BIGINT,
    `archived_ms` BIGINT,
    `campaign_id` BIGINT UNSIGNED,
    `advertiser_id` BIGINT UNSIGNED,
    `side` VARCHAR(32),
    `applied_seq` BIGINT NOT NULL,
    PRIMARY KEY (`id`),
    KEY `campaign_advertiser_campaign_id` (`campaign_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- who pays
CREATE TABLE IF NOT EXISTS `advertiser` (
    `id` BIGINT UNSIGNED NOT NULL,
    `version` BIGINT,
    `created_ms` BIGINT,
    `updated_ms` BIGINT,
    `archived_ms` BIGINT,
    `name` VARCHAR(200),
    `type` VARCHAR(32),
    `party` VARCHAR(50),
    `committee_id` VARCHAR(16),
    `parent_id` BIGINT UNSIGNED,
    `applied_seq` BIGINT NOT NULL,
    PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- a spelling of an advertiser
CREATE TABLE IF NOT EXISTS `advertiser_alias` (
    `id` BIGINT UNSIGNED NOT NULL,
    `version` BIGINT,
    `created_ms` BIGINT,
    `updated_ms` BIGINT,
    `archived_ms` BIGINT,
    `advertiser_id` BIGINT UNSIGNED,
    `text` VARCHAR(200),
    `norm` VARCHAR(600),
    `source` VARCHAR(50),
    `confirmed_by` VARCHAR(100),
    `confirmed_ms` BIGINT,
    `applied_seq` BIGINT NOT NULL,
    PRIMARY KEY (`id`),
    KEY `advertiser_alias_advertiser_id` (`advertiser_id`),
    KEY `advertiser_alias_norm` (`norm`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- who buys for the advertiser
CREATE TABLE IF NOT EXISTS `agency` (
    `id` BIGINT UNSIGNED NOT NULL,
    `version` BIGINT,
    `created_ms` BIGINT,
    `updated_ms` BIGINT,
    `archived_ms` BIGINT,
    `name` VARCHAR(200),
    `aliases` LONGTEXT,
    `commission_bp` INT,
    `applied_seq` BIGINT NOT NULL,
    PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- a TV market
CREATE TABLE IF NOT EXISTS `market` (
    `id` BIGINT UNSIGNED NOT NULL,
    `version` BIGINT,
    `created_ms` BIGINT,
    `updated_ms` BIGINT,
    `archived_ms` BIGINT,
    `dma_code` INT,
    `name` VARCHAR(100),
    `rank` INT,
    `tv_homes` BIGINT,
    `tz` VARCHAR(64),
    `applied_seq` BIGINT NOT NULL,
    PRIMARY KEY (`id`),
    KEY `market_dma_code` (`dma_code`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- a spelling of a market
CREATE TABLE IF NOT EXISTS `market_alias` (
    `id` BIGINT UNSIGNED NOT NULL,
    `version` BIGINT,
    `created_ms` BIGINT,
    `updated_ms` BIGINT,
    `archived_ms` BIGINT,
    `norm` VARCHAR(300),
    `dma_code` INT,
    `text` VARCHAR(100),
    `applied_seq` BIGINT NOT NULL,
    PRIMARY KEY (`id`),
    KEY `market_alias_norm` (`norm`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- a vendor with a call sign
CREATE TABLE IF NOT EXISTS `station` (
    `id` BIGINT UNSIGNED NOT NULL,
    `version` BIGINT,
    `created_ms` BIGINT,
    `updated_ms` BIGINT,
    `archived_ms` BIGINT,
    `call_sign` VARCHAR(60),
    `service` VARCHAR(32),
    `facility_id` BIGINT,
    `network` VARCHAR(60),
    `city` VARCHAR(60),
    `state` VARCHAR(2),
    `dma_code` INT,
    `tz` VARCHAR(64),
    `known_from_ms` BIGINT,
    `known_to_ms` BIGINT,
    `applied_seq` BIGINT NOT NULL,
    PRIMARY KEY (`id`),
    KEY `station_call_sign` (`call_sign`),
    KEY `station_facility_id` (`facility_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- where evidence comes from
CREATE TABLE IF NOT EXISTS `source` (
    `id` BIGINT UNSIGNED NOT NULL,
    `version` BIGINT,
    `created_ms` BIGINT,
    `updated_ms` BIGINT,
    `archived_ms` BIGINT,
    `name` VARCHAR(50),
    `kind` VARCHAR(32),
    `trust_rank` INT,
    `applied_seq` BIGINT NOT NULL,
    PRIMARY KEY (`id`),
    KEY `source_name` (`name`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- bytes as they came
CREATE TABLE IF NOT EXISTS `raw_input` (
    `id` BIGINT UNSIGNED NOT NULL,
    `version` BIGINT,
    `created_ms` BIGINT,
    `updated_ms` BIGINT,
    `archived_ms` BIGINT,
    `source` VARCHAR(50),
    `sha256` VARCHAR(64),
    `filename` VARCHAR(255),
    `external_id` VARCHAR(200),
    `media_type` VARCHAR(100),
    `bytes` BIGINT,
    `storage_key` VARCHAR(200),
    `received_ms` BIGINT,
    `published_ms` BIGINT,
    `status` VARCHAR(32),
    `reason` VARCHAR(100),
    `documents` INT,
    `lines` INT,
    `exceptions` INT,
    `campaign_id` BIGINT UNSIGNED,
    `parent_id` BIGINT UNSIGNED,
    `waits` INT,
    `outcome` VARCHAR(32),
    `job_id` BIGINT UNSIGNED,
    `applied_seq` BIGINT NOT NULL,
    PRIMARY KEY (`id`),
    KEY `raw_input_sha256` (`sha256`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- a document as it was read
CREATE TABLE IF NOT EXISTS `document` (
    `id` BIGINT UNSIGNED NOT NULL,
    `version` BIGINT,
    `created_ms` BIGINT,
    `updated_ms` BIGINT,
    `archived_ms` BIGINT,
    `input_id` BIGINT UNSIGNED,
    `filename` VARCHAR(255),
    `sha256` VARCHAR(64),
    `part` INT,
    `parts` INT,
    `pages` LONGTEXT,
    `status` VARCHAR(32),
    `reason` VARCHAR(50),
    `doc_type` VARCHAR(32),
    `stage` VARCHAR(32),
    `contract_num` VARCHAR(64),
    `order_no` VARCHAR(64),
    `order_no_norm` VARCHAR(64),
    `invoice_no` VARCHAR(64),
    `revision` VARCHAR(32),
    `alt_order_no` VARCHAR(64),
    `original_date` DATE,
    `revision_date` DATE,
    `print_ms` BIGINT,
    `billing_from` DATE,
    `billing_to` DATE,
    `advertiser` VARCHAR(200),
    `agency` VARCHAR(200),
    `station` VARCHAR(100),
    `stations` LONGTEXT,
    `market` VARCHAR(100),
    `medium` VARCHAR(32),
    `product` VARCHAR(200),
    `gross_cents` BIGINT,
    `net_cents` BIGINT,
    `commission_bp` INT,
    `flight_from` DATE,
    `flight_to` DATE,
    `spots` INT,
    `market_budget_cents` BIGINT,
    `shares` LONGTEXT,
    `confidence_bp` INT,
    `at` LONGTEXT,
    `lines` LONGTEXT,
    `airings` LONGTEXT,
    `exceptions` LONGTEXT,
    `parser` VARCHAR(50),
    `parser_version` INT,
    `changes_only` TINYINT,
    `system` VARCHAR(50),
    `campaigns` LONGTEXT,
    `row` INT,
    `external_id` VARCHAR(100),
    `hiatus` LONGTEXT,
    `daypart` VARCHAR(60),
    `length_s` INT,
    `grp_x10` INT,
    `amount_basis` VARCHAR(32),
    `layer` VARCHAR(32),
    `estimate` TINYINT,
    `low_cents` BIGINT,
    `high_cents` BIGINT,
    `market_code` INT,
    `source` VARCHAR(50),
    `applied_seq` BIGINT NOT NULL,
    PRIMARY KEY (`id`),
    KEY `document_input_id` (`input_id`),
    KEY `document_order_no` (`order_no`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- one statement of a buy
CREATE TABLE IF NOT EXISTS `buy_line` (
    `id` BIGINT UNSIGNED NOT NULL,
    `version` BIGINT,
    `created_ms` BIGINT,
    `updated_ms` BIGINT,
    `archived_ms` BIGINT,
    `campaign_id` BIGINT UNSIGNED,
    `document_id` BIGINT UNSIGNED,
    `input_id` BIGINT UNSIGNED,
    `locator` LONGTEXT,
    `advertiser_id` BIGINT UNSIGNED,
    `advertiser` VARCHAR(200),
    `advertiser_text` VARCHAR(200),
    `side` VARCHAR(32),
    `agency_id` BIGINT UNSIGNED,
    `agency` VARCHAR(200),
    `station_id` BIGINT UNSIGNED,
    `station` VARCHAR(60),
    `stations` LONGTEXT,
    `market` INT,
    `medium` VARCHAR(32),
    `product` VARCHAR(200),
    `flight_from` DATE,
    `flight_to` DATE,
    `hiatus` LONGTEXT,
    `gross_cents` BIGINT,
    `net_cents` BIGINT,
    `amount_basis` VARCHAR(32),
    `commission_bp` INT,
    `low_cents` BIGINT,
    `high_cents` BIGINT,
    `spots` INT,
    `grp_x10` INT,
    `length_s` INT,
    `daypart` VARCHAR(60),
    `stage` VARCHAR(32),
    `layer` VARCHAR(32),
    `estimate` TINYINT,
    `source` VARCHAR(50),
    `doc_type` VARCHAR(32),
    `order_no` VARCHAR(64),
    `order_no_norm` VARCHAR(64),
    `alt_order_no` VARCHAR(64),
    `invoice_no` VARCHAR(64),
    `revision` VARCHAR(32),
    `revision_date` DATE,
    `print_ms` BIGINT,
    `published_ms` BIGINT,
    `billing_from` DATE,
    `billing_to` DATE,
    `line_weeks` LONGTEXT,
    `airings` LONGTEXT,
    `standing` VARCHAR(32),
    `standing_why` VARCHAR(300),
    `superseded_by` BIGINT UNSIGNED,
    `adjustment_of` BIGINT UNSIGNED,
    `known_from_ms` BIGINT,
    `known_to_ms` BIGINT,
    `confidence_bp` INT,
    `changes_only` TINYINT,
    `system` VARCHAR(50),
    `reason` VARCHAR(500),
    `market_rank` INT,
    `decision_id` BIGINT UNSIGNED,
    `external_id` VARCHAR(100),
    `stated_basis` VARCHAR(32),
    `filled` LONGTEXT,
    `row` INT,
    `made_by` BIGINT UNSIGNED,
    `title_no` VARCHAR(64),
    `memo` TINYINT,
    `applied_seq` BIGINT NOT NULL,
    PRIMARY KEY (`id`),
    KEY `buy_line_campaign_id` (`campaign_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- a data problem a person must look at
CREATE TABLE IF NOT EXISTS `exception` (
    `id` BIGINT UNSIGNED NOT NULL,
    `version` BIGINT,
    `created_ms` BIGINT,
    `updated_ms` BIGINT,
    `archived_ms` BIGINT,
    `campaign_id` BIGINT UNSIGNED,
    `kind` VARCHAR(50),
    `subject` VARCHAR(300),
    `input_id` BIGINT UNSIGNED,
    `document_id` BIGINT UNSIGNED,
    `buy_line_id` BIGINT UNSIGNED,
    `details` TEXT,
    `status` VARCHAR(32),
    `closed_by` VARCHAR(100),
    `closed_ms` BIGINT,
    `closed_reason` VARCHAR(500),
    `job_id` BIGINT UNSIGNED,
    `applied_seq` BIGINT NOT NULL,
    PRIMARY KEY (`id`),
    KEY `exception_campaign_id` (`campaign_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- a line of jobs
CREATE TABLE IF NOT EXISTS `queue` (
    `id` BIGINT UNSIGNED NOT NULL,
    `version` BIGINT,
    `created_ms` BIGINT,
    `updated_ms` BIGINT,
    `archived_ms` BIGINT,
    `name` VARCHAR(50),
    `paused` TINYINT,
    `concurrency` INT,
    `timeout_ms` BIGINT,
    `retries` INT,
    `backoff_ms` BIGINT,
    `applied_seq` BIGINT NOT NULL,
    PRIMARY KEY (`id`),
    KEY `queue_name` (`name`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- one piece of work
CREATE TABLE IF NOT EXISTS `job` (
    `id` BIGINT UNSIGNED NOT NULL,
    `version` BIGINT,
    `created_ms` BIGINT,
    `updated_ms` BIGINT,
    `archived_ms` BIGINT,
    `queue_id` BIGINT UNSIGNED,
    `input_id` BIGINT UNSIGNED,
    `payload` TEXT,
    `dedupe_key` VARCHAR(200),
    `priority` INT,
    `run_at_ms` BIGINT,
    `attempt` INT,
    `state` VARCHAR(32),
    `lease_until_ms` BIGINT,
    `fence` BIGINT,
    `error` VARCHAR(1000),
    `runs` LONGTEXT,
    `applied_seq` BIGINT NOT NULL,
    PRIMARY KEY (`id`),
    KEY `job_queue_id` (`queue_id`),
    KEY `job_dedupe_key` (`dedupe_key`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- a request that may be repeated
CREATE TABLE IF NOT EXISTS `idempotency_key` (
    `id` BIGINT UNSIGNED NOT NULL,
    `version` BIGINT,
    `created_ms` BIGINT,
    `updated_ms` BIGINT,
    `archived_ms` BIGINT,
    `scope` VARCHAR(300),
    `key` VARCHAR(255),
    `fingerprint` VARCHAR(64),
    `status` INT,
    `expires_ms` BIGINT,
    `applied_seq` BIGINT NOT NULL,
    PRIMARY KEY (`id`),
    KEY `idempotency_key_key` (`key`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- a setting changed at run time
CREATE TABLE IF NOT EXISTS `setting` (
    `id` BIGINT UNSIGNED NOT NULL,
    `version` BIGINT,
    `created_ms` BIGINT,
    `updated_ms` BIGINT,
    `archived_ms` BIGINT,
    `key` VARCHAR(100),
    `value` TEXT,
    `updated_by` VARCHAR(100),
    `applied_seq` BIGINT NOT NULL,
    PRIMARY KEY (`id`),
    KEY `setting_key` (`key`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- what a campaign's actor keeps of its record
CREATE TABLE IF NOT EXISTS `campaign_state` (
    `id` BIGINT UNSIGNED NOT NULL,
    `version` BIGINT,
    `created_ms` BIGINT,
    `updated_ms` BIGINT,
    `archived_ms` BIGINT,
    `campaign` LONGTEXT,
    `today` DATE,
    `keeper` VARCHAR(20),
    `eod_date` DATE,
    `eod_next` DATE,
    `eod_due_ms` BIGINT,
    `applied_seq` BIGINT NOT NULL,
    PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- lines that may be one buy
CREATE TABLE IF NOT EXISTS `dedupe_group` (
    `id` BIGINT UNSIGNED NOT NULL,
    `version` BIGINT,
    `created_ms` BIGINT,
    `updated_ms` BIGINT,
    `archived_ms` BIGINT,
    `campaign_id` BIGINT UNSIGNED,
    `status` VARCHAR(32),
    `score_x100` INT,
    `proposed` TINYINT,
    `reasons` LONGTEXT,
    `vetoes` LONGTEXT,
    `members` LONGTEXT,
    `suggested_winner` BIGINT UNSIGNED,
    `decision_id` BIGINT UNSIGNED,
    `rule_version` INT,
    `applied_seq` BIGINT NOT NULL,
    PRIMARY KEY (`id`),
    KEY `dedupe_group_campaign_id` (`campaign_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- a verdict about lines, with its undo
CREATE TABLE IF NOT EXISTS `dedupe_decision` (
    `id` BIGINT UNSIGNED NOT NULL,
    `version` BIGINT,
    `created_ms` BIGINT,
    `updated_ms` BIGINT,
    `archived_ms` BIGINT,
    `campaign_id` BIGINT UNSIGNED,
    `group_id` BIGINT UNSIGNED,
    `action` VARCHAR(32),
    `chosen` BIGINT UNSIGNED,
    `members` LONGTEXT,
    `automatic` TINYINT,
    `principal` VARCHAR(200),
    `reason` VARCHAR(500),
    `total_before_cents` BIGINT,
    `total_after_cents` BIGINT,
    `undoes` BIGINT UNSIGNED,
    `undone_ms` BIGINT,
    `undone_by` BIGINT UNSIGNED,
    `rule_version` INT,
    `filled` LONGTEXT,
    `applied_seq` BIGINT NOT NULL,
    PRIMARY KEY (`id`),
    KEY `dedupe_decision_campaign_id` (`campaign_id`),
    KEY `dedupe_decision_group_id` (`group_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- an edit of a cell
CREATE TABLE IF NOT EXISTS `adjustment` (
    `id` BIGINT UNSIGNED NOT NULL,
    `version` BIGINT,
    `created_ms` BIGINT,
    `updated_ms` BIGINT,
    `archived_ms` BIGINT,
    `campaign_id` BIGINT UNSIGNED,
    `key` VARCHAR(300),
    `buy_line_id` BIGINT UNSIGNED,
    `before_cents` BIGINT,
    `gross_cents` BIGINT,
    `delta_cents` BIGINT,
    `reason` VARCHAR(500),
    `principal` VARCHAR(200),
    `base_version` BIGINT,
    `undone_ms` BIGINT,
    `applied_seq` BIGINT NOT NULL,
    PRIMARY KEY (`id`),
    KEY `adjustment_campaign_id` (`campaign_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- our lines against another source's whole list
CREATE TABLE IF NOT EXISTS `reconciliation` (
    `id` BIGINT UNSIGNED NOT NULL,
    `version` BIGINT,
    `created_ms` BIGINT,
    `updated_ms` BIGINT,
    `archived_ms` BIGINT,
    `campaign_id` BIGINT UNSIGNED,
    `source` VARCHAR(50),
    `filename` VARCHAR(255),
    `sha256` VARCHAR(64),
    `run_ms` BIGINT,
    `matrix_version` BIGINT,
    `equal` INT,
    `differs` INT,
    `missing_here` INT,
    `missing_there` INT,
    `rows` LONGTEXT,
    `applied_seq` BIGINT NOT NULL,
    PRIMARY KEY (`id`),
    KEY `reconciliation_campaign_id` (`campaign_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- a spelling that may mean a known name
CREATE TABLE IF NOT EXISTS `name_proposal` (
    `id` BIGINT UNSIGNED NOT NULL,
    `version` BIGINT,
    `created_ms` BIGINT,
    `updated_ms` BIGINT,
    `archived_ms` BIGINT,
    `kind` VARCHAR(32),
    `text` VARCHAR(200),
    `advertiser_id` BIGINT UNSIGNED,
    `target_id` BIGINT UNSIGNED,
    `target` VARCHAR(200),
    `score_bp` INT,
    `why` VARCHAR(400),
    `status` VARCHAR(32),
    `decided_by` VARCHAR(200),
    `decided_ms` BIGINT,
    `dma_code` INT,
    `applied_seq` BIGINT NOT NULL,
    PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- columns of a source's sheets
CREATE TABLE IF NOT EXISTS `column_mapping` (
    `id` BIGINT UNSIGNED NOT NULL,
    `version` BIGINT,
    `created_ms` BIGINT,
    `updated_ms` BIGINT,
    `archived_ms` BIGINT,
    `source` VARCHAR(50),
    `columns` LONGTEXT,
    `applied_seq` BIGINT NOT NULL,
    PRIMARY KEY (`id`),
    KEY `column_mapping_source` (`source`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- what a campaign was told of its changes
CREATE TABLE IF NOT EXISTS `report` (
    `id` BIGINT UNSIGNED NOT NULL,
    `version` BIGINT,
    `created_ms` BIGINT,
    `updated_ms` BIGINT,
    `archived_ms` BIGINT,
    `campaign_id` BIGINT UNSIGNED,
    `kind` VARCHAR(32),
    `local_date` DATE,
    `from_version` BIGINT,
    `to_version` BIGINT,
    `from_ms` BIGINT,
    `to_ms` BIGINT,
    `total_before_cents` BIGINT,
    `total_after_cents` BIGINT,
    `state_hash` VARCHAR(64),
    `storage_key` VARCHAR(200),
    `sent_ms` BIGINT,
    `applied_seq` BIGINT NOT NULL,
    PRIMARY KEY (`id`),
    KEY `report_campaign_id` (`campaign_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
