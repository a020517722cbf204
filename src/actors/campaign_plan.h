/* campaign_plan.h - everything that one message changes in a campaign, worked out before it is
 * staged.
 *
 * Why:     a new paper changes the standing of older ones, of their copies, of sums they are part
 *          of, of market totals and of open questions; all of it is one commit, so nobody sees half
 *          of it.
 * How:     lines that change are put into a plan; the plan finds the orders they belong to (units),
 *          judges each unit by its papers, then by decisions in force, follows the links to
 *          dependents, covers market totals, asks which units may be one buy, and stages the
 *          records that differ. Nothing here changes the campaign's state.
 * Threads: the actor's turn.
 * Source:  domain rules 4.3-4.5, 4.7. */
#ifndef TM_ACTORS_CAMPAIGN_PLAN_H
#define TM_ACTORS_CAMPAIGN_PLAN_H
#include "actors/campaign_chain.h"
#include "domain/dedupe.h"

/* A line in the plan. */
typedef struct seat {
    tm_buy_line_t *line;      /* as it will be, in the turn's arena */
    const tm_buy_line_t *old; /* as it is; NULL: new */
    tm_has_t touched;         /* what differs from old */
    tm_verdict_t papers;      /* what its papers say */
    tm_verdict_t verdict;     /* that, then what decisions say */
    struct unit *unit;
    bool changed; /* by the message itself: facts of the line differ */
    bool counts;  /* after decisions */
} seat_t;

/* The papers of one order as they will be. */
typedef struct unit {
    struct unit *into; /* joined with that one */
    chain_t **chains;
    seat_t **seats;
    uint32_t n_chains, cap_chains, n, cap;
    seat_t *speaker; /* NULL: nothing counts */
    bool judged, decided, refused;
    bool asked_again; /* its partners are sought though nothing about it changed */
} unit_t;

/* A group or decision as it will be. */
typedef struct group_edit {
    tm_dedupe_group_t *group;
    tm_has_t touched;
    bool is_new;
} group_edit_t;
typedef struct decision_edit {
    tm_dedupe_decision_t *decision;
    tm_has_t touched;
    bool is_new;
} decision_edit_t;

typedef struct list {
    void **v;
    uint32_t n, cap;
} list_t;

typedef struct plan {
    tm_turn_t *turn;
    campaign_t *c;
    tm_arena_t *arena;
    list_t units, groups, decisions;
    tm_map_t seats;     /* counter of a line -> seat_t */
    tm_map_t owners;    /* chain -> unit_t */
    chain_keys_t first; /* of the first line, mostly the only one: noted when a second one comes */
    unit_t *first_of;   /* NULL: there is none, or it is noted */
    tm_smap_t numbers;  /* "station|number" -> unit_t */
    tm_smap_t alternates;  /* "station|alternate" -> list_t of unit_t */
    tm_map_t groups_by;    /* counter -> group_edit_t */
    tm_map_t decisions_by; /* counter -> decision_edit_t */
    tm_smap_t problems;    /* exceptions opened by this plan, so that none is opened twice */
} plan_t;

plan_t campaign_plan(tm_turn_t *turn, campaign_t *c);
void campaign_plan_done(plan_t *p);
/* A line that is new (with its id), or one that is here and as it shall be, with what differs.
 * Lines that belong to one order join its unit. */
seat_t *campaign_plan_line(plan_t *p, tm_buy_line_t *line, const tm_has_t *touched);
/* A line of the campaign as it will be, taken into the plan with its order. NULL: no such line. */
seat_t *campaign_plan_seat(plan_t *p, uint32_t line);
/* The unit of a line, taken into the plan. */
unit_t *campaign_plan_unit(plan_t *p, uint32_t line);
/* Who speaks for a line's order in the end; NULL: nothing of it counts by its papers, or it is put
 * away. */
seat_t *campaign_plan_speaker(plan_t *p, uint32_t line);
/* Works out everything; a unit too large is refused alone (unit->refused). */
void campaign_plan_run(plan_t *p);
/* What the campaign's booked gross changes by. */
tm_cents_t campaign_plan_change(plan_t *p);
void campaign_plan_stage(plan_t *p);

/* Writes a field of a seat's line. */
#define SEAT_SET(seat, field, ...) \
    TM_SET_TOUCHED((seat)->line, &(seat)->touched, TM_BUY_LINE, field, __VA_ARGS__)
void campaign_seat_clear(seat_t *seat, unsigned index);
/* The shares a seat puts into the matrix, in the arena. *ret_n 0: none. */
tm_share_t *campaign_seat_shares(plan_t *p, const seat_t *seat, uint32_t *ret_n);
/* Puts a line away: nothing is deleted, why says what became of it. Its unit is judged again. */
void campaign_seat_put_away(plan_t *p, seat_t *seat, const char *why);
/* The line is out of the matrix by a decision: standing, survivor and reason in words. */
void campaign_seat_out(plan_t *p, seat_t *seat, int standing, uint32_t decision, tm_id_t survivor,
                       tm_str_t why);

/* Records of the plan: new ones, or copies of those that are here, to be changed. */
group_edit_t *campaign_plan_group(plan_t *p, uint32_t group);          /* 0: a new one */
decision_edit_t *campaign_plan_decision(plan_t *p, uint32_t decision); /* 0: a new one */
bool campaign_plan_in_force(const plan_t *p, uint32_t decision);
/* The action of a decision that is in force, -1 otherwise. */
int campaign_plan_action(const plan_t *p, uint32_t decision);
void campaign_list_add(tm_arena_t *arena, list_t *list, void *item);
/* Opens an exception about a line unless it is open. details: printf. */
void campaign_plan_problem(plan_t *p, const char *kind, const tm_buy_line_t *line,
                           tm_str_t details);

/* The passes of campaign_plan_run, in their own files. */
void campaign_plan_decide(plan_t *p);   /* campaign_decide.c: copies, parts, sums */
void campaign_plan_covers(plan_t *p);   /* campaign_covers.c */
void campaign_plan_groups(plan_t *p);   /* campaign_groups.c */
void campaign_plan_concerns(plan_t *p); /* campaign_concerns.c: edits gone stale, variance */
#endif
