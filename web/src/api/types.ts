// The records of TrailMix, made from src/schema by `trailmix dump ts`. Do not edit.

export type Side = "for" | "against" | "neutral";
export type LineStatus = "ok" | "cancelled" | "missed" | "makegood";
export type MemberRole = "candidate" | "winner" | "copy" | "part" | "covered";
export type Reconciled = "equal" | "differs" | "missing_here" | "missing_there";
export type Medium = "broadcast" | "cable" | "satellite" | "radio" | "ctv" | "digital" | "mail" | "phone" | "creator" | "other";
export type Kind = "race" | "advocacy";
export type CampaignStatus = "active" | "paused" | "completed" | "draft" | "archived";
export type WeekBasis = "broadcast" | "political";
export type AdvertiserType = "candidate" | "party" | "pac" | "issue" | "platform_page";
export type Service = "tv" | "am" | "fm" | "cable" | "satellite";
export type SourceKind = "fcc" | "adimpact" | "aide" | "google" | "meta" | "fec" | "openfec" | "press" | "rep_mail" | "newsletter" | "imap" | "upload" | "rss" | "civic" | "deal" | "manual";
export type InputStatus = "stored" | "parsed" | "unreadable" | "ignored";
export type ReadingStatus = "read" | "unreadable" | "ignored";
export type DocType = "order" | "contract" | "confirmation" | "invoice" | "credit" | "agreement" | "sheet" | "filing" | "export" | "post" | "inquiry";
export type Stage = "proposed" | "ordered" | "confirmed" | "invoiced" | "cancelled";
export type AmountBasis = "gross" | "net" | "unknown";
export type Layer = "airtime" | "disbursement";
export type Standing = "winner" | "copy" | "part" | "covered" | "superseded";
export type OpenStatus = "open" | "closed";
export type JobState = "waiting" | "active" | "completed" | "failed" | "dismissed";
export type GroupStatus = "open" | "same" | "separate" | "partial";
export type DedupeAction = "keep" | "merge" | "separate" | "combine" | "covers" | "undo";
export type NameKind = "advertiser" | "agency" | "station" | "market";
export type ProposalStatus = "open" | "confirmed" | "rejected";
export type ReportKind = "eod" | "weekly" | "brief" | "export";

/** a range of days */
export interface Span {
  /** first day, included */
  from: string;
  /** last day, included */
  to: string;
}

/** where a value stands in a document */
export interface Place {
  /** the field it is the place of */
  field: string;
  /** page, from 1 */
  page: number;
  /** x0 y0 x1 y1, points * 100 */
  box_x100: number[] | null;
  /** the printed text */
  text: string | null;
}

/** a printed week or line as it is spread */
export interface LineWeek {
  /** first day, included */
  from: string;
  /** last day, included */
  to: string;
  /** spots in it */
  spots: number | null;
  /** price of one spot */
  rate_cents: number | null;
  /** dollars of it, in the line's amount_basis */
  amount_cents: number | null;
}

/** one spot that ran */
export interface Airing {
  /** station local day as printed */
  air_date: string;
  /** as printed, 24 h HH:MM[:SS] */
  air_time: string | null;
  /** length of the spot, seconds */
  length_s: number | null;
  /** dollars of this spot */
  amount_cents: number | null;
  /** code of the creative */
  isci: string | null;
  /** page it is printed on */
  page: number | null;
}

/** an advertiser as a campaign names it */
export interface CampaignRival {
  /** shown name */
  name: string;
  /** for, against or neutral to the client */
  side: Side | null;
  /** other spellings */
  aliases: string[] | null;
  /** the advertiser this names */
  readonly advertiser_id: string | null;
}

/** one printed line of a document */
export interface DocLine {
  /** its printed number */
  line: string | null;
  /** first day of the week or line */
  from: string | null;
  /** last day */
  to: string | null;
  /** weekdays as printed: MTWTF--, 1-1---- */
  days: string | null;
  /** spots */
  spots: number | null;
  /** price of one spot */
  rate_cents: number | null;
  /** dollars */
  amount_cents: number | null;
  /** ok cancelled missed makegood */
  status: LineStatus | null;
  /** page it is printed on */
  page: number | null;
}

/** points for or against one buy */
export interface DedupeReason {
  /** station advertiser flight amount basis sister_station covers */
  rule: string;
  /** points * 100 */
  points_x100: number | null;
  /** in words, with the numbers compared */
  text: string | null;
}

/** a line in a group or decision */
export interface DedupeMember {
  /** the line */
  buy_line_id: string;
  /** candidate until a verdict; then winner, copy, part or covered */
  role: MemberRole;
}

/** one row of a reconciliation */
export interface ReconciledRow {
  /** equal differs missing_here missing_there */
  result: Reconciled;
  /** line of their file */
  row: number | null;
  /** our line */
  buy_line_id: string | null;
  /** name */
  advertiser: string | null;
  /** call sign */
  station: string | null;
  /** DMA code */
  market: number | null;
  /** medium */
  medium: Medium | null;
  /** first day */
  from: string | null;
  /** last day */
  to: string | null;
  /** gross here */
  ours_cents: number | null;
  /** gross there */
  theirs_cents: number | null;
  /** what differs, in words */
  text: string | null;
}

/** a column of a source's sheets */
export interface Column {
  /** of a buy line */
  field: string;
  /** of the column */
  header: string;
}

/** one run of a job */
export interface JobRun {
  /** when it began */
  started_ms: number | null;
  /** when it ended; absent: it is under way */
  ended_ms: number | null;
  /** why it failed; absent: it did not */
  error: string | null;
}

/** one tracked race */
export interface Campaign {
  /** identity; never reused */
  readonly id: string | null;
  /** grows by one with every change */
  readonly version: number | null;
  /** time of the commit that made it */
  readonly created_ms: number | null;
  /** time of the commit that changed it last */
  readonly updated_ms: number | null;
  /** put away then; nothing is deleted */
  readonly archived_ms: number | null;
  /** shown name */
  name: string;
  /** race (default) or advocacy */
  kind: Kind | null;
  /** made from the name when not given */
  slug: string | null;
  /** who is served */
  client: string | null;
  /** office sought */
  office: string | null;
  /** two letters */
  state: string | null;
  /** district */
  district: string | null;
  /** election day */
  election_date: string | null;
  /** active by default */
  status: CampaignStatus | null;
  /** IANA zone; America/New_York by default */
  tz: string | null;
  /** broadcast by default */
  week_basis: WeekBasis | null;
  /** minutes after midnight; 360 */
  broadcast_day_start_min: number | null;
  /** used where none is printed; 1500 */
  commission_bp: number | null;
  /** media shown; empty: all */
  media: string[] | null;
  /** a line whose names hold one belongs */
  keywords: string[] | null;
  /** DMA codes; empty: every market */
  markets: number[] | null;
  /** who is tracked */
  advertisers: CampaignRival[] | null;
  /** minute of its day from which the end-of-day report is due; null: 1080, 18:00 */
  eod_local_min: number | null;
  /** whether there is one; null: no */
  eod_enabled: boolean | null;
}

/** side of an advertiser in a campaign */
export interface CampaignAdvertiser {
  /** identity; never reused */
  readonly id: string | null;
  /** grows by one with every change */
  readonly version: number | null;
  /** time of the commit that made it */
  readonly created_ms: number | null;
  /** time of the commit that changed it last */
  readonly updated_ms: number | null;
  /** put away then; nothing is deleted */
  readonly archived_ms: number | null;
  /** the campaign */
  campaign_id: string;
  /** the advertiser */
  advertiser_id: string;
  /** towards the client */
  side: Side;
}

/** who pays */
export interface Advertiser {
  /** identity; never reused */
  readonly id: string | null;
  /** grows by one with every change */
  readonly version: number | null;
  /** time of the commit that made it */
  readonly created_ms: number | null;
  /** time of the commit that changed it last */
  readonly updated_ms: number | null;
  /** put away then; nothing is deleted */
  readonly archived_ms: number | null;
  /** the first spelling seen or chosen */
  name: string;
  /** kind of payer */
  type: AdvertiserType | null;
  /** party */
  party: string | null;
  /** FEC committee */
  committee_id: string | null;
  /** owner */
  parent_id: string | null;
}

/** a spelling of an advertiser */
export interface AdvertiserAlias {
  /** identity; never reused */
  readonly id: string | null;
  /** grows by one with every change */
  readonly version: number | null;
  /** time of the commit that made it */
  readonly created_ms: number | null;
  /** time of the commit that changed it last */
  readonly updated_ms: number | null;
  /** put away then; nothing is deleted */
  readonly archived_ms: number | null;
  /** whose spelling */
  advertiser_id: string;
  /** as seen */
  text: string;
  /** folded */
  readonly norm: string | null;
  /** who brought it */
  source: string | null;
  /** person who confirmed it */
  confirmed_by: string | null;
  /** when */
  confirmed_ms: number | null;
}

/** who buys for the advertiser */
export interface Agency {
  /** identity; never reused */
  readonly id: string | null;
  /** grows by one with every change */
  readonly version: number | null;
  /** time of the commit that made it */
  readonly created_ms: number | null;
  /** time of the commit that changed it last */
  readonly updated_ms: number | null;
  /** put away then; nothing is deleted */
  readonly archived_ms: number | null;
  /** shown name */
  name: string;
  /** other spellings */
  aliases: string[] | null;
  /** its commission where none is printed */
  commission_bp: number | null;
}

/** a TV market */
export interface Market {
  /** identity; never reused */
  readonly id: string | null;
  /** grows by one with every change */
  readonly version: number | null;
  /** time of the commit that made it */
  readonly created_ms: number | null;
  /** time of the commit that changed it last */
  readonly updated_ms: number | null;
  /** put away then; nothing is deleted */
  readonly archived_ms: number | null;
  /** the number used */
  dma_code: number;
  /** shown name */
  name: string;
  /** by TV homes, 1 the largest */
  rank: number | null;
  /** TV homes */
  tv_homes: number | null;
  /** IANA zone */
  tz: string | null;
}

/** a spelling of a market */
export interface MarketAlias {
  /** identity; never reused */
  readonly id: string | null;
  /** grows by one with every change */
  readonly version: number | null;
  /** time of the commit that made it */
  readonly created_ms: number | null;
  /** time of the commit that changed it last */
  readonly updated_ms: number | null;
  /** put away then; nothing is deleted */
  readonly archived_ms: number | null;
  /** folded spelling */
  norm: string;
  /** the market */
  dma_code: number;
  /** as seen */
  text: string | null;
}

/** a vendor with a call sign */
export interface Station {
  /** identity; never reused */
  readonly id: string | null;
  /** grows by one with every change */
  readonly version: number | null;
  /** time of the commit that made it */
  readonly created_ms: number | null;
  /** time of the commit that changed it last */
  readonly updated_ms: number | null;
  /** put away then; nothing is deleted */
  readonly archived_ms: number | null;
  /** without -TV -DT -CD -LD -CA; cable: operator and system */
  call_sign: string;
  /** kind of station */
  service: Service | null;
  /** FCC facility */
  facility_id: number | null;
  /** affiliation */
  network: string | null;
  /** community of licence */
  city: string | null;
  /** two letters */
  state: string | null;
  /** its market; absent: unknown */
  dma_code: number | null;
  /** IANA zone */
  tz: string | null;
  /** believed from */
  readonly known_from_ms: number | null;
  /** believed until; absent: still */
  readonly known_to_ms: number | null;
}

/** where evidence comes from */
export interface Source {
  /** identity; never reused */
  readonly id: string | null;
  /** grows by one with every change */
  readonly version: number | null;
  /** time of the commit that made it */
  readonly created_ms: number | null;
  /** time of the commit that changed it last */
  readonly updated_ms: number | null;
  /** put away then; nothing is deleted */
  readonly archived_ms: number | null;
  /** the name used in `source` */
  name: string;
  /** kind of evidence */
  kind: SourceKind;
  /** smaller wins */
  trust_rank: number | null;
}

/** bytes as they came */
export interface RawInput {
  /** identity; never reused */
  readonly id: string | null;
  /** grows by one with every change */
  readonly version: number | null;
  /** time of the commit that made it */
  readonly created_ms: number | null;
  /** time of the commit that changed it last */
  readonly updated_ms: number | null;
  /** put away then; nothing is deleted */
  readonly archived_ms: number | null;
  /** name of the source */
  source: string;
  /** of the bytes, hex */
  sha256: string;
  /** as uploaded; folders are evidence */
  filename: string | null;
  /** the source's own id */
  external_id: string | null;
  /** as found in the bytes */
  media_type: string | null;
  /** size */
  bytes: number | null;
  /** when they came */
  received_ms: number | null;
  /** when the source showed them */
  published_ms: number | null;
  /** how far it is */
  status: InputStatus;
  /** why unreadable or ignored */
  reason: string | null;
  /** documents found in it */
  documents: number | null;
  /** buy lines made from it,                              pending ones included */
  lines: number | null;
  /** exceptions opened by it */
  exceptions: number | null;
  /** every line goes there too */
  campaign_id: string | null;
  /** the mail an attachment came with */
  parent_id: string | null;
  /** the job that gave up reading it */
  readonly job_id: string | null;
}

/** a document as it was read */
export interface Document {
  /** identity; never reused */
  readonly id: string | null;
  /** grows by one with every change */
  readonly version: number | null;
  /** time of the commit that made it */
  readonly created_ms: number | null;
  /** time of the commit that changed it last */
  readonly updated_ms: number | null;
  /** put away then; nothing is deleted */
  readonly archived_ms: number | null;
  /** the bytes it was read from */
  input_id: string | null;
  /** name and folder of the upload */
  filename: string | null;
  /** of the bytes */
  sha256: string | null;
  /** from 1, in page order */
  part: number | null;
  /** documents in the file */
  parts: number | null;
  /** its pages */
  pages: number[] | null;
  /** read unreadable ignored */
  status: ReadingStatus | null;
  /** why not read */
  reason: string | null;
  /** order contract invoice ... */
  doc_type: DocType | null;
  /** ordered invoiced cancelled ... */
  stage: Stage | null;
  /** the document's own printed number */
  contract_num: string | null;
  /** the order it belongs to */
  order_no: string | null;
  /** domain rule 4.4.1 */
  order_no_norm: string | null;
  /** on an invoice */
  invoice_no: string | null;
  /** absent: none printed */
  revision: string | null;
  /** the same order in another system */
  alt_order_no: string | null;
  /** entered */
  original_date: string | null;
  /** revised, changes as of */
  revision_date: string | null;
  /** printed, read as UTC for want of a zone */
  print_ms: number | null;
  /** invoice: first day of the period */
  billing_from: string | null;
  /** invoice: last day of the period */
  billing_to: string | null;
  /** as printed */
  advertiser: string | null;
  /** as printed */
  agency: string | null;
  /** as printed */
  station: string | null;
  /** the others of a combo */
  stations: string[] | null;
  /** as printed */
  market: string | null;
  /** medium */
  medium: Medium | null;
  /** as printed */
  product: string | null;
  /** printed gross total */
  gross_cents: number | null;
  /** printed net total */
  net_cents: number | null;
  /** printed commission */
  commission_bp: number | null;
  /** printed flight */
  flight_from: string | null;
  /** printed flight */
  flight_to: string | null;
  /** printed spots */
  spots: number | null;
  /** intelligence, never spend */
  market_budget_cents: number | null;
  /** printed competitive shares, as text */
  shares: string[] | null;
  /** of the reading,                                by independent evidence */
  confidence_bp: number | null;
  /** where each field stands */
  at: Place[] | null;
  /** printed lines and weeks */
  lines: DocLine[] | null;
  /** printed airings */
  airings: Airing[] | null;
  /** what the reader doubts */
  exceptions: string[] | null;
  /** which reader */
  parser: string | null;
  /** its version */
  parser_version: number | null;
  /** a printout of changes: its lines do not reach the total */
  changes_only: boolean | null;
  /** layout family, for numbering systems and series */
  system: string | null;
  /** campaigns a person sent it to, whatever their criteria */
  readonly campaigns: string[] | null;
  /** line of a sheet it was read from */
  row: number | null;
  /** its name in the source's own list */
  external_id: string | null;
  /** days without spots */
  hiatus: Span[] | null;
  /** part of the day */
  daypart: string | null;
  /** length of the spots, seconds */
  length_s: number | null;
  /** rating points * 10 */
  grp_x10: number | null;
  /** which total was stated */
  amount_basis: AmountBasis | null;
  /** airtime or disbursement */
  layer: Layer | null;
  /** counted only in projected */
  estimate: boolean | null;
  /** lowest possible gross */
  low_cents: number | null;
  /** highest possible gross */
  high_cents: number | null;
  /** DMA code, where the source gives it */
  market_code: number | null;
  /** name of the source; absent: fcc */
  source: string | null;
}

/** one statement of a buy */
export interface BuyLine {
  /** identity; never reused */
  readonly id: string | null;
  /** grows by one with every change */
  readonly version: number | null;
  /** time of the commit that made it */
  readonly created_ms: number | null;
  /** time of the commit that changed it last */
  readonly updated_ms: number | null;
  /** put away then; nothing is deleted */
  readonly archived_ms: number | null;
  /** absent: pending assignment */
  campaign_id: string | null;
  /** the document it comes from */
  readonly document_id: string | null;
  /** the bytes it comes from */
  readonly input_id: string | null;
  /** place of each field */
  readonly locator: Place[] | null;
  /** who pays */
  readonly advertiser_id: string | null;
  /** name of who pays */
  advertiser: string | null;
  /** as printed */
  readonly advertiser_text: string | null;
  /** of the advertiser here */
  readonly side: Side | null;
  /** the buyer */
  readonly agency_id: string | null;
  /** its name */
  agency: string | null;
  /** where it airs */
  readonly station_id: string | null;
  /** call sign, or cable operator and system */
  station: string | null;
  /** others of a combo */
  stations: string[] | null;
  /** DMA code */
  market: number | null;
  /** medium */
  medium: Medium | null;
  /** as printed */
  product: string | null;
  /** first air day */
  flight_from: string | null;
  /** last air day */
  flight_to: string | null;
  /** days without spots */
  hiatus: Span[] | null;
  /** what the advertiser pays */
  gross_cents: number | null;
  /** gross less commission */
  net_cents: number | null;
  /** which total was stated */
  amount_basis: AmountBasis | null;
  /** printed or stated */
  commission_bp: number | null;
  /** lowest possible gross */
  low_cents: number | null;
  /** highest possible gross */
  high_cents: number | null;
  /** spots */
  spots: number | null;
  /** rating points * 10 */
  grp_x10: number | null;
  /** length of the spots, seconds */
  length_s: number | null;
  /** part of the day */
  daypart: string | null;
  /** proposed ordered confirmed ... */
  stage: Stage | null;
  /** airtime or disbursement */
  layer: Layer | null;
  /** counted only in projected */
  estimate: boolean | null;
  /** name of the source; manual by default */
  source: string | null;
  /** of its document */
  doc_type: DocType | null;
  /** as printed */
  order_no: string | null;
  /** domain rule 4.4.1 */
  readonly order_no_norm: string | null;
  /** the same order in another system */
  alt_order_no: string | null;
  /** on an invoice */
  invoice_no: string | null;
  /** version of the order */
  revision: string | null;
  /** revised */
  revision_date: string | null;
  /** printed */
  print_ms: number | null;
  /** shown by the source, else received */
  readonly published_ms: number | null;
  /** invoice: period */
  billing_from: string | null;
  /** invoice: period */
  billing_to: string | null;
  /** what its dollars are spread by */
  line_weeks: LineWeek[] | null;
  /** what its dollars are spread by */
  airings: Airing[] | null;
  /** whether it counts */
  readonly standing: Standing | null;
  /** in words */
  readonly standing_why: string | null;
  /** the line that counts instead */
  readonly superseded_by: string | null;
  /** the edit it stands for */
  readonly adjustment_of: string | null;
  /** believed from */
  readonly known_from_ms: number | null;
  /** believed until; absent: still */
  readonly known_to_ms: number | null;
  /** of the reading */
  readonly confidence_bp: number | null;
  /** a printout of changes */
  readonly changes_only: boolean | null;
  /** numbering system of its number */
  readonly system: string | null;
  /** why a person entered it */
  reason: string | null;
  /** the decision by which it does not count */
  readonly decision_id: string | null;
  /** its name in the source's own list */
  external_id: string | null;
  /** fields that a merge filled from its copies */
  readonly filled: string[] | null;
  /** line of the sheet it comes from */
  readonly row: number | null;
  /** the decision that made it: a sum of parts, what a total exceeds its stations by */
  readonly made_by: string | null;
  /** a disbursement that is counted elsewhere */
  memo: boolean | null;
}

/** a data problem a person must look at */
export interface Exception {
  /** identity; never reused */
  readonly id: string | null;
  /** grows by one with every change */
  readonly version: number | null;
  /** time of the commit that made it */
  readonly created_ms: number | null;
  /** time of the commit that changed it last */
  readonly updated_ms: number | null;
  /** put away then; nothing is deleted */
  readonly archived_ms: number | null;
  /** absent: of no single campaign */
  campaign_id: string | null;
  /** missing_amount, line_sum_mismatch ... */
  kind: string;
  /** what it is about, for a person */
  subject: string | null;
  /** the bytes */
  input_id: string | null;
  /** the document */
  document_id: string | null;
  /** the line */
  buy_line_id: string | null;
  /** numbers and words of the case */
  details: string | null;
  /** open or closed */
  status: OpenStatus;
  /** principal */
  closed_by: string | null;
  /** when */
  closed_ms: number | null;
  /** why nothing more is to do */
  closed_reason: string | null;
  /** job_failed: the job */
  job_id: string | null;
}

/** a line of jobs */
export interface Queue {
  /** identity; never reused */
  readonly id: string | null;
  /** grows by one with every change */
  readonly version: number | null;
  /** time of the commit that made it */
  readonly created_ms: number | null;
  /** time of the commit that changed it last */
  readonly updated_ms: number | null;
  /** put away then; nothing is deleted */
  readonly archived_ms: number | null;
  /** input-parse ... */
  name: string;
  /** starts no job while true */
  paused: boolean | null;
  /** jobs at once */
  concurrency: number | null;
  /** 30000 */
  timeout_ms: number | null;
  /** after the first run; 3 */
  retries: number | null;
  /** doubles each time; 1000 */
  backoff_ms: number | null;
}

/** one piece of work */
export interface Job {
  /** identity; never reused */
  readonly id: string | null;
  /** grows by one with every change */
  readonly version: number | null;
  /** time of the commit that made it */
  readonly created_ms: number | null;
  /** time of the commit that changed it last */
  readonly updated_ms: number | null;
  /** put away then; nothing is deleted */
  readonly archived_ms: number | null;
  /** its queue */
  queue_id: string;
  /** the input it reads */
  input_id: string | null;
  /** one live job a key */
  dedupe_key: string | null;
  /** larger first */
  priority: number | null;
  /** not before */
  run_at_ms: number | null;
  /** runs begun in this series */
  attempt: number | null;
  /** where it is */
  state: JobState;
  /** a run that is silent longer is lost */
  lease_until_ms: number | null;
  /** a result with an older fence is refused */
  fence: number | null;
  /** of the last run */
  error: string | null;
  /** this series, oldest first */
  runs: JobRun[] | null;
}

/** a request that may be repeated */
export interface IdempotencyKey {
  /** identity; never reused */
  readonly id: string | null;
  /** grows by one with every change */
  readonly version: number | null;
  /** time of the commit that made it */
  readonly created_ms: number | null;
  /** time of the commit that changed it last */
  readonly updated_ms: number | null;
  /** put away then; nothing is deleted */
  readonly archived_ms: number | null;
  /** principal, method, path, campaign */
  scope: string;
  /** as sent */
  key: string;
  /** SHA-256 of the body */
  fingerprint: string;
  /** of the answer */
  status: number | null;
  /** 24 h after the first */
  expires_ms: number;
}

/** a setting changed at run time */
export interface Setting {
  /** identity; never reused */
  readonly id: string | null;
  /** grows by one with every change */
  readonly version: number | null;
  /** time of the commit that made it */
  readonly created_ms: number | null;
  /** time of the commit that changed it last */
  readonly updated_ms: number | null;
  /** put away then; nothing is deleted */
  readonly archived_ms: number | null;
  /** name */
  key: string;
  /** value as text */
  value: string | null;
  /** principal */
  updated_by: string | null;
}

/** what a campaign's actor keeps of its record */
export interface CampaignState {
  /** identity; never reused */
  readonly id: string | null;
  /** grows by one with every change */
  readonly version: number | null;
  /** time of the commit that made it */
  readonly created_ms: number | null;
  /** time of the commit that changed it last */
  readonly updated_ms: number | null;
  /** put away then; nothing is deleted */
  readonly archived_ms: number | null;
  /** the record */
  campaign: Campaign[];
  /** the campaign's local date */
  today: string;
  /** campaign or clock */
  keeper: string | null;
  /** clock: last date for which a report was ordered */
  eod_date: string | null;
  /** clock: date of the next one */
  eod_next: string | null;
  /** clock: full hour at which it is ordered */
  eod_due_ms: number | null;
}

/** lines that may be one buy */
export interface DedupeGroup {
  /** identity; never reused */
  readonly id: string | null;
  /** grows by one with every change */
  readonly version: number | null;
  /** time of the commit that made it */
  readonly created_ms: number | null;
  /** time of the commit that changed it last */
  readonly updated_ms: number | null;
  /** put away then; nothing is deleted */
  readonly archived_ms: number | null;
  /** the campaign */
  campaign_id: string | null;
  /** the verdict */
  status: GroupStatus;
  /** points * 100, rounded half up */
  score_x100: number | null;
  /** 90 points or more: very likely the same */
  proposed: boolean | null;
  /** what speaks for it */
  reasons: DedupeReason[] | null;
  /** what forbids it; only in decided groups */
  vetoes: string[] | null;
  /** its lines */
  members: DedupeMember[] | null;
  /** of highest trust among them */
  suggested_winner: string | null;
  /** the verdict in force; absent: open */
  decision_id: string | null;
  /** of the points */
  rule_version: number | null;
}

/** a verdict about lines, with its undo */
export interface DedupeDecision {
  /** identity; never reused */
  readonly id: string | null;
  /** grows by one with every change */
  readonly version: number | null;
  /** time of the commit that made it */
  readonly created_ms: number | null;
  /** time of the commit that changed it last */
  readonly updated_ms: number | null;
  /** put away then; nothing is deleted */
  readonly archived_ms: number | null;
  /** the campaign */
  campaign_id: string | null;
  /** absent: rows were combined, a cell edited */
  group_id: string | null;
  /** the verdict */
  action: DedupeAction;
  /** the line that counts */
  chosen: string | null;
  /** whom it is about */
  members: DedupeMember[] | null;
  /** made by the rules, not by a person */
  automatic: boolean | null;
  /** who decided */
  principal: string | null;
  /** in that person's words */
  reason: string | null;
  /** booked gross of the campaign before */
  total_before_cents: number | null;
  /** and after */
  total_after_cents: number | null;
  /** undo: the decision it takes back */
  undoes: string | null;
  /** taken back then; absent: in force */
  undone_ms: number | null;
  /** by that decision */
  undone_by: string | null;
  /** of the points */
  rule_version: number | null;
  /** fields a merge filled in the chosen line */
  filled: string[] | null;
}

/** an edit of a cell */
export interface Adjustment {
  /** identity; never reused */
  readonly id: string | null;
  /** grows by one with every change */
  readonly version: number | null;
  /** time of the commit that made it */
  readonly created_ms: number | null;
  /** time of the commit that changed it last */
  readonly updated_ms: number | null;
  /** put away then; nothing is deleted */
  readonly archived_ms: number | null;
  /** the campaign */
  campaign_id: string | null;
  /** of the cell */
  key: string;
  /** the line with the difference */
  buy_line_id: string | null;
  /** the cell's gross before; absent: nothing known */
  before_cents: number | null;
  /** what it was set to */
  gross_cents: number | null;
  /** the difference */
  delta_cents: number | null;
  /** why */
  reason: string;
  /** who edited */
  principal: string | null;
  /** the version the person saw */
  base_version: number | null;
  /** taken back then; absent: in force */
  undone_ms: number | null;
}

/** our lines against another source's whole list */
export interface Reconciliation {
  /** identity; never reused */
  readonly id: string | null;
  /** grows by one with every change */
  readonly version: number | null;
  /** time of the commit that made it */
  readonly created_ms: number | null;
  /** time of the commit that changed it last */
  readonly updated_ms: number | null;
  /** put away then; nothing is deleted */
  readonly archived_ms: number | null;
  /** the campaign */
  campaign_id: string | null;
  /** whose list */
  source: string | null;
  /** its file */
  filename: string | null;
  /** of the file */
  sha256: string | null;
  /** when */
  run_ms: number | null;
  /** version of the campaign it was compared with */
  matrix_version: number | null;
  /** rows */
  equal: number | null;
  /** rows */
  differs: number | null;
  /** rows */
  missing_here: number | null;
  /** lines */
  missing_there: number | null;
  /** each, worst first */
  rows: ReconciledRow[] | null;
}

/** a spelling that may mean a known name */
export interface NameProposal {
  /** identity; never reused */
  readonly id: string | null;
  /** grows by one with every change */
  readonly version: number | null;
  /** time of the commit that made it */
  readonly created_ms: number | null;
  /** time of the commit that changed it last */
  readonly updated_ms: number | null;
  /** put away then; nothing is deleted */
  readonly archived_ms: number | null;
  /** of what */
  kind: NameKind;
  /** the new spelling */
  text: string;
  /** advertiser made for it meanwhile */
  advertiser_id: string | null;
  /** the advertiser it may be */
  target_id: string | null;
  /** its name */
  target: string | null;
  /** how alike */
  score_bp: number | null;
  /** in words */
  why: string | null;
  /** the verdict */
  status: ProposalStatus;
  /** principal */
  decided_by: string | null;
  /** when */
  decided_ms: number | null;
  /** the market it may be */
  dma_code: number | null;
}

/** columns of a source's sheets */
export interface ColumnMapping {
  /** identity; never reused */
  readonly id: string | null;
  /** grows by one with every change */
  readonly version: number | null;
  /** time of the commit that made it */
  readonly created_ms: number | null;
  /** time of the commit that changed it last */
  readonly updated_ms: number | null;
  /** put away then; nothing is deleted */
  readonly archived_ms: number | null;
  /** whose sheets */
  source: string;
  /** its columns */
  columns: Column[];
}

/** what a campaign was told of its changes */
export interface Report {
  /** identity; never reused */
  readonly id: string | null;
  /** grows by one with every change */
  readonly version: number | null;
  /** time of the commit that made it */
  readonly created_ms: number | null;
  /** time of the commit that changed it last */
  readonly updated_ms: number | null;
  /** put away then; nothing is deleted */
  readonly archived_ms: number | null;
  /** the campaign */
  campaign_id: string;
  /** eod: end of a day */
  kind: ReportKind;
  /** the campaign's date; one a kind */
  local_date: string;
  /** to_version of the one before of this kind; 0: it is the first */
  from_version: number;
  /** the last one before its own */
  to_version: number;
  /** when that version was */
  from_ms: number | null;
  /** when that version was */
  to_ms: number;
  /** booked, gross; null: nothing was known */
  total_before_cents: number | null;
  /** booked, gross; null: nothing is known */
  total_after_cents: number | null;
  /** SHA-256 of GET /api/v1/matrix as of to_ms */
  state_hash: string | null;
  /** where a copy lies; null: nowhere */
  storage_key: string | null;
  /** when it was sent; null: it was not */
  sent_ms: number | null;
}
